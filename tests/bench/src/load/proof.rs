//! That nothing was lost.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::plan::{Plan, STAGES, name};
use super::session::Session;
use crate::figures::grouped;

/// Holds the table to what was acknowledged: of each score there is one entry in the history, and each result is what the
/// last score of its learner said, as the tools read it.
///
/// # Panics
/// If anything else is there, or less.
pub(crate) async fn prove(session: &Session) -> String {
    let plan = &session.plan;
    let scores = plan.learners * STAGES;
    assert_eq!(session.acknowledged(), scores, "every score was acknowledged");
    let mut expected = BTreeMap::new();
    for (tool, desk) in session.desks.iter().enumerate() {
        let id = desk.item.rsplit('/').next().expect("the URL of a line item");
        // Both in the order of the users' ids.
        let read = session.all_results(desk).await;
        let last: Vec<_> = plan.learners_of(tool).map(|learner| result(plan, &desk.item, learner)).collect();
        for (read, last) in read.iter().zip(&last) {
            assert_eq!(read, last, "a result is not the last one that was sent");
        }
        assert_eq!(read.len(), last.len(), "results of {}", desk.item);
        for learner in plan.learners_of(tool) {
            for stage in 0..STAGES {
                let partition = format!("ITEM#{id}#USER#{}", name(learner));
                expected.insert((partition, plan.score(learner, stage).to_string()), 1);
            }
        }
    }
    let mut found = BTreeMap::new();
    for row in session.stack.all_items().await {
        let text = |name: &str| row[name].as_s().expect("a text").clone();
        if text("sk").starts_with("SCORE#") {
            assert!(!row.contains_key("outcome"), "a score that counted for nothing: {row:?}");
            *found.entry((text("pk"), text("body"))).or_default() += 1;
        }
    }
    let entries = found.values().sum::<usize>();
    assert_eq!(entries, scores, "entries of the history, and scores that were acknowledged");
    assert!(found == expected, "the history is not of the scores that were sent");
    format!(
        "Nothing was lost: the history has {} entries, one for each score that was acknowledged, and the {} results are the \
         last ones that were sent.",
        grouped(scores as u64),
        grouped(plan.learners as u64),
    )
}

/// What a learner's result is in the end.
fn result(plan: &Plan, item: &str, learner: usize) -> Value {
    let last = plan.score(learner, STAGES - 1);
    json!({
        "id": format!("{item}/results/{}", name(learner)),
        "scoreOf": item,
        "userId": last["userId"],
        "resultScore": last["scoreGiven"],
        "resultMaximum": 100,
        "comment": last["comment"],
    })
}
