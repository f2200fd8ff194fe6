//! How requests ended, in the words that the README has.

use ags_shared::domain::{ContextId, ScopeSet};
use ags_tests::{Event, Function, LINEITEM, Platform, Stack};
use serde_json::{Value, json};

use super::Office;

fn said(line: &Value) -> (&str, Option<&str>) {
    (line["outcome"].as_str().unwrap(), line["reason"].as_str())
}

#[tokio::test]
async fn the_line_of_a_score_says_whether_it_was_accepted_replayed_stale_or_refused_and_why_ags_99() {
    let mut office = Office::new().await;
    let token = office.tools_token().await;
    let tool = Platform::client("tool");
    let (unfit, _) = office.token(&tool, LINEITEM).await;
    let scores = format!("{}/scores", office.item);
    let elsewhere = office.stack.place(&office.stack.tool("other").await, "other").await.lineitems;
    let elsewhere = scores.replace(&office.course.lineitems, &elsewhere);
    let gone = format!("{}/00000000-0000-7000-8000-000000000000/scores", office.course.lineitems);
    let score = office.score(&token, "ada", 5, 0);
    let post = |url: &str| Event::new("POST", url).bearer(&token).body("application/json", "{}");
    let refused = |reason| ("refused", Some(reason));
    for (event, expected) in [
        (score.clone(), ("accepted", None)),
        (score.clone(), ("replayed", None)),
        (office.score(&token, "ada", 6, 1), ("accepted", None)),
        (score.clone(), ("stale", None)),
        (office.score(&token, "ada", 6, 3_600), refused("invalid-member")),
        (office.body(&token, "[]"), refused("invalid-body")),
        (office.body(&token, &"x".repeat(300_000)), refused("too-large")),
        (post(&scores).body("text/plain", "{}"), refused("unsupported-media-type")),
        (score.clone().header("accept", "text/plain"), refused("not-acceptable")),
        (office.score("hunter2", "ada", 6, 0), refused("malformed_token")),
        (office.score(&unfit, "ada", 6, 0), refused("scope")),
        (Event::new("GET", &scores).bearer(&token), refused("method-not-allowed")),
    ] {
        let (_, line) = office.ask("scores", &event).await;
        assert_eq!(said(&line), expected, "{line}");
    }
    let body = office.score(&token, "ada", 7, 2).to_json()["body"].as_str().unwrap().to_owned();
    for (url, reason) in [(elsewhere, "not_placed"), (gone, "not-found")] {
        let (_, line) = office.ask("scores", &post(&url).body("application/json", &body)).await;
        assert_eq!(said(&line), refused(reason), "{line}");
    }
    office.wire.refuse("BatchGetItem", "");
    let (_, line) = office.ask("scores", &score).await;
    assert_eq!((said(&line), &line["level"]), (("failed", Some("internal")), &json!("ERROR")), "{line}");
    office.wire.mend();
    office.stack.register(&tool, |tool| tool.scopes = ScopeSet::from_names([LINEITEM])).await;
    assert_eq!(said(&office.ask("scores", &score).await.1), refused("scope"));
    office.stack.register(&tool, |tool| tool.enabled = false).await;
    assert_eq!(said(&office.ask("scores", &score).await.1), refused("disabled"));
    office.lines().await;
}

/// The id that an operator gets from a caller, those that CloudWatch and the gateway know, whose it is, and what it is about.
#[tokio::test]
async fn the_line_of_a_request_leads_to_its_tool_token_course_and_line_item() {
    let mut office = Office::new().await;
    let tool = Platform::client("tool");
    let (token, issued) = office.token(&tool, LINEITEM).await;
    let (answer, line) = office.ask("lineitems", &Event::new("GET", &office.item).bearer(&token)).await;
    let context = ContextId::of(&"algebra 1".parse().unwrap()).to_string();
    for (name, value) in [
        ("request_id", answer.header("x-request-id")),
        ("client_id", "tool"),
        ("token_id", issued["token_id"].as_str().unwrap()),
        ("context", &context),
        ("line_item", office.item.rsplit('/').next().unwrap()),
        ("route", "/contexts/{context}/lineitems/{item}"),
        ("method", "GET"),
        ("outcome", "ok"),
        ("xrayTraceId", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"),
    ] {
        assert_eq!(line[name], value, "{name}: {line}");
    }
    assert!(
        line["requestId"].as_str().is_some_and(|id| id.starts_with("8476a536-e9f4-11e8-9739-")),
        "{line}"
    );
    assert_eq!(line["status"], 200);
    let lms = office.lms_token().await;
    let put = Event::new("PUT", &office.platform("contexts/algebra%201")).bearer(&lms);
    let put = put.body("application/json", r#"{"title":"Algebra"}"#);
    let (answer, line) = office.ask("platform", &put).await;
    assert_eq!((answer.status, &line["client_id"], &line["context"]), (200, &json!("lms"), &json!(context)));
    office.lines().await;
}

/// The LMS has the digest from the answer.
#[tokio::test]
async fn the_line_of_an_erasure_says_how_much_was_removed_and_of_whom_only_a_digest_ags_90() {
    let mut office = Office::new().await;
    let token = office.tools_token().await;
    let lms = office.lms_token().await;
    office.ask("scores", &office.score(&token, "ada", 5, 0)).await.0.expect(200);
    let erase = Event::new("DELETE", &office.platform("users/ada")).bearer(&lms);
    let (answer, line) = office.ask("platform", &erase).await;
    assert_eq!((said(&line), &line["target"]), (("erased", None), &json!("audit")), "{line}");
    assert_eq!((&line["results"], &line["history"]), (&json!(1), &json!(1)), "{line}");
    assert_eq!((&line["sha256"], &line["client_id"]), (&answer.json()["sha256"], &json!("lms")), "{line}");
    let (_, line) = office.ask("platform", &erase).await;
    assert_eq!((said(&line), &line["sha256"]), (("ok", None), &json!(null)), "nothing is left: {line}");
    office.lines().await;
}

/// As its setting in Lambda says.
#[tokio::test]
async fn a_function_whose_log_level_is_above_info_writes_only_what_went_wrong() {
    let stack = Stack::new().await;
    let mut environment = stack.environment("token");
    for (name, value) in [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_LAMBDA_LOG_LEVEL", "WARN")] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    let mut function = Function::start("token", &environment).await;
    let jwks = format!("{}/.well-known/jwks.json", stack.services.links.issuer());
    function.answer(&Event::new("GET", &jwks)).await.expect(200);
    let refused = function.answer(&Event::token(&stack.token_url(), "hunter2", LINEITEM)).await.expect(400);
    let logged = function.logged(refused.header("x-request-id")).await;
    let line: Value = serde_json::from_str(&logged).unwrap();
    assert_eq!((&line["level"], said(&line)), (&json!("WARN"), ("refused", Some("malformed_assertion"))));
}
