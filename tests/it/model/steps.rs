//! Random sequences of what a tool and an instructor do to one line item.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

pub(super) const USERS: [&str; 2] = ["ada", "bob"];
const ACTIVITIES: [&str; 5] = ["Initialized", "Started", "InProgress", "Submitted", "Completed"];
const GRADINGS: [&str; 5] = ["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"];

/// Given and maximum; every quotient of the ones below ends.
pub(super) type Points = (f64, u32);

/// A score, with few values for everything, so that bodies repeat. Times are seconds since 11:00.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) user: &'static str,
    pub(super) second: u32,
    pub(super) activity: &'static str,
    pub(super) grading: &'static str,
    pub(super) points: Option<Points>,
    pub(super) comment: Option<&'static str>,
    pub(super) grader: Option<&'static str>,
    pub(super) started: Option<u32>,
    pub(super) submitted: Option<u32>,
    /// Whether absent members are null instead of left out.
    nulls: bool,
}

/// What an instructor does, with who it is; few of each, so that decisions repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// So many points of so many, and why.
    Give((u32, u32), &'static str, &'static str),
    /// No points any more, and why.
    TakeBack(&'static str, &'static str),
    Comment(&'static str, &'static str),
    TakeCommentBack(&'static str),
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Post(Post),
    /// What an instructor decides about a user.
    Decide(&'static str, Decision),
    /// The line item is worth so much from now on.
    Maximum(u32),
    Delete,
}

impl Step {
    /// Whom it is about.
    pub(super) fn users(&self) -> &[&'static str] {
        match self {
            Self::Post(Post { user, .. }) | Self::Decide(user, _) => std::slice::from_ref(user),
            Self::Maximum(_) | Self::Delete => &USERS,
        }
    }
}

/// A step before it is known what precedes it.
#[derive(Debug, Clone)]
enum Draft {
    /// So many seconds after the user's latest score.
    Post(Post, i32),
    /// One of the earlier posts, to the letter.
    Replay(Index),
    Other(Step),
}

/// That second after 11:00, an hour before the clock of the tests starts.
pub(super) fn at(second: u32) -> String {
    format!("2026-11-21T11:{:02}:{:02}Z", second / 60, second % 60)
}

impl Post {
    /// A blank comment is none (AGS 113).
    pub(super) fn shown_comment(&self) -> Option<&'static str> {
        self.comment.filter(|comment| !comment.trim().is_empty())
    }

    pub(super) fn body(&self) -> String {
        let mut body = json!({
            "userId": self.user,
            "timestamp": at(self.second),
            "activityProgress": self.activity,
            "gradingProgress": self.grading,
            "scoreGiven": self.points.map(|(given, _)| given),
            "scoreMaximum": self.points.map(|(_, maximum)| maximum),
            "comment": self.comment,
            "scoringUserId": self.grader,
            "submission": { "startedAt": self.started.map(at), "submittedAt": self.submitted.map(at) },
        });
        if !self.nulls {
            let given = |members: &mut Value| {
                members.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            };
            given(&mut body);
            given(&mut body["submission"]);
        }
        body.to_string()
    }
}

/// Each of the 25 pairs of progress as often as any other; most posts have points, or results would be rare.
fn posts() -> impl Strategy<Value = Post> {
    let progress = (select(&ACTIVITIES), select(&GRADINGS));
    let points = (select(&[0.0, 0.5, 1.0, 2.5, 4.0, 7.0]), select(&[1, 2, 4, 5]));
    let points = proptest::option::weighted(0.85, points);
    let comment = proptest::option::of(select(&["well done", "see me", " "]));
    let grader = proptest::option::of(Just("teacher"));
    let time = || proptest::option::weighted(0.3, 0u32..60);
    (select(&USERS), progress, points, comment, grader, time(), time(), any::<bool>()).prop_map(
        |(user, (activity, grading), points, comment, grader, started, submitted, nulls)| {
            let second = 0;
            Post { user, second, activity, grading, points, comment, grader, started, submitted, nulls }
        },
    )
}

fn decisions() -> impl Strategy<Value = Decision> {
    let by = || select(&["teacher-1", "teacher-2"]);
    let reason = || select(&["Talked it over", "A slip"]);
    prop_oneof![
        4 => ((0u32..4, select(&[2, 4])), by(), reason())
            .prop_map(|(points, by, reason)| Decision::Give(points, by, reason)),
        3 => (by(), reason()).prop_map(|(by, reason)| Decision::TakeBack(by, reason)),
        3 => (select(&["come and see me", "well argued"]), by())
            .prop_map(|(text, by)| Decision::Comment(text, by)),
        2 => by().prop_map(Decision::TakeCommentBack),
    ]
}

/// Most scores are later than those before; some come at the same time, some too late.
pub(super) fn sequences() -> impl Strategy<Value = Vec<Step>> {
    let shift = prop_oneof![3 => 1..3, 1 => Just(0), 1 => -3..0];
    let draft = prop_oneof![
        30 => (posts(), shift).prop_map(|(post, shift)| Draft::Post(post, shift)),
        5 => any::<Index>().prop_map(Draft::Replay),
        9 => (select(&USERS), decisions()).prop_map(|(user, made)| Draft::Other(Step::Decide(user, made))),
        3 => select(&[1, 2, 10]).prop_map(|maximum| Draft::Other(Step::Maximum(maximum))),
        1 => Just(Draft::Other(Step::Delete)),
    ];
    proptest::collection::vec(draft, 1..16).prop_map(settle)
}

fn settle(drafts: Vec<Draft>) -> Vec<Step> {
    let mut latest = BTreeMap::from(USERS.map(|user| (user, 30_u32)));
    let mut posts: Vec<Post> = Vec::new();
    let mut settle = |draft| match draft {
        Draft::Post(post, shift) => {
            let latest = latest.entry(post.user).or_default();
            let second = latest.saturating_add_signed(shift);
            *latest = second.max(*latest);
            posts.push(Post { second, ..post });
            posts.last().cloned().map(Step::Post)
        }
        Draft::Replay(_) if posts.is_empty() => None,
        Draft::Replay(index) => Some(Step::Post(index.get(&posts).clone())),
        Draft::Other(step) => Some(step),
    };
    drafts.into_iter().filter_map(&mut settle).collect()
}
