//! The purge function, which a timer starts: the end of line items that were deleted long ago.

use std::collections::BTreeSet;
use std::time::Duration;

use ags_purge::purge;
use ags_shared::domain::Timestamp;
use ags_shared::store::{Precondition, UpdateOutcome};
use ags_tests::{Course, Event, Function, Outcome, SCORE, Stack, Tool, Wire};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

/// As the timer makes it.
fn tick() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-21T03:00:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:123456789012:rule/purge"],
        "detail": {},
    })
}

/// A tool's course, in which line items come and go.
struct Scene {
    stack: Stack,
    tool: Tool,
    course: Course,
    scores: Function,
    bearer: String,
    items: usize,
}

impl Scene {
    async fn new(stack: Stack) -> Self {
        let tool = stack.tool("tool").await;
        let course = stack.place(&tool, "course").await;
        let bearer = stack.token(&mut stack.start("token").await, &tool, &[SCORE]).await;
        let scores = stack.start("scores").await;
        Self { stack, tool, course, scores, bearer, items: 0 }
    }

    /// The function, whose log is for programs.
    async fn start(&self, wire: Option<&Wire>) -> Function {
        let mut environment = self.stack.environment("purge");
        environment.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned());
        if let Some(wire) = wire {
            environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), wire.endpoint().to_owned());
        }
        Function::start("purge", &environment).await
    }

    /// A line item on which these users have two scores each.
    async fn item(&mut self, users: &[&str]) -> String {
        self.items += 1;
        let link = format!("link-{}", self.items);
        let item = self.stack.coupled_line_item(&self.tool, &self.course, &link).await;
        for (user, given) in users.iter().flat_map(|user| [(user, 4), (user, 5)]) {
            let score = json!({
                "userId": user, "scoreGiven": given, "scoreMaximum": 10,
                "timestamp": self.stack.services.now().to_string(),
                "activityProgress": "Completed", "gradingProgress": "FullyGraded",
            });
            let event = Event::new("POST", &format!("{item}/scores")).bearer(&self.bearer);
            self.scores.answer(&event.body("application/json", score.to_string())).await.expect(200);
        }
        item
    }

    /// As [`item`](Self::item), deleted so many days ago.
    async fn deleted(&mut self, users: &[&str], days: i128) -> String {
        let item = self.item(users).await;
        let id = item.rsplit('/').next().unwrap().parse().unwrap();
        let (services, client) = (&self.stack.services, self.tool.client_id.parse().unwrap());
        let then = services.now().unix_nanos() - days * 24 * 60 * 60 * 1_000_000_000;
        let then = Timestamp::from_unix_nanos(then).unwrap();
        let any = Precondition::None;
        let deleted = services.store.line_item_delete(&self.course.context, &client, id, &any, then);
        assert!(matches!(deleted.await.unwrap(), UpdateOutcome::Updated(_)));
        item
    }

    /// The keys of all rows, but for those of used assertions.
    async fn keys(&self) -> BTreeSet<(String, String)> {
        let text = |value: &AttributeValue| value.as_s().unwrap().clone();
        let rows = self.stack.all_items().await;
        let keys = rows.iter().map(|row| (text(&row["pk"]), text(&row["sk"])));
        keys.filter(|(pk, _)| !pk.starts_with("JTI#")).collect()
    }

    /// Those of them that are about one of these line items.
    async fn about(&self, items: &[String]) -> BTreeSet<(String, String)> {
        let ids: Vec<_> = items.iter().map(|item| item.rsplit('/').next().unwrap()).collect();
        let mut keys = self.keys().await;
        keys.retain(|(pk, sk)| ids.iter().any(|id| pk.contains(id) || sk.contains(id)));
        keys
    }
}

/// How many line items, results and entries of histories were removed, and whether that was all, as the first line of the
/// log says that has this outcome.
async fn told(function: &mut Function, outcome: &str) -> Value {
    let logged = function.logged(&format!("\"{outcome}\"")).await;
    let lines = logged.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told: Vec<_> = lines.filter(|line| line["outcome"] == outcome).collect();
    json!([told[0]["line_items"], told[0]["results"], told[0]["history"], told[0]["done"]])
}

