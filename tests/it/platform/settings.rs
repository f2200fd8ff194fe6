//! What the settings of a link do to the requests of its tool.

use ags_tests::Answer;
use reqwest::Method;
use serde_json::{Value, json};

use super::office::Office;

const END: &str = "2026-01-01T00:00:00Z";

/// Every call about a line item that tells whether it is there.
async fn statuses(office: &Office, item: &str) -> Vec<u16> {
    let body = json!({ "label": "Essay", "scoreMaximum": 10 });
    vec![
        office.read(item).await.status,
        office.replace(item, &body).await.status,
        office.grade(item, &office.score("ada", 5, 10)).await.status,
        office.read(&format!("{item}/results")).await.status,
        office.read(&format!("{item}/results?user_id=ada")).await.status,
        office.result(item, "ada").await.status,
    ]
}

#[tokio::test]
async fn what_is_on_a_link_that_is_not_graded_is_absent_for_its_tool_ags_35() {
    let office = Office::new().await;
    let coupled = office.quiz_item(&json!({})).await;
    let own = office.own_item().await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let free = office.item(5).await;
    for item in [&coupled, &own] {
        assert_eq!(statuses(&office, item).await, [200; 6]);
    }
    office.quiz(&json!({ "gradable": false })).await;
    for item in [&coupled, &own] {
        assert_eq!(statuses(&office, item).await, [404; 6]);
        office.delete(item, &office.token).await.expect(404);
    }
    office.own_item().await.expect(404);
    for list in ["", "?resource_link_id=quiz"] {
        let list = office.read(&format!("{}{list}", office.course.lineitems)).await.expect(200).json();
        let ids: Vec<_> = list.as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        assert!(ids.is_empty() || ids == [free.as_str()], "{ids:?}");
    }
    assert_eq!(statuses(&office, &free).await, [200; 6]);
    office.quiz(&json!({})).await;
    for item in [&coupled, &own] {
        assert_eq!(statuses(&office, item).await, [200; 6]);
    }
}

#[tokio::test]
async fn a_link_with_a_single_column_takes_no_other_line_item_ags_70() {
    let office = Office::new().await;
    let url = office.quiz_item(&json!({ "columns": "single" })).await;
    let refused = office.own_item().await.expect(403);
    assert_eq!(refused.problem().0, "single-column");
    assert!(refused.json()["detail"].as_str().unwrap().len() > 20);
    assert_eq!(statuses(&office, &url).await, [200; 6]);
    office.item(5).await;
    office.quiz(&json!({ "columns": "multiple" })).await;
    office.own_item().await.expect(201);
}

/// A score with a comment, and with members around it that tell whether their bytes are kept.
fn commented(office: &Office, comment: &str) -> String {
    let (now, given) = (office.services.now(), "5.0");
    format!(
        r#"{{ "userId":"ada", "comment" : "{comment}" ,"scoreGiven": {given},"scoreMaximum":10,"timestamp":"{now}",
  "activityProgress":"Completed","gradingProgress":"FullyGraded" , "https://tool.example/comment": "kept"}}"#
    )
}

