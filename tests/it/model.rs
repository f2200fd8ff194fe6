//! The service against a model of it that fits in the head: any sequence of posts, changes of the maximum and a
//! deletion must leave both with the same answers and the same results.

use std::collections::BTreeMap;

use ags_tests::Classroom;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

const USERS: [&str; 2] = ["ada", "bob"];
const ACTIVITIES: [&str; 5] = ["Initialized", "Started", "InProgress", "Submitted", "Completed"];
const GRADINGS: [&str; 5] = ["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"];

/// A score, with few values for everything, so that times meet and bodies repeat.
#[derive(Debug, Clone, PartialEq)]
struct Post {
    user: usize,
    second: u32,
    activity: usize,
    grading: usize,
    /// Given and maximum; every quotient of these and of the maxima below ends.
    points: Option<(u32, u32)>,
    comment: Option<&'static str>,
    grader: Option<&'static str>,
}

#[derive(Debug, Clone)]
enum Step {
    Post(Post),
    Maximum(u32),
    Delete,
}

fn posts() -> impl Strategy<Value = Post> {
    let points = proptest::option::weighted(0.8, (0u32..5, proptest::sample::select(vec![1, 2, 4, 5])));
    let comment = proptest::option::of(proptest::sample::select(vec!["well done", "see me"]));
    let grader = proptest::option::of(Just("teacher"));
    (0..USERS.len(), 0u32..6, 0..ACTIVITIES.len(), 0..GRADINGS.len(), points, comment, grader).prop_map(
        |(user, second, activity, grading, points, comment, grader)| {
            // Half of all scores are final, or results would be rare.
            let grading = if second % 2 == 0 { 0 } else { grading };
            Post { user, second, activity, grading, points, comment, grader }
        },
    )
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        30 => posts().prop_map(Step::Post),
        4 => proptest::sample::select(vec![1, 2, 10]).prop_map(Step::Maximum),
        1 => Just(Step::Delete),
    ];
    proptest::collection::vec(step, 1..30)
}

impl Post {
    fn body(&self) -> Value {
        let mut body = json!({
            "userId": USERS[self.user],
            "timestamp": format!("2026-11-21T11:59:{:02}Z", self.second),
            "activityProgress": ACTIVITIES[self.activity],
            "gradingProgress": GRADINGS[self.grading],
            "comment": self.comment,
            "scoringUserId": self.grader,
        });
        if let Some((given, maximum)) = self.points {
            body["scoreGiven"] = given.into();
            body["scoreMaximum"] = maximum.into();
        }
        body
    }
}

/// What the service should hold: the maximum, and for each user the last score that counted and the final points.
struct Model {
    maximum: u32,
    deleted: bool,
    users: BTreeMap<usize, (Post, Option<(u32, u32)>)>,
}

impl Model {
    /// The status with which a step is answered, after it has taken effect.
    fn take(&mut self, step: &Step) -> u16 {
        if self.deleted {
            return 404;
        }
        match step {
            Step::Maximum(maximum) => self.maximum = *maximum,
            Step::Delete => {
                self.deleted = true;
                return 204;
            }
            Step::Post(post) => {
                let on_record = self.users.get(&post.user);
                if on_record.is_some_and(|(last, _)| last.second > post.second) {
                    return 409;
                }
                let before = on_record.and_then(|(_, points)| *points);
                let points = match (post.points, GRADINGS[post.grading]) {
                    (None, _) => None,
                    (Some(points), "FullyGraded") => Some(points),
                    (Some(_), _) => before,
                };
                self.users.insert(post.user, (post.clone(), points));
            }
        }
        200
    }

    /// The results, in the order of the users' ids.
    fn results(&self, item: &str) -> Vec<Value> {
        let shown = self.users.iter().filter_map(|(user, (last, points))| {
            let (given, maximum) = (*points)?;
            let score = f64::from(given * self.maximum) / f64::from(maximum);
            let mut result = json!({
                "id": format!("{item}/results/{}", USERS[*user]),
                "scoreOf": item,
                "userId": USERS[*user],
                "resultScore": score,
                "resultMaximum": self.maximum,
            });
            if let Some(comment) = last.comment {
                result["comment"] = comment.into();
            }
            if let Some(grader) = last.grader {
                result["scoringUserId"] = grader.into();
            }
            Some(result)
        });
        shown.collect()
    }
}

/// Numbers as doubles: JSON writes 7 and 7.0 for the same grade.
fn comparable(mut results: Vec<Value>) -> Vec<Value> {
    for result in &mut results {
        for name in ["resultScore", "resultMaximum"] {
            result[name] = result[name].as_f64().into();
        }
    }
    results
}

async fn play(steps: &[Step]) {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut model = Model { maximum: 10, deleted: false, users: BTreeMap::new() };
    for (number, step) in steps.iter().enumerate() {
        let answer = match step {
            Step::Post(post) => classroom.grade(&item, &post.body()).await,
            Step::Maximum(maximum) => {
                let body = json!({ "label": "Essay", "scoreMaximum": maximum });
                classroom.replace(&item, &body).await
            }
            Step::Delete => classroom.delete(&item, &classroom.token).await,
        };
        assert_eq!(answer.status, model.take(step), "step {number}, {step:?}: {}", answer.text);
        let read = classroom.read(&format!("{item}/results")).await;
        if model.deleted {
            read.expect(404);
            continue;
        }
        let results = read.expect(200).json().as_array().unwrap().clone();
        assert_eq!(comparable(results), comparable(model.results(&item)), "after step {number}, {step:?}");
    }
    let rows = classroom.rows(&item).await;
    assert_eq!(rows.len(), model.users.len(), "one row for each user");
}

#[test]
fn any_sequence_leaves_the_service_and_the_model_with_the_same_results_ags_99_105_106_109_111() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // The same sequences in every run.
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&steps(), |steps| {
        runtime.block_on(play(&steps));
        Ok(())
    });
    outcome.unwrap();
}
