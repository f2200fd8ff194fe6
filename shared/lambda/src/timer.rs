//! What a timer starts.

use std::time::Duration;

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::domain::Timestamp;
use lambda_http::lambda_runtime::{self, service_fn};
use lambda_http::{Error, LambdaEvent};
use serde::de::IgnoredAny;

/// What is left of the time of an invocation when no more work may be started: one piece of it, and the answer, take less.
const RESERVE: Duration = Duration::from_secs(30);
/// The time of an invocation whose deadline cannot be true, because it has passed: some emulators send always the same.
const WITHOUT_DEADLINE: Duration = Duration::from_mins(1);

/// Does `job` for each event, whatever it holds, until the process is stopped. The job is told for how long it may start
/// more work. An error of it is one of the invocation: Lambda tries it again, and then keeps the event for the operator.
///
/// # Errors
/// If the runtime API of Lambda fails.
pub async fn run_timer<F: Future<Output = Result<(), Error>>>(
    job: impl Fn(Duration) -> F,
) -> Result<(), Error> {
    let handle = |event: LambdaEvent<IgnoredAny>| job(time_left(event.context.deadline, SystemClock.now()));
    lambda_runtime::run(service_fn(handle)).await
}

/// For how long more work may be started before a deadline in milliseconds since 1970.
fn time_left(deadline: u64, now: Timestamp) -> Duration {
    let now = u64::try_from(now.unix_nanos() / 1_000_000).unwrap_or_default();
    let left = deadline.checked_sub(now).map_or(WITHOUT_DEADLINE, Duration::from_millis);
    left.saturating_sub(RESERVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_started_until_half_a_minute_before_the_deadline() {
        let now = Timestamp::from_unix_nanos(1_795_262_400_000_000_000).unwrap();
        assert_eq!(time_left(1_795_262_700_000, now), Duration::from_secs(270));
        assert_eq!(time_left(1_795_262_410_000, now), Duration::ZERO);
        assert_eq!(time_left(600_000, now), Duration::from_secs(30), "a deadline of 1970 is none");
    }
}
