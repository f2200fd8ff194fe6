//! The end of line items that were deleted long ago.

use std::collections::BTreeMap;

use ags_shared::store;
use ags_tests::{Answer, Classroom};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::{Row, in_order, put_all, with};

const DAY: i64 = 24 * 60 * 60;

/// A new token each time: a month is longer than any lives.
async fn purge(classroom: &Classroom) -> Answer {
    let token = classroom.lms_token().await;
    classroom.post(&classroom.platform_url("purges"), &token, &Value::Null).await
}

async fn purged(classroom: &Classroom) -> Value {
    purge(classroom).await.expect(200).json()
}

fn removed(line_items: usize, results: usize, history: usize, done: bool) -> Value {
    let removed = json!({ "line_items": line_items, "results": results, "history": history });
    json!({ "removed": removed, "done": done })
}

/// A line item with so many scores of each user, deleted.
async fn deleted_item(classroom: &Classroom, users: &[&str], scores: usize) -> String {
    let token = classroom.full_token(&classroom.tool).await;
    let item = classroom.line_item(&classroom.course, &token, 10).await;
    for user in users {
        for given in 0..scores {
            classroom.post_score(&item, &token, &classroom.score(user, given, 10)).await.expect(200);
        }
    }
    classroom.delete(&item, &token).await.expect(204);
    item
}

/// All rows but those of the LMS and of used assertions.
async fn table(classroom: &Classroom) -> BTreeMap<(String, String), Row> {
    let mut rows = in_order(classroom.all_items().await);
    rows.retain(|(pk, _), _| !pk.starts_with("JTI#") && pk != "TOOL#lms");
    rows
}

#[tokio::test]
async fn what_was_deleted_more_than_30_days_ago_is_removed_and_nothing_else() {
    let classroom = Classroom::new().await;
    let kept = classroom.item(10).await;
    classroom.grade(&kept, &classroom.score("ada", 1, 10)).await.expect(200);
    let before = table(&classroom).await;
    deleted_item(&classroom, &["ada", "b#b", "%"], 2).await;
    classroom.clock.advance(30 * DAY);
    let with_it = table(&classroom).await;
    assert_eq!(purged(&classroom).await, removed(0, 0, 0, true), "it can be restored until now");
    assert_eq!(table(&classroom).await, with_it);
    classroom.clock.advance(2 * 60 * 60);
    assert_eq!(purged(&classroom).await, removed(1, 3, 6, true));
    assert_eq!(table(&classroom).await, before);
    assert_eq!(purged(&classroom).await, removed(0, 0, 0, true));
}

#[tokio::test]
async fn line_items_go_in_the_order_of_their_deletion() {
    let classroom = Classroom::new().await;
    let first = deleted_item(&classroom, &["ada"], 1).await;
    classroom.clock.advance(DAY);
    let second = deleted_item(&classroom, &["ada"], 1).await;
    classroom.clock.advance(30 * DAY);
    assert_eq!(purged(&classroom).await, removed(1, 1, 1, true));
    assert!(classroom.rows(&first).await.is_empty());
    assert_eq!(classroom.rows(&second).await.len(), 1);
}

#[tokio::test]
async fn what_one_call_does_not_remove_the_next_does() {
    let classroom = Classroom::new().await;
    let before = table(&classroom).await;
    let item = deleted_item(&classroom, &["ada"], 1).await;
    let (result, score) =
        (classroom.rows(&item).await.remove(0), classroom.history(&item, "ada").await.remove(0));
    let id = item.rsplit('/').next().unwrap();
    let mut rows: Vec<_> = (0..520).map(|n| with(&score, &[("sk", format!("SCORE#{n:019}#x"))])).collect();
    for n in 0..130 {
        let user = format!("USER#u{n:03}");
        rows.push(with(&result, &[("sk", user.clone()), ("gsi1pk", user.clone())]));
        rows.push(with(&score, &[("pk", format!("ITEM#{id}#{user}"))]));
    }
    put_all(classroom.table.config(), rows).await;
    classroom.clock.advance(31 * DAY);
    // The first user alone has more history than a call removes; then as many results are looked at as one may.
    assert_eq!(purged(&classroom).await, removed(0, 0, 499, false));
    assert_eq!(purged(&classroom).await, removed(0, 100, 121, false));
    assert_eq!(purged(&classroom).await, removed(1, 31, 31, true));
    assert_eq!(table(&classroom).await, before);
}

