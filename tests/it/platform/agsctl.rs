//! `agsctl`, as an operator runs it on a table: over a directory, and over the table that the environment names.

use std::collections::BTreeSet;

use ags_tests::{Dev, Ended, Environment, Process, Stack};
use agsctl::platform::{OPERATIONS, Takes};
use serde_json::{Value, json};

use super::PLATFORM_CALLS;

/// A table, by the arguments and the variables that name it.
struct Operator {
    environment: Environment,
    options: Vec<String>,
}

impl Operator {
    /// Of the table of a stack.
    fn of(stack: &Stack) -> Self {
        Self { environment: stack.environment("platform"), options: Vec::new() }
    }

    async fn run(&self, arguments: &[&str]) -> Ended {
        let options = self.options.iter().map(String::as_str);
        let arguments: Vec<_> = arguments.iter().copied().chain(options).collect();
        Process::start("agsctl", &arguments, &self.environment).ended().await
    }

    async fn says(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments).await;
        assert!(ended.status.success(), "{arguments:?}: {ended:?}");
        ended.stdout
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        let said = self.says(&[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said}"))
    }
}

/// A course with a tool and a link, made by commands.
async fn make_a_course(operator: &Operator, jwks: &str) {
    let keys = format!("jwks:={jwks}");
    operator.json(&["tools", "put", "quiz", "name=Quiz", &keys, r#"deployments:=["1"]"#]).await;
    operator.json(&["contexts", "put", "algebra", "title=Algebra"]).await;
    operator.json(&["placements", "put", "algebra", "quiz", "deployment=1"]).await;
    operator.json(&["links", "put", "algebra", "quiz", "week-1", "title=Week 1", "score_maximum:=20"]).await;
}

#[test]
fn every_call_of_the_lms_has_a_command_and_every_command_a_call() {
    let calls: BTreeSet<_> = PLATFORM_CALLS.iter().map(|call| (call.method, call.path)).collect();
    let of_lms = |route: &&str| !route.starts_with("/platform/lms");
    let commands = OPERATIONS.iter().map(|operation| (operation.method, operation.route));
    assert_eq!(commands.filter(|(_, route)| of_lms(route)).collect::<BTreeSet<_>>(), calls);
    let always: Vec<_> =
        OPERATIONS.iter().filter(|operation| matches!(operation.takes, Takes::Always(_))).collect();
    assert!(always.iter().all(|operation| operation.method == "PATCH"), "{always:?}");
}

#[tokio::test]
async fn an_operator_makes_a_course_from_nothing_and_takes_a_tool_out_again() {
    let stack = Stack::new().await;
    let operator = Operator::of(&stack);
    let tool = ags_tests::Platform::client("quiz");
    make_a_course(&operator, &tool.key.jwks()).await;
    let claim = operator.json(&["links", "claim", "algebra", "quiz", "week-1", "--user", "ada"]).await;
    let endpoint = &claim["claims"]["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"];
    assert!(endpoint["lineitem"].is_string(), "{claim}");

    // For people, in a table; for programs, an entry a line.
    let table = operator.says(&["tools", "list"]).await;
    let mut lines = table.lines();
    assert!(
        lines.next().is_some_and(|head| head.contains("CLIENT_ID") && head.contains("ENABLED")),
        "{table}"
    );
    assert!(lines.any(|line| line.contains("quiz") && line.contains("true")), "{table}");
    let entries = operator.says(&["tools", "list", "--json"]).await;
    let entries: Vec<Value> = entries.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries[0]["client_id"], "quiz");

    assert_eq!(operator.json(&["tools", "disable", "quiz"]).await["enabled"], false);
    let claim = operator.json(&["links", "claim", "algebra", "quiz", "week-1"]).await;
    assert_eq!(claim["claims"], json!({}));
    assert_eq!(operator.json(&["tools", "enable", "quiz"]).await["enabled"], true);
    assert_eq!(operator.says(&["placements", "delete", "algebra", "quiz"]).await, "");
    let refused = operator.run(&["placements", "show", "algebra", "quiz"]).await;
    assert!(
        !refused.status.success() && refused.stderr.contains("There is no such placement."),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_operator_registers_the_lms_which_nothing_over_the_network_can_do() {
    let stack = Stack::new().await;
    let operator = Operator::of(&stack);
    let lms = ags_tests::Platform::client("lms");
    let keys = format!("jwks:={}", lms.key.jwks());
    assert_eq!(operator.json(&["lms", "put", "lms", "name=LMS", &keys]).await["enabled"], true);
    let scope = format!("{}/scope/platform", stack.services.links.issuer());
    let mut function = stack.start("token").await;
    stack.token(&mut function, &lms, &[&scope]).await;
    let listed = operator.json(&["lms", "list"]).await;
    assert_eq!((&listed["client_id"], &listed["name"]), (&json!("lms"), &json!("LMS")));

    // It is no tool, and no tool becomes one.
    assert_eq!(operator.says(&["tools", "list", "--json"]).await, "");
    for command in [&["tools", "put", "lms"][..], &["tools", "change", "lms"], &["tools", "disable", "lms"]] {
        let body: &[&str] =
            if command[1] == "disable" { &[] } else { &["name=X", &keys, r#"deployments:=["1"]"#] };
        let ended = operator.run(&[command, body].concat()).await;
        assert!(!ended.status.success(), "{command:?}: {ended:?}");
    }
    operator.json(&["tools", "put", "quiz", "name=Quiz", &keys, r#"deployments:=["1"]"#]).await;
    assert!(!operator.run(&["lms", "put", "quiz", "name=Quiz", &keys]).await.status.success());

    assert_eq!(operator.json(&["lms", "disable", "lms"]).await["enabled"], false);
    let assertion = lms.assertion(&stack.token_url(), stack.services.now().unix_seconds()).sign();
    let event = ags_tests::Event::token(&stack.token_url(), &assertion, &scope);
    function.answer(&event).await.expect(400);
}

#[tokio::test]
async fn an_lms_that_an_operator_lets_only_read_gets_no_token_to_write() {
    let stack = Stack::new().await;
    let operator = Operator::of(&stack);
    let reader = ags_tests::Platform::client("reader");
    let keys = format!("jwks:={}", reader.key.jwks());
    let mut function = stack.start("token").await;
    for (read_only, granted, refused) in
        [("true", "platform.readonly", "platform"), ("false", "platform", "none")]
    {
        let read_only = format!("read_only:={read_only}");
        let made = operator.json(&["lms", "put", "reader", "name=Reader", &keys, &read_only]).await;
        assert_eq!(made["read_only"].to_string(), read_only[11..], "{made}");
        let scope = |name: &str| format!("{}/scope/{name}", stack.services.links.issuer());
        stack.token(&mut function, &reader, &[&scope(granted)]).await;
        let assertion = reader.assertion(&stack.token_url(), stack.services.now().unix_seconds()).sign();
        let event = ags_tests::Event::token(&stack.token_url(), &assertion, &scope(refused));
        assert_eq!(function.answer(&event).await.refusal(), "invalid_scope");
    }
}

#[tokio::test]
async fn an_operator_works_on_the_directory_of_a_laptop_while_it_is_served_and_after() {
    let place = tempfile::tempdir().expect("a directory");
    let dev = Dev::start(place.path()).await;
    let dir = place.path().to_str().expect("a path in UTF-8");
    let operator =
        Operator { environment: Environment::new(), options: vec!["--dir".to_owned(), dir.to_owned()] };
    let show = ["links", "show", "demo-course-1", "demo-tool", "demo-quiz-1"];
    let link = operator.json(&show).await;
    assert_eq!(link["line_item_url"], dev.text("/lineitem_url"));
    let grades = operator.json(&["grades", "list", "demo-course-1", "--user", "demo-learner-1"]).await;
    assert_eq!(grades["result"]["score"], 8);
    dev.end("TERM").await;
    assert_eq!(operator.json(&show).await, link);
}