#[tokio::test]
async fn the_comments_of_a_link_that_drops_them_are_stored_nowhere_ags_113() {
    let office = Office::new().await;
    let url = office.quiz_item(&json!({ "comments": "drop" })).await;
    let body = commented(&office, "very secret");
    for _ in 0..2 {
        office.grade_with(&url, body.clone()).await.expect(200);
    }
    assert!(!format!("{:?}", office.all_items().await).contains("very secret"));
    let result = office.result(&url, "ada").await.expect(200).json();
    assert_eq!((&result["resultScore"], result.get("comment")), (&json!(50), None));
    let history = office.history(&url, "ada").await;
    assert_eq!(history.len(), 1);
    let kept = history[0]["body"].as_s().unwrap();
    assert_eq!(*kept, body.replace(r#", "comment" : "very secret""#, ""));
    // And once they are kept again, they are.
    office.quiz(&json!({})).await;
    office.clock.advance(1);
    office.grade_with(&url, commented(&office, "public")).await.expect(200);
    assert_eq!(office.result(&url, "ada").await.json()["comment"], "public");
}

#[tokio::test]
async fn a_score_without_points_leaves_the_final_value_where_the_link_keeps_it_ags_106() {
    let office = Office::new().await;
    let url = office.quiz_item(&json!({ "missing_score": "keep" })).await;
    let post = async |given: Value, grading: &str| {
        office.clock.advance(1);
        let mut score = office.score("ada", given, 100);
        score["gradingProgress"] = json!(grading);
        office.grade(&url, &score).await.expect(200);
        office.result(&url, "ada").await.expect(200).json().get("resultScore").cloned()
    };
    assert_eq!(post(json!(70), "FullyGraded").await, Some(json!(70)));
    assert_eq!(post(json!(10), "Pending").await, Some(json!(70)));
    assert_eq!(post(Value::Null, "NotReady").await, Some(json!(70)));
    let row = &office.rows(&url).await[0];
    assert!(row.contains_key("final_given") && !row.contains_key("provisional_given"), "{row:?}");
    office.quiz(&json!({})).await;
    assert_eq!(post(Value::Null, "NotReady").await, None);
}

/// The score of a user whose work was handed in then, sent now.
async fn hand_in(office: &Office, item: &str, submitted: Option<&str>) -> Answer {
    office.clock.advance(1);
    let mut score = office.score("ada", 5, 10);
    if let Some(submitted) = submitted {
        score["submission"] = json!({ "submittedAt": submitted });
    }
    office.grade(item, &score).await
}

#[tokio::test]
async fn what_was_handed_in_after_the_end_is_refused_where_the_link_takes_no_late_scores() {
    let office = Office::new().await;
    let window = json!({ "end": END });
    let url = office.quiz_item(&json!({ "submission": window, "late": "refuse" })).await;
    // It is the time of handing in that counts, not that of the score; without it, it is that of the score.
    hand_in(&office, &url, Some(END)).await.expect(200);
    let refused = hand_in(&office, &url, Some("2026-01-01T00:00:00.000000001Z")).await.expect(403);
    assert_eq!(refused.problem().0, "late-score");
    hand_in(&office, &url, None).await.expect(403);
    assert_eq!(office.history(&url, "ada").await.len(), 1, "nothing of it is kept");
    // The link's end stands before what the tool says.
    let body = json!({ "label": "Quiz", "scoreMaximum": 10, "endDateTime": "2099-01-01T00:00:00Z" });
    office.replace(&url, &body).await.expect(200);
    hand_in(&office, &url, None).await.expect(403);
    office.quiz(&json!({ "submission": window, "late": "accept" })).await;
    hand_in(&office, &url, None).await.expect(200);
}

#[tokio::test]
async fn a_link_without_an_end_has_the_one_of_its_line_item() {
    let office = Office::new().await;
    office.quiz(&json!({ "late": "refuse" })).await;
    let body = json!({ "label": "Own", "scoreMaximum": 5, "resourceLinkId": "quiz", "endDateTime": END });
    let own = office.create(&body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    hand_in(&office, &own, None).await.expect(403);
    hand_in(&office, &own, Some("2025-12-31T00:00:00Z")).await.expect(200);
    let open = json!({ "label": "Own", "scoreMaximum": 5 });
    office.replace(&own, &open).await.expect(200);
    hand_in(&office, &own, None).await.expect(200);
}

#[tokio::test]
async fn history_is_kept_as_many_days_as_the_link_says_and_not_at_all_for_none() {
    let (office, wire) = Office::behind_a_wire().await;
    let url = office.quiz_item(&json!({ "history_days": 3 })).await;
    office.grade(&url, &office.score("ada", 5, 10)).await.expect(200);
    let entry = &office.history(&url, "ada").await[0];
    let expires: i64 = entry["expires_at"].as_n().unwrap().parse().unwrap();
    assert_eq!(expires - office.clock.seconds(), 3 * 24 * 60 * 60);
    office.quiz(&json!({ "history_days": 0 })).await;
    wire.take_calls();
    let score = office.score("bob", 5, 10);
    for _ in 0..2 {
        office.grade(&url, &score).await.expect(200);
        assert_eq!(wire.answered_calls(), ["BatchGetItem", "UpdateItem"]);
    }
    let mut older = office.score("bob", 6, 10);
    older["timestamp"] = json!("2026-01-01T00:00:00Z");
    office.grade(&url, &older).await.expect(409);
    assert_eq!(wire.answered_calls(), ["BatchGetItem", "UpdateItem"]);
    assert!(office.history(&url, "bob").await.is_empty());
    assert_eq!(office.result(&url, "bob").await.json()["resultScore"], 50);
}

#[tokio::test]
async fn line_items_without_a_link_follow_the_defaults_of_their_tool_as_they_are_now() {
    let office = Office::new().await;
    let body = json!({ "label": "Own", "scoreMaximum": 10, "endDateTime": END });
    let free = office.create(&body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let linked = office.quiz_item(&json!({ "submission": { "end": END } })).await;
    hand_in(&office, &free, None).await.expect(200);
    let defaults = json!({ "late": "refuse", "comments": "drop", "history_days": 0, "missing_score": "keep", "gradable": false });
    office.change_tool(&json!({ "defaults": defaults })).await;
    hand_in(&office, &free, None).await.expect(403);
    hand_in(&office, &linked, None).await.expect(200);
    office.change_tool(&json!({ "defaults": { "late": "accept" } })).await;
    office.clock.advance(1);
    office.grade_with(&free, commented(&office, "secret")).await.expect(200);
    assert_eq!(office.history(&free, "ada").await.len(), 1, "only that of before");
    office.clock.advance(1);
    office.grade(&free, &office.score("ada", Value::Null, Value::Null)).await.expect(200);
    let result = office.result(&free, "ada").await.json();
    assert_eq!((&result["resultScore"], result.get("comment")), (&json!(5), None));
}

#[tokio::test]
async fn a_line_item_that_is_made_while_its_link_changes_has_the_rules_that_came_last() {
    let (office, wire) = Office::behind_a_wire().await;
    office.quiz(&json!({})).await;
    for (key, last) in [(None, json!({ "late": "refuse" })), (Some("k"), json!({ "gradable": false }))] {
        wire.take_calls();
        wire.hold("TransactWriteItems", "Own");
        let body = json!({ "label": "Own", "scoreMaximum": 5, "resourceLinkId": "quiz" });
        let mut request = office.request(Method::POST, &office.course.lineitems).json(&body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let creation = tokio::spawn(Answer::fetch(request));
        wire.held("TransactWriteItems", "Own").await;
        wire.mend();
        office.quiz(&last).await;
        wire.release();
        let answer = creation.await.unwrap();
        if key.is_some() {
            answer.expect(404);
            continue;
        }
        let own = answer.expect(201).json()["id"].as_str().unwrap().to_owned();
        let late = json!({ "label": "Own", "scoreMaximum": 5, "endDateTime": END });
        office.replace(&own, &late).await.expect(200);
        hand_in(&office, &own, None).await.expect(403);
    }
    let open = office.read(&office.course.lineitems).await.json();
    assert_eq!(open, json!([]), "nothing of a link that is not graded");
}

#[tokio::test]
async fn a_line_item_of_a_link_whose_answer_was_lost_is_made_once_ags_61() {
    let (office, wire) = Office::behind_a_wire().await;
    office.quiz(&json!({})).await;
    wire.lose_one_answer("TransactWriteItems", "Own");
    office.own_item().await.expect(201);
    assert!(wire.is_spent());
    assert_eq!(office.read(&office.course.lineitems).await.json().as_array().unwrap().len(), 2);
}
