//! What disturbs an exam: calls that are throttled here and there, and an outage of the table in the middle.

use std::time::Duration;

use ags_tests::{Fault, Wire};
use tokio::time::sleep;

use super::session::Session;

const CALLS: [&str; 4] = ["BatchGetItem", "Query", "PutItem", "UpdateItem"];
/// One call is throttled so often.
const EVERY: Duration = Duration::from_millis(200);
/// How long each part of the outage lasts.
const PART: Duration = Duration::from_secs(3);
/// First writes are carried out, but the answer is a failure: whoever sends the score again must not make two of it. Then
/// nothing can be reached. Then one partition has more writes than it bears.
const OUTAGE: [(&[&str], Fault); 3] = [
    (&["PutItem", "UpdateItem"], Fault::LoseAnswer),
    (&CALLS, Fault::AWAY),
    (&["UpdateItem"], Fault::THROTTLED),
];

/// Disturbs the exam as long as it goes on; it never ends by itself.
pub(crate) async fn disturb(wire: &Wire, session: &Session) {
    let mut passed = false;
    for call in CALLS.iter().cycle() {
        if !passed && session.is_past(50) {
            passed = true;
            for (calls, fault) in OUTAGE {
                for call in calls {
                    wire.always(fault, call, "");
                }
                sleep(PART).await;
                wire.mend();
            }
        }
        // One at a time: where calls are few, because many requests wait, they would all be throttled.
        if wire.is_spent() {
            wire.next(1, Fault::THROTTLED, call, "");
        }
        sleep(EVERY).await;
        // It keeps all that went over it, which nobody asks for here.
        wire.take_calls();
    }
}
