//! The built functions behind a stand-in for Lambda's runtime API, with events as API Gateway makes them.

use ags_tests::{Answer, Event, LINEITEM, Outcome, RESULT_READONLY, SCORE, Stack};
use serde_json::{Value, json};

const LINE_ITEM_TYPE: &str = "application/vnd.ims.lis.v2.lineitem+json";
const SCORE_TYPE: &str = "application/vnd.ims.lis.v1.score+json";

fn score(user: &str, given: i64, timestamp: &impl ToString) -> Value {
    json!({
        "userId": user,
        "scoreGiven": given,
        "scoreMaximum": 10,
        "timestamp": timestamp.to_string(),
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    })
}

#[tokio::test]
async fn a_tool_gets_from_token_to_result_through_four_processes() {
    let stack = Stack::new().await;
    let tool = stack.tool("tool").await;
    let course = stack.place(&tool, "course").await;
    let mut function = stack.start("token").await;
    let token = stack.token(&mut function, &tool, &[LINEITEM, SCORE, RESULT_READONLY]).await;

    let mut lineitems = stack.start("lineitems").await;
    let mut created = Vec::new();
    for label in ["One", "Two", "Three"] {
        let body = json!({ "label": label, "scoreMaximum": 20 }).to_string();
        let event = Event::new("POST", &course.lineitems).bearer(&token).body(LINE_ITEM_TYPE, body);
        let answer = lineitems.answer(&event).await.expect(201);
        assert_eq!(answer.header("location"), answer.json()["id"]);
        created.push(answer.json());
    }
    let list = Event::new("GET", &format!("{}?limit=2", course.lineitems)).bearer(&token);
    let first = lineitems.answer(&list).await.expect(200);
    assert_eq!(first.json(), json!(created[..2]));
    let next = first.next().expect("a next page");
    let rest = lineitems.answer(&Event::new("GET", &next).bearer(&token)).await.expect(200);
    assert_eq!(rest.json(), json!(created[2..]));
    assert_eq!(rest.next(), None);

    let item = created[0]["id"].as_str().expect("a URL");
    let post = Event::new("POST", &format!("{item}/scores")).bearer(&token);
    let mut scores = stack.start("scores").await;
    for user in ["ann", "bob"] {
        let body = score(user, 4, &stack.services.now()).to_string();
        let answer = scores.answer(&post.clone().body(SCORE_TYPE, body)).await.expect(200);
        assert_eq!(answer.json()["resultUrl"], format!("{item}/results/{user}"));
    }
    let mut results = stack.start("results").await;
    let list = Event::new("GET", &format!("{item}/results?limit=1")).bearer(&token);
    let first = results.answer(&list).await.expect(200);
    let next = first.next().expect("a next page");
    let rest = results.answer(&Event::new("GET", &next).bearer(&token)).await.expect(200);
    let result = |user: &str| {
        json!({
            "id": format!("{item}/results/{user}"),
            "scoreOf": item,
            "userId": user,
            "resultScore": 8,
            "resultMaximum": 20,
        })
    };
    assert_eq!(first.json(), json!([result("ann")]));
    assert_eq!(rest.json(), json!([result("bob")]));
}

/// AGS 25: not the gateway's own name, which is the `Host` of every event.
#[tokio::test]
async fn urls_are_made_of_the_configured_address_ags_25() {
    let stack = Stack::new().await;
    let tool = stack.tool("tool").await;
    let course = stack.place(&tool, "course").await;
    let mut function = stack.start("token").await;
    let token = stack.token(&mut function, &tool, &[LINEITEM]).await;
    let base = "https://ags.example.edu";

    let body = json!({ "label": "Essay", "scoreMaximum": 5 }).to_string();
    let event = Event::new("POST", &course.lineitems).bearer(&token).body(LINE_ITEM_TYPE, body);
    let answer = stack.start("lineitems").await.answer(&event).await.expect(201);
    assert!(answer.header("location").starts_with(&format!("{base}/contexts/")), "{answer:?}");
    assert_eq!(answer.json()["id"], answer.header("location"));
    let metadata = format!("{base}/.well-known/oauth-authorization-server");
    let answer = function.answer(&Event::new("GET", &metadata)).await.expect(200).json();
    assert_eq!(answer["issuer"], base);
    assert_eq!(answer["token_endpoint"], format!("{base}/token"));
}

