//! What each call answers in each situation.

use ags_tests::{Answer, Course};
use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

use crate::calls::{CALLS, Call, NEVER, SCOPES, Scene, USER, scored_item};

/// There is no such situation for that call.
const NONE: u16 = 0;

#[rustfmt::skip]
const STATUSES: [(&str, [u16; 8]); 20] = [
    //                                 list  create read  replace score results result delete
    ("nothing special",               [200,  201,   200,  200,    200,  200,    200,   204]),
    ("no token",                      [401,  401,   401,  401,    401,  401,    401,   401]),
    ("every scope but its own",       [403,  403,   403,  403,    403,  403,    403,   403]),
    ("a context without the tool",    [404,  404,   404,  404,    404,  404,    404,   404]),
    ("a line item that never was",    [NONE, NONE,  404,  404,    404,  404,    404,   404]),
    ("a line item without scores",    [200,  201,   200,  200,    200,  200,    404,   204]),
    ("a line item of the platform's", [200,  201,   200,  200,    200,  200,    404,   403]),
    ("a link that never was",         [NONE, 404,   NONE, 400,    NONE, NONE,   NONE,  NONE]),
    ("Accept: text/html",             [406,  406,   406,  406,    406,  406,    406,   406]),
    ("Content-Type: text/plain",      [200,  415,   200,  415,    415,  200,    200,   204]),
    ("a body that is no JSON",        [NONE, 400,   NONE, 400,    400,  NONE,   NONE,  NONE]),
    ("a body that is no object",      [NONE, 400,   NONE, 400,    400,  NONE,   NONE,  NONE]),
    ("a body without members",        [NONE, 400,   NONE, 400,    400,  NONE,   NONE,  NONE]),
    ("a body of 262,145 bytes",       [NONE, 413,   NONE, 413,    413,  NONE,   NONE,  NONE]),
    ("limit=0",                       [400,  201,   200,  200,    200,  400,    200,   204]),
    ("cursor=x",                      [400,  201,   200,  200,    200,  400,    200,   204]),
    ("unknown=x",                     [200,  201,   200,  200,    200,  200,    200,   204]),
    ("If-Match: \"x\"",               [200,  201,   200,  412,    200,  200,    200,   412]),
    ("If-None-Match: *",              [200,  201,   304,  200,    200,  200,    200,   204]),
    ("a score older than the last",   [NONE, NONE,  NONE, NONE,   409,  NONE,   NONE,  NONE]),
];

/// The answer to a call in a situation; `elsewhere` is a context in which the tool is not placed.
async fn answer(scene: &Scene, elsewhere: &Course, call: &Call, situation: &str) -> Answer {
    let Scene { world, tool, course, token, .. } = scene;
    let item = match situation {
        "a line item that never was" => NEVER.to_owned(),
        "a line item without scores" => world.line_item(course, token, 10).await,
        "a line item of the platform's" => world.coupled_line_item(tool, course, "link").await,
        _ => scored_item(world, course, token).await,
    };
    let others: Vec<_> = SCOPES.into_iter().filter(|scope| !call.scopes.contains(scope)).collect();
    let token =
        if situation == "every scope but its own" { &world.token(tool, &others).await } else { token };
    let course = if situation == "a context without the tool" { elsewhere } else { course };

    let request = call.request(world, &course.lineitems, &item).bearer_auth(token);
    let mut request = request.build().unwrap();
    let mut header = |name, value| {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    };
    let body = |value: Value| Some(value.to_string());
    let body = match situation {
        "Accept: text/html" => {
            header(ACCEPT, "text/html");
            None
        }
        "Content-Type: text/plain" => {
            header(CONTENT_TYPE, "text/plain");
            None
        }
        "If-Match: \"x\"" => {
            header(IF_MATCH, "\"x\"");
            None
        }
        "If-None-Match: *" => {
            header(IF_NONE_MATCH, "*");
            None
        }
        "no token" => {
            request.headers_mut().remove(AUTHORIZATION);
            None
        }
        "limit=0" | "cursor=x" | "unknown=x" => {
            request.url_mut().set_query(Some(situation));
            None
        }
        "a link that never was" => {
            body(json!({ "label": "Quiz", "scoreMaximum": 1, "resourceLinkId": "never" }))
        }
        "a body that is no JSON" => Some("{".to_owned()),
        "a body that is no object" => body(json!([])),
        "a body without members" => body(json!({})),
        "a body of 262,145 bytes" => Some(" ".repeat(262_145)),
        "a score older than the last" => {
            let mut score = world.score(USER, 5, 10);
            score["timestamp"] = json!("2020-01-01T00:00:00Z");
            body(score)
        }
        _ => None,
    };
    if let Some(body) = body {
        *request.body_mut() = Some(body.into());
    }
    world.send(RequestBuilder::from_parts(world.http.clone(), request)).await
}

/// A refusal is a problem that people can read, too.
#[track_caller]
fn check_refusal(answer: &Answer, what: &str) {
    answer.problem();
    let body = answer.json();
    for name in ["title", "detail"] {
        assert!(body[name].as_str().is_some_and(|text| text.len() > 10), "{name} of {what}: {}", answer.text);
    }
    assert!(answer.text.len() < 1_000, "{what}: {}", answer.text);
}

#[tokio::test]
async fn each_call_has_one_status_for_each_situation_and_tells_why_it_refuses_ags_120() {
    let scene = Scene::new().await;
    scene.world.link(&scene.tool, &scene.course, "link").await;
    let elsewhere = scene.world.place(&scene.tool, "elsewhere").await;
    scene.world.remove(&scene.tool, &elsewhere).await;
    for (situation, statuses) in STATUSES {
        for (call, status) in CALLS.iter().zip(statuses).filter(|(_, status)| *status != NONE) {
            let answer = answer(&scene, &elsewhere, call, situation).await;
            let what = format!("{situation}: {call:?}");
            assert_eq!(answer.status, status, "{what}: {}", answer.text);
            if status >= 400 {
                check_refusal(&answer, &what);
            }
        }
    }
}

#[tokio::test]
async fn each_call_is_put_off_with_503_while_the_table_is_away_ags_120() {
    let (scene, wire) = Scene::behind_a_wire().await;
    wire.fail("BatchGetItem", "");
    for call in &CALLS {
        let answer = scene.call(call, &scene.token).await;
        assert_eq!((answer.status, answer.problem().0.as_str()), (503, "unavailable"), "{call:?}");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
        check_refusal(&answer, &format!("{call:?}"));
    }
}