/// More line items than one call of the store takes.
#[tokio::test]
async fn one_event_ends_all_that_was_deleted_more_than_30_days_ago_and_nothing_else() {
    let mut scene = Scene::new(Stack::new().await).await;
    scene.item(&["ada"]).await;
    scene.deleted(&["ada", "bob"], 29).await;
    let mut kept = scene.keys().await;
    let mut gone = Vec::new();
    for n in 0..22 {
        let users: &[&str] = if n % 10 == 0 { &["ada", "b/b"] } else { &[] };
        gone.push(scene.deleted(users, 31).await);
    }
    let links = scene.keys().await.into_iter().filter(|(_, sk)| sk.starts_with("LINK#"));
    kept.extend(links);
    assert_eq!(scene.about(&gone).await.len(), 22 + 3 * (2 + 4));
    let mut function = scene.start(None).await;
    assert_eq!(function.invoke(&tick()).await, Value::Null);
    assert_eq!(scene.keys().await, kept);
    assert_eq!(told(&mut function, "purged").await, json!([22, 6, 12, true]));
    let said = function.said();
    assert!(!said.contains("ada") && !said.contains("b/b"), "{said}");
}

#[tokio::test]
async fn a_table_that_refuses_is_an_error_of_the_invocation_and_the_next_one_completes_it() {
    let (stack, wire) = Stack::beside_a_wire().await;
    let mut scene = Scene::new(stack).await;
    let gone = [scene.deleted(&["ada"], 31).await, scene.deleted(&["bob"], 31).await];
    let mut function = scene.start(Some(&wire)).await;
    // At the list, at a history, at a result, and at a line item.
    for (operation, containing, left) in [
        ("Query", "DELETED", 8),
        ("BatchWriteItem", "SCORE#", 8),
        ("BatchWriteItem", "\"USER#", 6),
        ("DeleteItem", "", 5),
    ] {
        wire.refuse(operation, containing);
        let outcome = function.outcome(&tick()).await;
        assert!(matches!(outcome, Outcome::Error(_)), "{operation} {containing}: {outcome:?}");
        let said = format!("{outcome:?}");
        assert!(said.contains("AccessDenied") && !said.contains("ada"), "{said}");
        assert_eq!(scene.about(&gone).await.len(), left, "{operation} {containing}");
        wire.mend();
    }
    function.invoke(&tick()).await;
    assert!(scene.about(&gone).await.is_empty());
    assert_eq!(told(&mut function, "failed").await, json!([0, 0, 0, false]));
    assert!(!function.said().contains("ada"), "{}", function.said());
}

#[tokio::test]
async fn two_at_once_end_it_together_and_neither_fails() {
    let (stack, wire) = Stack::beside_a_wire().await;
    let mut scene = Scene::new(stack).await;
    let mut gone = Vec::new();
    for _ in 0..3 {
        gone.push(scene.deleted(&["ada", "bob"], 31).await);
    }
    let kept = scene.item(&["ada"]).await;
    let before = scene.about(std::slice::from_ref(&kept)).await;
    let first = scene.start(Some(&wire)).await;
    let mut second = scene.start(None).await;
    // The one has read what it will remove, and waits; the other removes it.
    wire.hold("BatchWriteItem", "SCORE#");
    let waiting = first.send(&tick());
    wire.held("BatchWriteItem", "SCORE#").await;
    second.invoke(&tick()).await;
    wire.mend();
    wire.release();
    assert!(matches!(waiting.await.unwrap(), Outcome::Response(Value::Null)));
    assert!(scene.about(&gone).await.is_empty());
    assert_eq!(scene.about(&[kept]).await, before);
    assert_eq!(told(&mut second, "purged").await[0], 3);
}

#[tokio::test]
async fn whatever_the_event_is_it_is_only_a_tick() {
    let mut scene = Scene::new(Stack::new().await).await;
    let mut function = scene.start(None).await;
    for event in [Value::Null, json!(1), json!("x"), json!([{}]), json!({ "rawPath": "/", "version": "2.0" })]
    {
        let gone = scene.deleted(&["ada"], 31).await;
        function.invoke(&event).await;
        assert!(scene.about(&[gone]).await.is_empty(), "{event}");
    }
}

/// A call of the store takes twenty line items.
#[tokio::test]
async fn a_run_whose_time_is_up_leaves_the_rest_to_the_next() {
    let mut scene = Scene::new(Stack::new().await).await;
    let mut gone = Vec::new();
    for _ in 0..21 {
        gone.push(scene.deleted(&[], 31).await);
    }
    for left in [1, 0] {
        let services = &scene.stack.services;
        purge(&services.store, services.now(), Duration::ZERO).await.unwrap();
        assert_eq!(scene.about(&gone).await.len(), left);
    }
}
