//! The removal of what is on record about a person, while something else happens.

use ags_tests::Fault;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::registry::{Registry, is_of};
use super::{in_order, put_all, with};

#[tokio::test]
async fn an_erasure_removes_all_of_a_person_and_leaves_everything_else_as_it_was() {
    let registry = Registry::new().await;
    let other_tool = registry.world.tool("other").await;
    let elsewhere = registry.place(&other_tool, "elsewhere").await;
    let other = registry.full_token(&other_tool).await;
    let essay = registry.item(10).await;
    let deleted = registry.item(10).await;
    let foreign = registry.line_item(&elsewhere, &other, 10).await;
    let decided = registry.coupled_line_item(&registry.tool, &registry.course, "quiz").await;
    for user in ["ada", "ada2", "ad", "bob"] {
        registry.scores(&essay, user, 3).await;
        registry.scores(&deleted, user, 1).await;
        registry.post_score(&foreign, &other, &registry.score(user, 1, 10)).await.expect(200);
        registry.decide(&decided, user, Some((1, 2))).await;
    }
    // In the record of somebody else she is what that one's record says.
    let mut graded_by_her = registry.score("bob", 1, 10);
    graded_by_her["scoringUserId"] = json!("ada");
    registry.grade(&essay, &graded_by_her).await.expect(200);
    registry.classroom.delete(&deleted, &registry.classroom.token).await.expect(204);
    registry.wait();
    let before = in_order(registry.all_items().await);
    assert!(!registry.exported("ada").await.is_empty());

    let erased = registry.erase("ada").await;
    assert_eq!(erased["done"], true);
    let mut counts: Vec<_> = erased["removed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["tool"].as_str().unwrap(), one["results"].as_u64(), one["history"].as_u64()))
        .collect();
    counts.sort_unstable();
    let expected = [("other", 1, 1), ("tool", 1, 1), ("tool", 1, 1), ("tool", 1, 3)];
    assert_eq!(counts, expected.map(|(tool, results, history)| (tool, Some(results), Some(history))));
    // The proof is made of the keys of what was there.
    let keys = before.keys().filter(|key| is_of(key, "ada")).map(|(pk, sk)| format!("{pk}\n{sk}\n"));
    let mut keys: Vec<_> = keys.collect();
    keys.sort_unstable();
    assert_eq!(keys.len(), 4 + 6);
    assert_eq!(erased["sha256"], HEXLOWER.encode(&Sha256::digest(keys.concat())));

    assert_eq!(registry.exported("ada").await, Vec::<Value>::new());
    assert_eq!(registry.erase("ada").await, json!({ "removed": [], "done": true }));
    let mut left = before;
    left.retain(|key, _| !is_of(key, "ada"));
    assert_eq!(in_order(registry.all_items().await), left);
}

#[tokio::test]
async fn an_erasure_that_broke_off_is_completed_by_the_next() {
    let (registry, wire) = Registry::behind_a_wire().await;
    let items = [registry.item(10).await, registry.item(10).await];
    for item in &items {
        registry.scores(item, "ada", 2).await;
        registry.scores(item, "bob", 1).await;
    }
    registry.wait();
    let about = registry.about("ada");
    // It breaks off at the first history, at the first result, and at the second.
    wire.refuse("BatchWriteItem", "");
    registry.delete(&about, &registry.lms).await.expect(500);
    assert_eq!(registry.exported("ada").await.len(), 6);
    wire.mend();
    let second = items[1].rsplit('/').next().unwrap();
    for (containing, left) in [("USER#ada", 4), (second, 1)] {
        wire.refuse("DeleteItem", containing);
        registry.delete(&about, &registry.lms).await.expect(500);
        assert_eq!(registry.exported("ada").await.len(), left, "a result is there as long as its history");
        wire.mend();
    }
    let erased = registry.erase("ada").await;
    assert_eq!((&erased["done"], erased["removed"].as_array().unwrap().len()), (&json!(true), 1));
    assert!(!in_order(registry.all_items().await).keys().any(|key| is_of(key, "ada")));
    assert_eq!(registry.exported("bob").await.len(), 4);
}

#[tokio::test]
async fn what_a_busy_table_leaves_of_a_batch_is_removed_by_another_try_or_the_next_call() {
    let (registry, wire) = Registry::behind_a_wire().await;
    let item = registry.item(10).await;
    registry.scores(&item, "ada", 2).await;
    registry.wait();
    wire.always(Fault::LeaveBatch, "BatchWriteItem", "");
    registry.delete(&registry.about("ada"), &registry.lms).await.expect(503);
    wire.mend();
    assert_eq!(registry.exported("ada").await.len(), 3);
    // Nor is a success without content taken for one.
    wire.always(Fault::Garble("{}"), "BatchWriteItem", "\"SCORE#0");
    let score = with(&registry.history(&item, "ada").await[0], &[("sk", "SCORE#0".to_owned())]);
    put_all(registry.table.config(), vec![score]).await;
    registry.delete(&registry.about("ada"), &registry.lms).await.expect(503);
    wire.mend();
    registry.scores(&item, "ada", 2).await;
    registry.wait();
    wire.next(2, Fault::LeaveBatch, "BatchWriteItem", "");
    let erased = registry.erase("ada").await;
    assert!(wire.is_spent());
    assert_eq!((&erased["removed"][0]["history"], &erased["done"]), (&json!(2), &json!(true)));
    assert!(!in_order(registry.all_items().await).keys().any(|key| is_of(key, "ada")));
}

#[tokio::test]
async fn a_result_stays_as_long_as_its_history_is_not_all_removed() {
    let registry = Registry::new().await;
    let item = registry.item(10).await;
    registry.scores(&item, "ada", 1).await;
    let score = registry.history(&item, "ada").await.remove(0);
    let more = (0..520).map(|n| with(&score, &[("sk", format!("SCORE#{n:019}#x"))]));
    put_all(registry.table.config(), more.collect()).await;
    assert_eq!(registry.exported("ada").await.len(), 522);
    registry.wait();
    let erased = [registry.erase("ada").await, registry.erase("ada").await];
    let counts = erased.map(|erased| {
        let one = &erased["removed"][0];
        (one["results"].as_u64().unwrap(), one["history"].as_u64().unwrap(), erased["done"] == true)
    });
    assert_eq!(counts, [(0, 500, false), (1, 21, true)]);
}

#[tokio::test]
async fn the_answer_to_a_removal_may_be_lost_and_it_counts_once() {
    let (registry, wire) = Registry::behind_a_wire().await;
    let item = registry.item(10).await;
    registry.scores(&item, "ada", 1).await;
    registry.wait();
    wire.lose_one_answer("DeleteItem", "USER#ada");
    let erased = registry.erase("ada").await;
    assert!(wire.is_spent());
    assert_eq!((&erased["removed"][0]["results"], &erased["done"]), (&json!(1), &json!(true)));
}

/// Whether the result is old enough to be removed, or only to be emptied.
#[tokio::test]
async fn a_score_that_comes_during_an_erasure_is_left_whole_to_the_next() {
    for (age, operation) in [(61, "DeleteItem"), (0, "UpdateItem")] {
        let (registry, wire) = Registry::behind_a_wire().await;
        let item = registry.item(10).await;
        registry.scores(&item, "ada", 1).await;
        registry.clock.advance(age);
        wire.hold(operation, "USER#ada");
        let erasing = tokio::spawn(ags_tests::Answer::fetch(
            registry.http.delete(registry.about("ada")).bearer_auth(&registry.lms),
        ));
        wire.held(operation, "USER#ada").await;
        wire.mend();
        registry.scores(&item, "ada", 1).await;
        wire.release();
        assert_eq!(erasing.await.unwrap().expect(200).json()["done"], false);
        assert_eq!(registry.exported("ada").await.len(), 2);
        registry.result(&item, "ada").await.expect(200);
        registry.wait();
        assert_eq!(registry.erase("ada").await["done"], true);
        assert!(registry.exported("ada").await.is_empty());
    }
}

#[tokio::test]
async fn the_history_of_a_score_that_was_under_way_is_found_by_a_later_erasure() {
    let (registry, wire) = Registry::behind_a_wire().await;
    let item = registry.item(10).await;
    wire.hold("PutItem", "SCORE#");
    let score = registry.score("ada", 1, 10);
    let scoring = registry.request(reqwest::Method::POST, &format!("{item}/scores")).json(&score);
    let scoring = tokio::spawn(ags_tests::Answer::fetch(scoring));
    wire.held("PutItem", "SCORE#").await;
    wire.answered("UpdateItem", "USER#ada", 200).await;
    let erased = registry.erase("ada").await;
    assert_eq!((&erased["removed"][0]["results"], &erased["done"]), (&json!(1), &json!(true)));
    assert!(registry.exported("ada").await.is_empty());
    wire.mend();
    wire.release();
    scoring.await.unwrap().expect(200);
    assert_eq!(registry.exported("ada").await.len(), 1, "the history alone");
    registry.wait();
    let erased = registry.erase("ada").await;
    // Of the result there was nothing left to remove.
    assert_eq!((&erased["removed"][0]["results"], &erased["removed"][0]["history"]), (&json!(0), &json!(1)));
    assert!(!in_order(registry.all_items().await).keys().any(|key| is_of(key, "ada")));
}

#[tokio::test]
async fn a_late_score_that_was_under_way_leaves_nothing_after_an_erasure_ags_99() {
    let (registry, wire) = Registry::behind_a_wire().await;
    let item = registry.item(10).await;
    let late = registry.score("ada", 1, 10);
    registry.scores(&item, "ada", 1).await;
    registry.wait();
    wire.hold("UpdateItem", "stale");
    let scoring = registry.request(reqwest::Method::POST, &format!("{item}/scores")).json(&late);
    let scoring = tokio::spawn(ags_tests::Answer::fetch(scoring));
    wire.held("UpdateItem", "stale").await;
    assert_eq!(registry.erase("ada").await["removed"][0]["history"], 2);
    wire.mend();
    wire.release();
    scoring.await.unwrap().expect(409);
    assert!(!in_order(registry.all_items().await).keys().any(|key| is_of(key, "ada")));
}

#[tokio::test]
async fn a_score_after_an_erasure_starts_a_new_record_ags_99() {
    let registry = Registry::new().await;
    let item = registry.item(10).await;
    let first = registry.score("ada", 9, 10);
    registry.scores(&item, "ada", 2).await;
    registry.erase("ada").await;
    // Older than the one that was erased, and nothing stands in its way.
    registry.grade(&item, &first).await.expect(200);
    assert_eq!(registry.result(&item, "ada").await.json()["resultScore"], 9);
    assert_eq!(registry.exported("ada").await.len(), 2);
}