#[tokio::test]
async fn a_purge_that_broke_off_is_completed_by_the_next() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let before = table(&classroom).await;
    let item = deleted_item(&classroom, &["ada", "bob"], 2).await;
    classroom.clock.advance(31 * DAY);
    // At the histories, at the results, and at the line item.
    for (operation, containing, histories, results) in [
        ("BatchWriteItem", "SCORE#", 2, 2),
        ("BatchWriteItem", "\"USER#", 0, 2),
        ("DeleteItem", "ITEM#", 0, 0),
    ] {
        wire.refuse(operation, containing);
        purge(&classroom).await.expect(500);
        wire.mend();
        for user in ["ada", "bob"] {
            assert_eq!(classroom.history(&item, user).await.len(), histories, "{operation} {containing}");
        }
        assert_eq!(classroom.rows(&item).await.len(), results, "{operation} {containing}");
    }
    assert_eq!(purged(&classroom).await, removed(1, 0, 0, true));
    assert_eq!(table(&classroom).await, before);
}

#[tokio::test]
async fn more_line_items_than_one_call_looks_at_take_another() {
    let classroom = Classroom::new().await;
    let before = table(&classroom).await;
    for _ in 0..21 {
        let item = classroom.item(10).await;
        classroom.delete(&item, &classroom.token).await.expect(204);
    }
    classroom.clock.advance(31 * DAY);
    assert_eq!(purged(&classroom).await, removed(20, 0, 0, false));
    assert_eq!(purged(&classroom).await, removed(1, 0, 0, true));
    assert_eq!(table(&classroom).await, before);
}

/// Brings a line item back in the table itself, as a restoration does that began in time.
async fn bring_back(classroom: &Classroom, item: &str) {
    let config = classroom.table.config();
    let text = AttributeValue::S;
    let id = item.rsplit('/').next().unwrap();
    store::connect(config)
        .update_item()
        .table_name(&config.table)
        .key("pk", text(format!("CTX#{}#TOOL#tool", classroom.course.context)))
        .key("sk", text(format!("ITEM#{id}")))
        .update_expression("REMOVE deleted_at, gsi1pk, gsi1sk")
        .send()
        .await
        .unwrap();
}

/// Before the purge has read its row, and before the purge removes that.
#[tokio::test]
async fn a_line_item_that_came_back_while_the_purge_was_at_it_stays() {
    for (operation, results) in [("GetItem", 1), ("DeleteItem", 0)] {
        let (classroom, wire) = Classroom::behind_a_wire().await;
        let item = deleted_item(&classroom, &["ada"][..results], 1).await;
        classroom.clock.advance(31 * DAY);
        let token = classroom.lms_token().await;
        wire.hold(operation, "ITEM#");
        let url = classroom.platform_url("purges");
        let purging = tokio::spawn(Answer::fetch(classroom.http.post(url).bearer_auth(token)));
        wire.held(operation, "ITEM#").await;
        bring_back(&classroom, &item).await;
        wire.mend();
        wire.release();
        assert_eq!(purging.await.unwrap().expect(200).json(), removed(0, 0, 0, true), "{operation}");
        let own = classroom.full_token(&classroom.tool).await;
        classroom.get(&item, &own).await.expect(200);
        assert_eq!(classroom.results(&item, &own).await.len(), results);
        assert_eq!(classroom.history(&item, "ada").await.len(), results);
    }
}
