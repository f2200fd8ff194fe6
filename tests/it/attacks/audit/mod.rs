//! What the log of the built functions says of it all: a line for each, the true reason, and nothing that opens a door.

mod bearers;
mod tokens;

use ags_tests::{Answer, Environment, Event, Function};
use serde_json::{Value, json};

async fn start(name: &str, mut environment: Environment) -> Function {
    environment.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned());
    Function::start(name, &environment).await
}

/// The lines that tell the end of the request that got this answer.
async fn audited(function: &mut Function, answer: &Answer) -> Vec<Value> {
    let id = answer.header("x-request-id");
    let logged = function.logged(id).await;
    let lines = logged.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["request_id"] == id && !line["outcome"].is_null()).collect()
}

/// The one line about it, which says that it was refused for this reason.
async fn refused(function: &mut Function, event: &Event, reason: &str) -> Value {
    let answer = function.answer(event).await;
    assert!((400..500).contains(&answer.status), "{reason}: {answer:?}");
    let mut lines = audited(function, &answer).await;
    assert_eq!(lines.len(), 1, "{reason}: {lines:?}");
    let line = lines.remove(0);
    let (target, outcome) = (&line["target"], &line["outcome"]);
    assert_eq!(
        (target, outcome, &line["reason"]),
        (&json!("audit"), &json!("refused"), &json!(reason)),
        "{line}"
    );
    assert!(line["cause"].as_str().is_some_and(|cause| cause.len() > 10), "{line}");
    line
}