/// Ids with all that a path may not hold as it is; the operator's own routes are not on the network.
#[tokio::test]
async fn an_lms_makes_a_course_through_its_own_process() {
    let stack = Stack::new().await;
    let (lms, tool) = (stack.lms("lms").await, stack.tool("a/b tool").await);
    let scope = format!("{}/scope/platform", stack.services.links.issuer());
    let mut function = stack.start("token").await;
    let token = stack.token(&mut function, &lms, &[&scope]).await;
    let mut platform = stack.start("platform").await;
    let at = |path: &str| format!("{}/{path}", stack.services.links.platform(&[]));
    let course = at("contexts/course~2f1~3f~23");
    let link = format!("{course}/tools/a~2fb~20tool/links/week~201~25");
    for (path, body) in [
        (course.clone(), json!({ "title": "Course" })),
        (format!("{course}/tools/a~2fb~20tool"), json!({ "deployment": "1" })),
        (link.clone(), json!({ "title": "Week 1" })),
    ] {
        let event = Event::new("PUT", &path).bearer(&token).body("application/json", body.to_string());
        platform.answer(&event).await.expect(200);
    }
    let made = platform.answer(&Event::new("GET", &link).bearer(&token)).await.expect(200).json();
    assert_eq!((&made["id"], &made["tool"]), (&json!("week 1%"), &json!("a/b tool")));
    let own = stack.token(&mut function, &tool, &[LINEITEM]).await;
    let item = made["line_item_url"].as_str().expect("a URL");
    stack.start("lineitems").await.answer(&Event::new("GET", item).bearer(&own)).await.expect(200);
    for operators in ["lms", "lms/lms"] {
        platform.answer(&Event::new("GET", &at(operators)).bearer(&token)).await.expect(404);
    }
}

/// The gateway passes JSON on as text, and AGS's own media types, forms and bodies without a type as base64.
#[tokio::test]
async fn a_body_is_read_as_text_and_as_base64() {
    let stack = Stack::new().await;
    let tool = stack.tool("tool").await;
    let course = stack.place(&tool, "course").await;
    let token = stack.token(&mut stack.start("token").await, &tool, &[LINEITEM]).await;
    let mut lineitems = stack.start("lineitems").await;

    let label = "Größe – 测验";
    let body = json!({ "label": label, "scoreMaximum": 5 }).to_string();
    for (media, as_text) in [
        ("application/json", true),
        ("application/json; charset=utf-8", true),
        (LINE_ITEM_TYPE, false),
        ("application/vnd.ims.lis.v2.lineitem+json; charset=UTF-8", false),
        ("", false),
    ] {
        let event = Event::new("POST", &course.lineitems).bearer(&token).body(media, &body);
        assert_eq!(event.is_text(), as_text, "{media}");
        assert_eq!(event.to_json()["isBase64Encoded"], !as_text, "{media}");
        let answer = lineitems.answer(&event).await.expect(201);
        assert_eq!(answer.json()["label"], label, "{media}");
    }
}

