//! A deletion and other requests at the same time. What is promised: every request that begins after the 204 is 404. One
//! that had already found the line item may still be answered from it: a score is then kept with the line item, which
//! the operator can restore, and no other change of the line item succeeds.

use ags_tests::Classroom;
use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::{Value, json};

use super::overtaken;

/// That nothing is left in the tool's sight.
async fn is_gone(classroom: &Classroom, item: &str) {
    let body = json!({ "label": "New", "scoreMaximum": 1 });
    for (method, url, body) in [
        (Method::GET, item.to_owned(), &Value::Null),
        (Method::PUT, item.to_owned(), &body),
        (Method::DELETE, item.to_owned(), &Value::Null),
        (Method::POST, format!("{item}/scores"), &classroom.score("late", 1, 1)),
        (Method::GET, format!("{item}/results"), &Value::Null),
        (Method::GET, format!("{item}/results/ada"), &Value::Null),
    ] {
        let answer = classroom.call(method.clone(), &url, &classroom.token, body).await;
        answer.refuses(404, "not-found", "", &format!("{method} {url}"));
    }
    assert_eq!(classroom.walk(&classroom.course.lineitems).await, [[] as [Value; 0]]);
}

/// The users of whom a result is on record.
async fn on_record(classroom: &Classroom, item: &str) -> Vec<String> {
    let user = |key: &AttributeValue| key.as_s().unwrap().trim_start_matches("USER#").to_owned();
    classroom.rows(item).await.iter().map(|row| user(&row["sk"])).collect()
}

#[tokio::test]
async fn a_score_that_found_its_line_item_is_kept_although_it_was_deleted_meanwhile_ags_67() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    let late =
        classroom.request(Method::POST, &format!("{item}/scores")).json(&classroom.score("ada", 5, 10));
    let meanwhile = async {
        classroom.delete(&item, &classroom.token).await.expect(204);
        is_gone(&classroom, &item).await;
    };
    let (late, ()) = overtaken(&wire, ("UpdateItem", "scored_at"), late, meanwhile).await;
    late.expect(200);
    assert_eq!(on_record(&classroom, &item).await, ["ada"]);
    assert_eq!(classroom.history(&item, "ada").await.len(), 1);
    is_gone(&classroom, &item).await;
}

#[tokio::test]
async fn a_score_that_looks_for_its_line_item_after_the_deletion_leaves_no_trace_ags_67_98() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    let late =
        classroom.request(Method::POST, &format!("{item}/scores")).json(&classroom.score("ada", 5, 10));
    let meanwhile = async {
        // The one read of the score stays held, that of the deletion passes.
        wire.mend();
        classroom.delete(&item, &classroom.token).await.expect(204);
    };
    let (late, ()) = overtaken(&wire, ("BatchGetItem", ""), late, meanwhile).await;
    late.refuses(404, "not-found", "", "deleted before it was looked for");
    assert_eq!(on_record(&classroom, &item).await, [""; 0]);
    assert!(classroom.history(&item, "ada").await.is_empty());
}

#[tokio::test]
async fn a_put_that_is_overtaken_by_a_deletion_changes_nothing_ags_67() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let partition = format!("CTX#{}#TOOL#tool", classroom.course.context);
    for tag in ["*", "\"1\""] {
        let item = classroom.item(10).await;
        let late = classroom.request(Method::PUT, &item).header("if-match", tag);
        let late = late.json(&json!({ "label": "Too late", "scoreMaximum": 1 }));
        let meanwhile = async {
            classroom.delete(&item, &classroom.token).await.expect(204);
            classroom.raw_items(&partition).await
        };
        let (late, deleted) = overtaken(&wire, ("UpdateItem", "Too late"), late, meanwhile).await;
        late.refuses(404, "not-found", "", tag);
        assert_eq!(classroom.raw_items(&partition).await, deleted);
    }
}

#[tokio::test]
async fn of_many_deletions_at_once_exactly_one_succeeds_ags_67() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let requests = (0..10).map(|_| classroom.request(Method::DELETE, &item));
    let answers = classroom.at_once(requests.collect()).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 204);
    assert_eq!(done.len(), 1, "{answers:?}");
    for answer in refused {
        answer.refuses(404, "not-found", "", "another was first");
    }
    is_gone(&classroom, &item).await;
}

#[tokio::test]
async fn whatever_meets_a_deletion_was_before_it_or_finds_nothing_ags_67_98() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let users: Vec<_> = (10..40).map(|number| format!("user-{number}")).collect();
    let body = json!({ "label": "Renamed", "scoreMaximum": 20 });
    let scores = users.iter().map(|user| {
        classroom.request(Method::POST, &format!("{item}/scores")).json(&classroom.score(user, 5, 10))
    });
    let mut requests: Vec<_> = scores.collect();
    requests.extend((0..5).map(|_| classroom.request(Method::PUT, &item).json(&body)));
    requests.extend((0..5).map(|_| classroom.request(Method::GET, &item)));
    // In the middle of the scores.
    requests.insert(15, classroom.request(Method::DELETE, &item));
    let mut answers = classroom.at_once(requests).await;
    answers.remove(15).expect(204);

    for answer in &answers {
        assert!([200, 404].contains(&answer.status), "{answer:?}");
    }
    let told = users.iter().zip(&answers).filter(|(_, answer)| answer.status == 200);
    let told: Vec<_> = told.map(|(user, _)| user.clone()).collect();
    assert_eq!(on_record(&classroom, &item).await, told, "what was acknowledged, and nothing else");
    for user in &users {
        let entries = classroom.history(&item, user).await.len();
        assert_eq!(entries, usize::from(told.contains(user)), "{user}");
    }
    is_gone(&classroom, &item).await;
}
