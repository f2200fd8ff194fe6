//! What the service should hold and answer, as simple as it can be said.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::steps::{Decision, Points, Post, Step, at};

/// A line item of 10 points, and what was sent to it.
pub(super) struct Model {
    maximum: u32,
    pub(super) deleted: bool,
    grades: BTreeMap<&'static str, Grade>,
    /// What became of each body that was worth a thought, for each user.
    pub(super) history: BTreeMap<(&'static str, String), &'static str>,
    /// Every decision that changed something, in order.
    pub(super) decisions: Vec<(&'static str, Decision)>,
}

/// What is on record for one user.
#[derive(Default)]
struct Grade {
    latest: Option<Post>,
    last: Option<Points>,
    provisional: Option<Points>,
    /// The instructor's points, with who and why.
    decided: Option<(Points, &'static str, &'static str)>,
    /// The instructor's comment, with who.
    said: Option<(&'static str, &'static str)>,
    /// The last decision about points, and about the comment: the same again is none.
    last_decisions: [Option<Decision>; 2],
    started: Option<u32>,
    submitted: Option<u32>,
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            maximum: 10,
            deleted: false,
            grades: BTreeMap::new(),
            history: BTreeMap::new(),
            decisions: Vec::new(),
        }
    }

    /// The status with which a step is answered, after it has taken effect.
    pub(super) fn take(&mut self, step: &Step) -> u16 {
        if let Step::Post(Post { started: Some(started), submitted: Some(submitted), .. }) = step
            && submitted < started
        {
            return 400;
        }
        if self.deleted {
            return 404;
        }
        match step {
            Step::Post(post) => return self.post(post),
            Step::Decide(user, decision) => return self.decide(user, *decision),
            Step::Maximum(maximum) => self.maximum = *maximum,
            Step::Delete => {
                self.deleted = true;
                return 204;
            }
        }
        200
    }

    fn decide(&mut self, user: &'static str, decision: Decision) -> u16 {
        use Decision::{Comment, Give, TakeBack, TakeCommentBack};
        let takes_back = matches!(decision, TakeBack(..) | TakeCommentBack(..));
        let status = if takes_back { 204 } else { 200 };
        if takes_back && !self.grades.contains_key(user) {
            return status;
        }
        let grade = self.grades.entry(user).or_default();
        let about = usize::from(matches!(decision, Comment(..) | TakeCommentBack(..)));
        let nothing_there = [grade.decided.is_none(), grade.said.is_none()][about];
        if takes_back && nothing_there || grade.last_decisions[about] == Some(decision) {
            return status;
        }
        grade.last_decisions[about] = Some(decision);
        match decision {
            Give((given, maximum), by, reason) => grade.decided = Some(((given.into(), maximum), by, reason)),
            TakeBack(..) => grade.decided = None,
            Comment(text, by) => grade.said = Some((text, by)),
            TakeCommentBack(..) => grade.said = None,
        }
        self.decisions.push((user, decision));
        status
    }

    fn post(&mut self, post: &Post) -> u16 {
        let grade = self.grades.entry(post.user).or_default();
        // AGS 99; a score counts or not when it first comes.
        let late = grade.latest.as_ref().is_some_and(|latest| latest.second > post.second);
        self.history.entry((post.user, post.body())).or_insert(if late { "stale" } else { "" });
        if late {
            return 409;
        }
        // AGS 106, 109.
        match (post.points, post.grading) {
            (None, _) => (grade.last, grade.provisional) = (None, None),
            (points, "FullyGraded") => (grade.last, grade.provisional) = (points, None),
            (points, _) => grade.provisional = points,
        }
        // AGS 114, 115.
        let now = Some(post.second);
        grade.started = post.started.or(match post.activity {
            "Initialized" => None,
            "Started" | "InProgress" => grade.started.or(now),
            _ => grade.started,
        });
        grade.submitted = post.submitted.or(match post.activity {
            "Submitted" | "Completed" => grade.submitted.or(now),
            _ => None,
        });
        grade.latest = Some(post.clone());
        200
    }

    /// The result of each user about whom anything is on record, in the order of their ids.
    pub(super) fn results(&self, item: &str) -> BTreeMap<&'static str, Value> {
        let result = |(user, grade): (&&'static str, &Grade)| {
            // AGS 105, 111.
            let score = grade
                .decided
                .map(|(points, ..)| points)
                .or(grade.last)
                .map(|(given, maximum)| given * f64::from(self.maximum) / f64::from(maximum));
            let latest = grade.latest.as_ref();
            let result = json!({
                "id": format!("{item}/results/{user}"),
                "scoreOf": item,
                "userId": user,
                "resultScore": score,
                "resultMaximum": f64::from(self.maximum),
                // AGS 113, 126.
                "comment": grade.said.map(|(text, _)| text).or(latest.and_then(Post::shown_comment)),
                "scoringUserId": grade.decided.map(|(_, by, _)| by).or(latest.and_then(|post| post.grader)),
            });
            (*user, present(&result))
        };
        let on_record = |(_, grade): &(_, &Grade)| grade.latest.is_some() || grade.decided.is_some();
        self.grades.iter().filter(on_record).map(result).collect()
    }

    /// What the table holds for each user, in the same order.
    pub(super) fn rows(&self) -> Vec<Value> {
        let row = |(user, grade): (&&str, &Grade)| {
            let given = |points: Option<Points>| points.map(|(given, _)| given.to_string());
            let maximum = |points: Option<Points>| points.map(|(_, maximum)| maximum.to_string());
            let latest = grade.latest.as_ref();
            present(&json!({
                "sk": format!("USER#{user}"),
                "activity": latest.map(|post| post.activity),
                "grading": latest.map(|post| post.grading),
                "final_given": given(grade.last),
                "final_maximum": maximum(grade.last),
                "provisional_given": given(grade.provisional),
                "provisional_maximum": maximum(grade.provisional),
                "override_given": given(grade.decided.map(|(points, ..)| points)),
                "override_maximum": maximum(grade.decided.map(|(points, ..)| points)),
                "override_by": grade.decided.map(|(_, by, _)| by),
                "override_reason": grade.decided.map(|(.., reason)| reason),
                "instructor_comment": grade.said.map(|(text, _)| text),
                "instructor_comment_by": grade.said.map(|(_, by)| by),
                "comment": latest.and_then(Post::shown_comment),
                "scoring_user": latest.and_then(|post| post.grader),
                "started_at": grade.started.map(at),
                "submitted_at": grade.submitted.map(at),
            }))
        };
        self.grades.iter().map(row).collect()
    }
}

/// The members that have a value.
fn present(value: &Value) -> Value {
    let members = value.as_object().cloned().unwrap_or_default();
    members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
}
