//! Creating a line item under an `Idempotency-Key`: sent again, it is answered again, and made once.

use std::collections::BTreeSet;

use ags_tests::{Answer, Classroom, World};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

fn creation(world: &World, container: &str, token: &str, key: &str, body: &Value) -> RequestBuilder {
    world.http.post(container).bearer_auth(token).header("Idempotency-Key", key).json(body)
}

/// In the classroom's course, with its token.
fn under(classroom: &Classroom, key: &str, body: &Value) -> RequestBuilder {
    creation(classroom, &classroom.course.lineitems, &classroom.token, key, body)
}

fn essay() -> Value {
    json!({ "label": "Essay", "scoreMaximum": 10, "resourceId": "r", "https://tool.example/x": [1] })
}

/// The ids of the line items that the tool sees.
async fn listed(classroom: &Classroom) -> Vec<String> {
    let pages = classroom.walk(&classroom.course.lineitems).await;
    pages.concat().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn check_same(again: &Answer, first: &Answer) {
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    for name in ["location", "etag", "content-type"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
}

#[tokio::test]
async fn the_same_key_and_body_have_the_first_answer_again_ags_61() {
    let classroom = Classroom::new().await;
    let first = classroom.send(under(&classroom, "k", &essay())).await.expect(201);
    classroom.clock.advance(3_000);
    let again = classroom.send(under(&classroom, "k", &essay())).await;
    check_same(&again, &first);
    assert_eq!(listed(&classroom).await, [first.header("location")]);
}

#[tokio::test]
async fn the_first_answer_comes_again_whatever_has_become_of_the_line_item() {
    let classroom = Classroom::new().await;
    let first = classroom.send(under(&classroom, "k", &essay())).await.expect(201);
    let item = first.header("location");
    classroom.replace(item, &json!({ "label": "Changed", "scoreMaximum": 20 })).await.expect(200);
    check_same(&classroom.send(under(&classroom, "k", &essay())).await, &first);
    assert_eq!(classroom.read(item).await.expect(200).json()["label"], "Changed");

    classroom.delete(item, &classroom.token).await.expect(204);
    check_same(&classroom.send(under(&classroom, "k", &essay())).await, &first);
    classroom.read(item).await.expect(404);
    assert!(listed(&classroom).await.is_empty(), "nothing that was deleted comes back");
}

#[tokio::test]
async fn another_body_under_the_same_key_is_409_and_makes_nothing() {
    let classroom = Classroom::new().await;
    let first = classroom.send(under(&classroom, "k", &essay())).await.expect(201);
    let mut other = essay();
    other["scoreMaximum"] = json!(11);
    let answer = classroom.send(under(&classroom, "k", &other)).await.expect(409);
    assert_eq!(answer.problem().0, "idempotency-key-reused");
    assert_eq!(listed(&classroom).await, [first.header("location")]);
}

/// The token sees all of them, so that they are not apart for it.
#[tokio::test]
async fn links_of_other_deployments_do_not_make_one_key_two() {
    let classroom = Classroom::new().await;
    let (tool, course) = (&classroom.tool, &classroom.course);
    let about = |link: &str| json!({ "label": "Essay", "scoreMaximum": 10, "resourceLinkId": link });
    classroom.link_under(tool, course, "one", "1").await;
    classroom.link_under(tool, course, "two", "2").await;
    let first = classroom.send(under(&classroom, "k", &about("one"))).await.expect(201);
    classroom.send(under(&classroom, "k", &about("two"))).await.expect(409);
    classroom.link_under(tool, course, "one", "2").await;
    check_same(&classroom.send(under(&classroom, "k", &about("one"))).await, &first);
    assert_eq!(listed(&classroom).await, [first.header("location")]);
}

#[tokio::test]
async fn without_a_key_or_under_another_two_posts_make_two_line_items_ags_61() {
    let classroom = Classroom::new().await;
    for _ in 0..2 {
        classroom.create(&essay()).await.expect(201);
    }
    for key in ["k", "K", "\"k\""] {
        classroom.send(under(&classroom, key, &essay())).await.expect(201);
    }
    assert_eq!(listed(&classroom).await.len(), 5);
}

#[tokio::test]
async fn a_key_counts_for_one_tool_in_one_context_and_for_a_narrowed_token_apart_ags_34() {
    let classroom = Classroom::new().await;
    let elsewhere = classroom.place(&classroom.tool, "elsewhere").await;
    let other_tool = classroom.tool("other").await;
    classroom.place(&other_tool, "course").await;
    let other_token = classroom.full_token(&other_tool).await;
    let narrow_token = classroom.narrow_token(&classroom.tool, "2").await;

    let here = &classroom.course.lineitems;
    let mut made = BTreeSet::new();
    for (container, token) in [
        (here, &classroom.token),
        (&elsewhere.lineitems, &classroom.token),
        (here, &other_token),
        (here, &narrow_token),
    ] {
        // Another body each, which under one key would be refused.
        let body = json!({ "label": format!("Essay {}", made.len()), "scoreMaximum": 10 });
        let answer = classroom.send(creation(&classroom, container, token, "k", &body)).await.expect(201);
        classroom.get(answer.header("location"), token).await.expect(200);
        made.insert(answer.header("location").to_owned());
    }
    assert_eq!(made.len(), 4);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let classroom = Classroom::new().await;
    let first = classroom.send(under(&classroom, "k", &essay())).await.expect(201);
    classroom.clock.advance(24 * 60 * 60);
    let token = classroom.full_token(&classroom.tool).await;
    let send = || creation(&classroom, &classroom.course.lineitems, &token, "k", &essay());
    check_same(&classroom.send(send()).await, &first);
    classroom.clock.advance(1);
    let second = classroom.send(send()).await.expect(201);
    assert_ne!(second.header("location"), first.header("location"));
}

#[tokio::test]
async fn of_many_at_once_one_makes_the_line_item_and_all_are_told_of_it() {
    let classroom = Classroom::new().await;
    let requests = (0..16).map(|_| under(&classroom, "k", &essay())).collect();
    let answers = classroom.at_once(requests).await;
    for answer in &answers {
        check_same(answer, &answers[0]);
    }
    assert_eq!(answers[0].status, 201);
    assert_eq!(listed(&classroom).await, [answers[0].header("location")]);
}

#[tokio::test]
async fn a_request_that_is_refused_does_not_use_its_key_up() {
    let classroom = Classroom::new().await;
    let good = json!({ "label": "Essay", "scoreMaximum": 10, "resourceLinkId": "link" });
    for (body, status) in [(json!({ "label": "Essay" }), 400), (good.clone(), 404)] {
        classroom.send(under(&classroom, "k", &body)).await.expect(status);
    }
    classroom.link(&classroom.tool, &classroom.course, "link").await;
    classroom.send(under(&classroom, "k", &good)).await.expect(201);
}

#[tokio::test]
async fn a_creation_that_broke_off_is_finished_by_its_retry() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    wire.refuse("PutItem", "score_maximum");
    classroom.send(under(&classroom, "k", &essay())).await.expect(500);
    assert!(listed(&classroom).await.is_empty());
    wire.mend();
    for _ in 0..2 {
        let answer = classroom.send(under(&classroom, "k", &essay())).await.expect(201);
        assert_eq!(listed(&classroom).await, [answer.header("location")]);
    }
}

#[tokio::test]
async fn a_lost_answer_of_the_table_does_not_make_the_request_meet_itself() {
    for containing in ["CREATION#", "score_maximum"] {
        let (classroom, wire) = Classroom::behind_a_wire().await;
        wire.lose_one_answer("PutItem", containing);
        let answer = classroom.send(under(&classroom, "k", &essay())).await.expect(201);
        assert!(wire.is_spent());
        assert_eq!(listed(&classroom).await, [answer.header("location")]);
    }
}

#[tokio::test]
async fn a_key_has_1_to_255_printable_ascii_characters_and_comes_once() {
    let classroom = Classroom::new().await;
    for key in [&b""[..], &[b'k'; 256], "clé".as_bytes(), b"\xff"] {
        let request = classroom.request(Method::POST, &classroom.course.lineitems).json(&essay());
        let answer = classroom.send(request.header("Idempotency-Key", key)).await;
        answer.refuses(400, "invalid-header", "Idempotency-Key", &format!("{key:?}"));
    }
    let twice = under(&classroom, "k", &essay()).header("Idempotency-Key", "k");
    classroom.send(twice).await.refuses(400, "invalid-header", "Idempotency-Key", "given twice");
    assert!(listed(&classroom).await.is_empty());
    classroom.send(under(&classroom, &"k".repeat(255), &essay())).await.expect(201);
}