/// Payload format 2.0 has one value for each header, so what has two loses one on the way.
#[tokio::test]
async fn headers_and_bodies_survive_the_gateway() {
    let stack = Stack::new().await;
    let tool = stack.tool("tool").await;
    let course = stack.place(&tool, "course").await;
    for link in ["one", "two"] {
        stack.coupled_line_item(&tool, &course, link).await;
    }
    let mut function = stack.start("token").await;
    let token = stack.token(&mut function, &tool, &[LINEITEM]).await;

    let refused = function.answer(&Event::token(&stack.token_url(), "x", LINEITEM)).await.expect(400);
    assert!(refused.header("content-type").starts_with("application/json"));
    assert_eq!(refused.header("cache-control"), "no-store");
    assert!(refused.json()["error"].is_string());

    let mut lineitems = stack.start("lineitems").await;
    let page = Event::new("GET", &format!("{}?limit=1", course.lineitems)).bearer(&token);
    let response = lineitems.invoke(&page.to_json()).await;
    assert_eq!(response["statusCode"], 200);
    assert!(response["headers"]["link"].is_string(), "{response}");
    let media = "application/vnd.ims.lis.v2.lineitemcontainer+json";
    assert_eq!(response["headers"]["content-type"], media);
    assert!(response["headers"]["x-request-id"].is_string());

    let item = Answer::from_gateway(&page, &response).json()[0]["id"].clone();
    let item = item.as_str().expect("a URL");
    let fetched = lineitems.answer(&Event::new("GET", item).bearer(&token)).await.expect(200);
    assert_eq!(fetched.header("content-type"), LINE_ITEM_TYPE);
    let tag = fetched.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let again = Event::new("GET", item).bearer(&token).header("If-None-Match", &tag);
    let unchanged = lineitems.answer(&again).await.expect(304);
    assert_eq!((unchanged.header("etag"), unchanged.text.as_str()), (tag.as_str(), ""));

    let anonymous = lineitems.answer(&Event::new("GET", item)).await.expect(401);
    assert!(anonymous.header("www-authenticate").starts_with("Bearer"), "{anonymous:?}");
    anonymous.problem();
    let wrong = lineitems.answer(&Event::new("PATCH", item).bearer(&token)).await.expect(405);
    let mut allowed: Vec<_> = wrong.header("allow").split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "PUT"]);
}

#[tokio::test]
async fn a_function_outlives_events_that_fail() {
    let stack = Stack::new().await;
    let tool = stack.tool("tool").await;
    let course = stack.place(&tool, "course").await;
    let item = stack.coupled_line_item(&tool, &course, "quiz").await;
    let token = stack.token(&mut stack.start("token").await, &tool, &[SCORE]).await;
    let mut scores = stack.start("scores").await;

    let url = format!("{item}/scores");
    let post = Event::new("POST", &url).bearer(&token);
    for round in 1..=3 {
        let outcome = scores.outcome(&json!({ "version": "2.0" })).await;
        assert!(matches!(outcome, Outcome::Error(_)), "{outcome:?}");
        let huge = post.clone().body(SCORE_TYPE, vec![b'x'; 300 * 1024]);
        scores.answer(&huge).await.expect(413);
        scores.answer(&post.clone().body(SCORE_TYPE, [0xff, 0xfe])).await.expect(400);
        scores.answer(&Event::new("GET", &url).bearer(&token)).await.expect(405);
        scores.answer(&Event::new("POST", &format!("{url}/x")).bearer(&token)).await.expect(404);
        let body = score("ann", round, &stack.services.now()).to_string();
        scores.answer(&post.clone().body(SCORE_TYPE, body)).await.expect(200);
    }
    let history = stack.history(&item, "ann").await;
    assert_eq!(history.len(), 3);
}

/// A tool's request for its line items.
async fn list(stack: &Stack) -> Event {
    let tool = stack.tool("tool").await;
    let course = stack.place(&tool, "course").await;
    let mut token = stack.start("token").await;
    let token = stack.token(&mut token, &tool, &[LINEITEM]).await;
    Event::new("GET", &course.lineitems).bearer(&token)
}

#[tokio::test]
async fn a_function_has_read_the_keys_before_its_first_event_and_needs_no_more_calls_for_it_than_later() {
    let (stack, wire) = Stack::beside_a_wire().await;
    let list = list(&stack).await;
    let mut lineitems = stack.start_through("lineitems", wire.endpoint()).await;
    assert_eq!(wire.answered_calls(), ["Query"]);
    for _ in 0..2 {
        lineitems.answer(&list).await.expect(200);
        assert_eq!(wire.answered_calls(), ["BatchGetItem", "Query"]);
    }
}

#[tokio::test]
async fn a_function_that_started_while_the_table_was_away_serves_as_soon_as_it_is_back() {
    let (stack, wire) = Stack::beside_a_wire().await;
    let list = list(&stack).await;
    // Refused, and never answered.
    wire.refuse("Query", "KEYS");
    let mut refused = stack.start_through("lineitems", wire.endpoint()).await;
    wire.mend();
    wire.hold("Query", "KEYS");
    let mut silent = stack.start_through("lineitems", wire.endpoint()).await;
    wire.mend();
    for function in [&mut refused, &mut silent] {
        function.answer(&list).await.expect(200);
        function.logged("while this function started").await;
    }
}
