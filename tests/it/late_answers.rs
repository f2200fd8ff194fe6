//! A table that answers late or in part. What it has done, and is asked for again because the answer was lost, may not be
//! done twice or refused; what it has left out may not seem to be missing.

use std::sync::Arc;

use ags_shared::auth::{BoxFuture, KeyRing, SignError, Signer};
use ags_shared::domain::{PublicHalf, SigningKey};
use ags_tests::{Classroom, SCORE, World, patiently, token_form};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn an_assertion_is_used_up_by_its_own_request_only_ags_141() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let assertion = classroom.assertion(&classroom.tool).sign();
    wire.lose_one_answer("PutItem", "JTI#");
    classroom.request_token(&assertion, SCORE).await.expect(200);
    assert!(wire.is_spent());
    classroom.request_token(&assertion, SCORE).await.expect(400);
}

/// A key service that does not answer.
struct Silent;

impl Signer for Silent {
    fn missing_in<'a>(&'a self, _ring: &'a KeyRing) -> BoxFuture<'a, Result<Option<PublicHalf>, SignError>> {
        Box::pin(async { Ok(None) })
    }

    fn sign<'a>(
        &'a self,
        _key: &'a SigningKey,
        _message: &'a [u8],
    ) -> BoxFuture<'a, Result<String, SignError>> {
        Box::pin(std::future::pending())
    }
}

/// How long that takes is up to the service; API Gateway gives it up after 30 seconds.
#[tokio::test]
async fn a_token_that_cannot_be_made_in_time_is_503() {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    let url = world.another_token_url(|issuer| issuer.signer = Arc::new(Silent)).await;
    let assertion = world.assertion(&tool).sign();
    let request = world.http.post(url).form(&token_form(&assertion, SCORE));
    let answer = patiently("the end of the service's patience", world.send(request)).await.expect(503);
    answer.expect_no_store();
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    world.request_token(&world.assertion(&tool).sign(), SCORE).await.expect(200);
}

#[tokio::test]
async fn a_new_line_item_is_made_once_ags_60() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    wire.lose_one_answer("PutItem", "ITEM#");
    let item = classroom.item(10).await;
    assert!(wire.is_spent());
    let list = classroom.read(&classroom.course.lineitems).await.expect(200).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["id"], item);
}

#[tokio::test]
async fn a_put_under_if_match_does_not_meet_itself_ags_62() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    wire.lose_one_answer("UpdateItem", "ITEM#");
    let body = json!({ "label": "New", "scoreMaximum": 20 });
    let request = classroom.request(Method::PUT, &item).header("if-match", "\"1\"").json(&body);
    let answer = classroom.send(request).await.expect(200);
    assert!(wire.is_spent());
    assert_eq!((answer.json()["label"].as_str(), answer.header("etag")), (Some("New"), "\"2\""));
    let request = classroom.request(Method::PUT, &item).header("if-match", "\"1\"").json(&body);
    classroom.send(request).await.expect(412);
}

#[tokio::test]
async fn a_delete_does_not_find_its_own_work_done_by_another_ags_67() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    wire.lose_one_answer("UpdateItem", "ITEM#");
    classroom.delete(&item, &classroom.token).await.expect(204);
    assert!(wire.is_spent());
    classroom.delete(&item, &classroom.token).await.expect(404);
}

#[tokio::test]
async fn a_score_is_recorded_once_whichever_answer_is_lost_ags_101() {
    for (operation, containing) in [("UpdateItem", "scored_at"), ("PutItem", "SCORE#")] {
        let (classroom, wire) = Classroom::behind_a_wire().await;
        let item = classroom.item(10).await;
        wire.lose_one_answer(operation, containing);
        let score = classroom.score("ada", 5, 10);
        classroom.grade(&item, &score).await.expect(200);
        assert!(wire.is_spent());
        let history = classroom.history(&item, "ada").await;
        assert_eq!(history.len(), 1, "{operation}");
        assert!(!history[0].contains_key("outcome"), "{operation}");
        let results: Vec<Value> = classroom.all_results(&item).await;
        assert_eq!(results[0]["resultScore"], 5);
    }
}

/// Success with a part of the keys: taken for the whole, the tool or its line item would seem not to exist.
#[tokio::test]
async fn a_batch_that_is_answered_in_part_is_asked_for_to_its_end_ags_35() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    wire.halve_batches();
    wire.answered_calls();
    classroom.read(&item).await.expect(200);
    assert_eq!(wire.answered_calls(), ["BatchGetItem"; 3], "three keys, one at a time");
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    assert_eq!(classroom.result(&item, "ada").await.expect(200).json()["resultScore"], 5);
}
