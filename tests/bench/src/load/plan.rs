//! What the tools do during an exam, in the order in which they do it.

use ags_shared::domain::Timestamp;
use serde_json::{Value, json};

/// A tool of the course, with every how many milliseconds it sends what came up since it last did: one sends each score at
/// once, the others in small bursts.
pub(crate) const TOOLS: [(&str, u64); 3] = [("quiz-tool", 1), ("lab-tool", 2_000), ("essay-tool", 5_000)];
/// What becomes of a learner, step by step, and a score for each.
pub(crate) const STAGES: usize = 4;

/// In milliseconds, as all times here: since the exam began, by its own clock.
const EXAM: u64 = 600_000;
const STAGE: u64 = EXAM / STAGES as u64;
/// How often each tool does what no learner causes.
const TOKEN: u64 = 10_000;
const LINE_ITEMS: u64 = 10_000;
const RESULTS: u64 = 5_000;

/// Something that a tool does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// Which of [`TOOLS`].
    pub(crate) tool: usize,
    pub(crate) act: Act,
    /// When it came up.
    at: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Takes a new token, and uses it from then on.
    Token,
    LineItems,
    /// Reads the next page of results, as somebody does who watches the exam.
    Results,
    /// Sends the score of a stage of a learner.
    Score {
        learner: usize,
        stage: usize,
    },
}

/// An exam of ten minutes that ends now.
pub(crate) struct Plan {
    pub(crate) learners: usize,
    pub(crate) steps: Vec<Step>,
    /// In nanoseconds since 1970.
    began: i128,
}

impl Plan {
    pub(crate) fn new(learners: usize, now: Timestamp) -> Self {
        let scores = (0..learners).flat_map(|learner| {
            (0..STAGES).map(move |stage| {
                let act = Act::Score { learner, stage };
                Step { tool: tool_of(learner), act, at: time_of(learner, stage) }
            })
        });
        let others = (0..TOOLS.len()).flat_map(|tool| {
            [(Act::Token, TOKEN), (Act::LineItems, LINE_ITEMS), (Act::Results, RESULTS)].into_iter().flat_map(
                move |(act, every)| {
                    (1..=EXAM / every).map(move |count| Step { tool, act, at: count * every })
                },
            )
        });
        let mut steps: Vec<_> = scores.chain(others).collect();
        // Sorting is stable: what a learner did first also goes first where both go in one burst.
        steps.sort_by_key(|step| step.at);
        steps.sort_by_key(|step| step.at.next_multiple_of(TOOLS[step.tool].1));
        Self { learners, steps, began: now.unix_nanos() - i128::from(EXAM) * 1_000_000 }
    }

    /// A learner's score of a stage. No two are the same.
    pub(crate) fn score(&self, learner: usize, stage: usize) -> Value {
        let at = self.began + i128::from(time_of(learner, stage)) * 1_000_000;
        let at = Timestamp::from_unix_nanos(at).expect("a time of our days");
        let by_hand = learner.is_multiple_of(2);
        let mut score = json!({ "userId": name(learner), "timestamp": at.to_string() });
        let rest = match stage {
            0 => json!({ "activityProgress": "Started", "gradingProgress": "NotReady" }),
            1 => json!({ "activityProgress": "InProgress", "gradingProgress": "NotReady" }),
            2 => json!({
                "activityProgress": "Submitted",
                "gradingProgress": if by_hand { "PendingManual" } else { "Pending" },
                "scoreGiven": learner % 50,
                "scoreMaximum": 100,
            }),
            _ => json!({
                "activityProgress": "Completed",
                "gradingProgress": "FullyGraded",
                "scoreGiven": learner % 101,
                "scoreMaximum": 100,
                "comment": format!("Marked {learner}: four of the five questions are right."),
            }),
        };
        let members = score.as_object_mut().expect("an object");
        members.extend(rest.as_object().cloned().unwrap_or_default());
        score
    }

    /// The learners of a tool.
    pub(crate) fn learners_of(&self, tool: usize) -> impl Iterator<Item = usize> {
        (0..self.learners).filter(move |learner| tool_of(*learner) == tool)
    }
}

/// A learner's user id.
pub(crate) fn name(learner: usize) -> String {
    format!("learner-{learner:06}")
}

fn tool_of(learner: usize) -> usize {
    learner % TOOLS.len()
}

/// Each stage has its part of the exam, over which the learners are spread, in another order each time.
fn time_of(learner: usize, stage: usize) -> u64 {
    let (learner, stage) = (learner as u64, stage as u64);
    stage * STAGE + (learner * 7_919 + stage * 31_337 * learner) % STAGE
}
