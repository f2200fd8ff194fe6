//! The service against a model of it that fits in the head: any sequence of posts, replays, instructor's decisions,
//! changes of the maximum and a deletion must leave both with the same answers, results, rows and history.
//!
//! The sequences are the same in every run. More of them, or others:
//! `MODEL_SEQUENCES=20000 MODEL_SEED=7 cargo test --workspace --test it -- model`.

mod reference;
mod steps;

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::thread;

use ags_tests::Classroom;
use aws_sdk_dynamodb::types::AttributeValue;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use serde_json::{Value, json};

use reference::Model;
use steps::{Decision, Step, USERS};

/// Attributes of a row whose values are no model's concern.
const SEALED: [&str; 6] =
    ["pk", "gsi1pk", "gsi1sk", "fingerprint", "override_decision", "instructor_comment_decision"];
const SEQUENCES: u64 = 2_000;
/// Each has a service and a table of its own: more than there are processors, because a table that fills up gets slow.
const THREADS: u64 = 8;

/// A number in the environment.
#[expect(clippy::disallowed_methods, reason = "it says how long to look, not what to find")]
fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |number| number.parse().unwrap())
}

/// Numbers as doubles: JSON writes 7 and 7.0 for the same grade.
fn comparable(mut result: Value) -> Value {
    for name in ["resultScore", "resultMaximum"] {
        if let Some(number) = result.get_mut(name) {
            *number = number.as_f64().into();
        }
    }
    result
}

/// Plays a sequence on a line item of its own, and looks at what it does after each step.
async fn play(classroom: &Classroom, steps: &[Step]) -> TestCaseResult {
    let item = classroom.item(10).await;
    let mut model = Model::new();
    for (number, step) in steps.iter().enumerate() {
        let status = match step {
            Step::Post(post) => classroom.grade_with(&item, post.body()).await.status,
            Step::Maximum(maximum) => {
                let body = json!({ "label": "Essay", "scoreMaximum": maximum });
                classroom.replace(&item, &body).await.status
            }
            Step::Delete => classroom.delete(&item, &classroom.token).await.status,
            Step::Decide(user, decision) => decide(classroom, &item, user, decision).await,
        };
        prop_assert_eq!(status, model.take(step), "step {}", number);
        compare_results(classroom, &item, &model, step.users()).await?;
    }
    compare_table(classroom, &item, &model).await
}

/// Tells the service what an instructor decides; the status.
async fn decide(classroom: &Classroom, item: &str, user: &str, decision: &Decision) -> u16 {
    let grade = classroom.lms_grade(item, user);
    let (points, comment) = (format!("{grade}/override"), format!("{grade}/comment"));
    let answer = match decision {
        Decision::Give((score, maximum), by, reason) => {
            let body = json!({ "score": score, "maximum": maximum, "by": by, "reason": reason });
            classroom.put(&points, &classroom.lms, &body).await
        }
        Decision::Comment(text, by) => {
            classroom.put(&comment, &classroom.lms, &json!({ "text": text, "by": by })).await
        }
        Decision::TakeBack(by, reason) => {
            let reason = reason.replace(' ', "+");
            classroom.delete(&format!("{points}?by={by}&reason={reason}"), &classroom.lms).await
        }
        Decision::TakeCommentBack(by) => {
            classroom.delete(&format!("{comment}?by={by}"), &classroom.lms).await
        }
    };
    answer.status
}

/// A decision as its history entry has it: kind, who, points, maximum, why, text.
fn entry_of(decision: &Decision) -> [String; 6] {
    let parts = match *decision {
        Decision::Give((given, maximum), by, reason) => {
            return ["override", by, &given.to_string(), &maximum.to_string(), reason, ""].map(str::to_owned);
        }
        Decision::TakeBack(by, reason) => ["override_removed", by, "", "", reason, ""],
        Decision::Comment(text, by) => ["comment", by, "", "", "", text],
        Decision::TakeCommentBack(by) => ["comment_removed", by, "", "", "", ""],
    };
    parts.map(str::to_owned)
}

