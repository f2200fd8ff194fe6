//! What requests cost: calls to the table, as the chart in `store` has them.

mod bill;

use ags_shared::auth::jwks::KeyFetcher;
use ags_shared::config::KeyFetchConfig;
use ags_tests::{Classroom, ToolHost, Wire, World};
use reqwest::Method;
use serde_json::{Value, json};

/// Makes a request and tells the calls that it took, in alphabetical order.
async fn calls(classroom: &Classroom, wire: &Wire, method: Method, url: &str, body: &Value) -> Vec<String> {
    wire.answered_calls();
    let answer = classroom.call(method, url, &classroom.token, body).await;
    assert!(answer.status < 300, "{answer:?}");
    let mut calls = wire.answered_calls();
    calls.sort();
    calls
}

#[tokio::test]
async fn every_request_takes_the_calls_of_the_chart() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let list = classroom.course.lineitems.clone();
    // The first request also reads the published keys.
    let item = classroom.item(10).await;
    let body = json!({ "label": "Essay", "scoreMaximum": 10 });
    let score = classroom.score("ada", 5, 10);
    let nothing = Value::Null;
    let scores = format!("{item}/scores");
    let results = format!("{item}/results");
    let (of_ada, about_ada) = (format!("{results}?user_id=ada"), format!("{results}/ada"));

    let chart: [(Method, &str, &Value, &[&str]); 10] = [
        (Method::POST, &list, &body, &["BatchGetItem", "PutItem"]),
        (Method::GET, &list, &nothing, &["BatchGetItem", "Query"]),
        (Method::GET, &item, &nothing, &["BatchGetItem"]),
        (Method::PUT, &item, &body, &["BatchGetItem", "UpdateItem"]),
        (Method::POST, &scores, &score, &["BatchGetItem", "PutItem", "UpdateItem"]),
        (Method::POST, &scores, &score, &["BatchGetItem", "PutItem", "UpdateItem"]),
        (Method::GET, &results, &nothing, &["BatchGetItem", "Query"]),
        (Method::GET, &of_ada, &nothing, &["BatchGetItem"]),
        (Method::GET, &about_ada, &nothing, &["BatchGetItem"]),
        (Method::DELETE, &item, &nothing, &["BatchGetItem", "UpdateItem"]),
    ];
    for (method, url, body, expected) in chart {
        assert_eq!(calls(&classroom, &wire, method.clone(), url, body).await, expected, "{method} {url}");
    }
    wire.answered_calls();
    let repeatable = classroom.request(Method::POST, &list).header("Idempotency-Key", "k").json(&body);
    classroom.send(repeatable).await.expect(201);
    assert_eq!(wire.answered_calls(), ["BatchGetItem", "PutItem", "PutItem"], "POST under a key");
    classroom.full_token(&classroom.tool).await;
    assert_eq!(wire.answered_calls(), ["Query", "PutItem"], "token");
}

/// Its keys come from its own host: once, and then with the registration.
#[tokio::test]
async fn a_token_for_a_tool_by_address_takes_no_more_calls_once_its_keys_are_known() {
    let (world, wire) = World::fetching_behind_a_wire(KeyFetcher::new(KeyFetchConfig {
        allow_loopback: true,
        ..KeyFetchConfig::default()
    }))
    .await;
    let host = ToolHost::http().await;
    let tool = world.tool_at("tool", &format!("http://127.0.0.1:{}/jwks", host.port())).await;
    host.publishes(&tool.key.jwks(), &[]);
    // The first token also reads the signing keys.
    world.full_token(&world.tool("other").await).await;
    for expected in [&["Query", "UpdateItem", "UpdateItem", "Query", "PutItem"][..], &["Query", "PutItem"]] {
        wire.answered_calls();
        world.full_token(&tool).await;
        assert_eq!(wire.answered_calls(), expected);
    }
}

#[tokio::test]
async fn users_without_a_result_cost_few_calls_however_many_they_are() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    let started: Vec<_> = (0..300)
        .map(|number| {
            let mut score = classroom.score(&format!("a{number:03}"), 5, 10);
            score["scoreGiven"] = Value::Null;
            score
        })
        .collect();
    for some in started.chunks(30) {
        let answers = classroom.grade_at_once(&item, some).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
    }
    classroom.grade(&item, &classroom.score("z", 5, 10)).await.expect(200);
    assert_eq!(classroom.rows(&item).await.len(), 301);
    let calls = calls(&classroom, &wire, Method::GET, &format!("{item}/results?limit=1"), &Value::Null).await;
    assert!(calls.len() <= 10, "{calls:?}");
}