/// What the tool sees: the list, and the single results of these users.
async fn compare_results(classroom: &Classroom, item: &str, model: &Model, users: &[&str]) -> TestCaseResult {
    let list = classroom.read(&format!("{item}/results")).await;
    let expected = model.results(item);
    prop_assert_eq!(list.status, if model.deleted { 404 } else { 200 });
    if !model.deleted {
        let listed: Vec<_> = list.json().as_array().unwrap().iter().cloned().map(comparable).collect();
        let with_score = expected.values().filter(|result| result.get("resultScore").is_some());
        prop_assert_eq!(listed, with_score.cloned().collect::<Vec<_>>());
    }
    for user in users {
        let single = classroom.result(item, user).await;
        let expected = expected.get(user).filter(|_| !model.deleted);
        let found =
            Some(single).filter(|single| single.status != 404).map(|single| comparable(single.json()));
        prop_assert_eq!(found.as_ref(), expected, "the result of {}", user);
    }
    Ok(())
}

/// What the tool does not see: one row for each user, and one history entry for each different score, and for each decision
/// that changed something.
async fn compare_table(classroom: &Classroom, item: &str, model: &Model) -> TestCaseResult {
    let text = |value: &AttributeValue| value.as_s().unwrap().clone();
    let mut rows = Vec::new();
    for mut row in classroom.rows(item).await {
        // Keys, times, and what tells one body from another.
        row.retain(|name, value| value.is_s() && !SEALED.contains(&name.as_str()));
        rows.push(
            row.iter().map(|(name, value)| (name.clone(), Value::from(text(value)))).collect::<Value>(),
        );
    }
    prop_assert_eq!(rows, model.rows());
    let mut entries = Vec::new();
    for user in USERS {
        let (scores, decisions): (Vec<_>, Vec<_>) = classroom
            .history(item, user)
            .await
            .into_iter()
            .partition(|entry| text(&entry["sk"]).starts_with("SCORE#"));
        let part = |entry: &HashMap<_, _>, name| entry.get(name).map(text).unwrap_or_default();
        let parts = ["kind", "by", "given", "maximum", "reason", "text"];
        let kept: Vec<_> = decisions.iter().map(|entry| parts.map(|name| part(entry, name))).collect();
        let made = model.decisions.iter().filter(|(whose, _)| *whose == user);
        prop_assert_eq!(kept, made.map(|(_, decision)| entry_of(decision)).collect::<Vec<_>>());
        for entry in scores {
            let outcome = entry.get("outcome").map(text).unwrap_or_default();
            entries.push(((user, text(&entry["body"])), outcome));
        }
    }
    let kept: BTreeMap<_, _> =
        entries.iter().map(|((user, body), outcome)| ((*user, body.clone()), outcome.as_str())).collect();
    prop_assert_eq!(kept.len(), entries.len(), "an entry twice");
    prop_assert_eq!(kept, model.history.clone());
    Ok(())
}

/// Plays so many sequences against one service, each on a line item of its own.
fn run(seed: u64, sequences: u64) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let classroom = runtime.block_on(Classroom::new());
    let cases = sequences.try_into().unwrap();
    let config = Config { cases, max_shrink_iters: 500, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&steps::sequences(), |steps| runtime.block_on(play(&classroom, &steps)));
    outcome.map_err(|failure| failure.to_string())
}

#[test]
fn any_sequence_leaves_the_service_and_the_model_with_the_same_grades_ags_99_101_105_106_109_111_113_114_115_126()
 {
    let (sequences, seed) = (number("MODEL_SEQUENCES", SEQUENCES), number("MODEL_SEED", 0));
    let start = |thread| thread::spawn(move || run(seed * THREADS + thread, sequences.div_ceil(THREADS)));
    let threads: Vec<_> = (0..THREADS).map(start).collect();
    let failures: Vec<_> = threads.into_iter().filter_map(|thread| thread.join().unwrap().err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
