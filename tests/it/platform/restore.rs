//! Line items as the LMS sees them, and deleted ones that come back.

use ags_tests::{Answer, Classroom};
use serde_json::{Value, json};

use super::office::{Office, QUIZ};
use super::walk;

const DAY: i64 = 24 * 60 * 60;

async fn listed(classroom: &Classroom) -> Vec<Value> {
    let url = classroom.platform_url("contexts/course/tools/tool/lineitems");
    walk(classroom, &url, 1_000).await.0.concat()
}

#[tokio::test]
async fn the_lms_sees_all_line_items_of_a_tool_also_the_deleted_ones_ags_67() {
    let classroom = Classroom::new().await;
    let coupled = classroom.coupled_line_item(&classroom.tool, &classroom.course, "quiz").await;
    let rest = json!({
        "resourceId": "r", "tag": "t", "gradesReleased": true,
        "startDateTime": "2026-11-21T11:00:00Z", "endDateTime": "2026-11-21T12:00:00Z",
    });
    let own = classroom.create_labelled("Essay", &rest).await;
    classroom.delete(&own, &classroom.token).await.expect(204);
    let entries = listed(&classroom).await;
    let id = |url: &str| url.rsplit('/').next().unwrap().to_owned();
    assert_eq!(
        entries[0],
        json!({
            "id": id(&coupled), "url": coupled, "tool": "tool", "label": "quiz", "score_maximum": 100,
            "resource_link_id": "quiz", "coupled": true, "deployment": "1", "version": 1,
        })
    );
    let deleted_at = entries[1]["deleted_at"].as_str().unwrap();
    assert!(deleted_at.starts_with("2026-11-21T12:00:00"), "{deleted_at}");
    assert_eq!(
        entries[1],
        json!({
            "id": id(&own), "url": own, "tool": "tool", "label": "Essay", "score_maximum": 10,
            "resource_id": "r", "tag": "t", "grades_released": true, "coupled": false, "deployment": "1",
            "start_date_time": "2026-11-21T11:00:00Z", "end_date_time": "2026-11-21T12:00:00Z",
            "version": 1, "deleted_at": deleted_at,
        })
    );
    let url = classroom.platform_url("contexts/course/tools/tool/lineitems?limit=1");
    assert_eq!(walk(&classroom, &url, 1).await.0.concat(), entries);
}

#[tokio::test]
async fn a_deleted_line_item_comes_back_with_its_grades_ags_67() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    classroom.delete(&item, &classroom.token).await.expect(204);
    let restore = format!("{}/restore", classroom.lms_item(&item));
    for _ in 0..2 {
        let restored = classroom.post(&restore, &classroom.lms, &Value::Null).await.expect(200).json();
        assert_eq!((&restored["url"], &restored["deleted_at"]), (&json!(item), &Value::Null));
        assert_eq!(restored, listed(&classroom).await[0]);
    }
    assert_eq!(classroom.result(&item, "ada").await.expect(200).json()["resultScore"], 5);
    let index = classroom.all_items().await.into_iter().filter(|row| row.contains_key("gsi1pk"));
    let deleted = index.filter(|row| row["gsi1pk"].as_s().unwrap() == "DELETED").count();
    assert_eq!(deleted, 0);
    classroom.delete(&item, &classroom.token).await.expect(204);
    classroom.read(&item).await.expect(404);
}

#[tokio::test]
async fn a_line_item_comes_back_within_30_days_ags_67() {
    let classroom = Classroom::new().await;
    let (item, other) = (classroom.item(10).await, classroom.item(10).await);
    for item in [&other, &item] {
        classroom.delete(item, &classroom.token).await.expect(204);
    }
    classroom.clock.advance(30 * DAY - 60);
    let token = classroom.lms_token().await;
    let restore = |item: &str| format!("{}/restore", classroom.lms_item(item));
    classroom.post(&restore(&item), &token, &Value::Null).await.expect(200);
    classroom.clock.advance(120);
    let late = classroom.post(&restore(&other), &token, &Value::Null).await.expect(409);
    assert_eq!(late.problem().0, "not-restorable");
    let unknown = restore(&item).replace("/tools/tool/", "/tools/other/");
    classroom.post(&unknown, &token, &Value::Null).await.expect(404);
}

#[tokio::test]
async fn a_line_item_comes_back_only_where_its_link_is_ags_72() {
    let office = Office::new().await;
    let item = office.quiz_item(&json!({})).await;
    let link = office.platform_url("contexts/course/tools/tool/links/quiz");
    office.delete(&link, &office.lms).await.expect(204);
    let restore = format!("{}/restore", office.lms_item(&item));
    let refused = office.post(&restore, &office.lms, &Value::Null).await.expect(409);
    assert_eq!(refused.problem().0, "not-restorable");
    assert!(refused.text.contains("link"), "{}", refused.text);
    office.quiz(&json!({ "gradable": false })).await;
    office.post(&restore, &office.lms, &Value::Null).await.expect(200);
    // By what the link says now.
    office.read(&item).await.expect(404);
    office.quiz(&json!({ "gradable": true })).await;
    office.read(&item).await.expect(200);
}

#[tokio::test]
async fn a_restoration_whose_answer_is_lost_is_carried_out_once() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    classroom.delete(&item, &classroom.token).await.expect(204);
    wire.lose_one_answer("TransactWriteItems", "deleted_at");
    let restore = format!("{}/restore", classroom.lms_item(&item));
    classroom.post(&restore, &classroom.lms, &Value::Null).await.expect(200);
    assert!(wire.is_spent());
    classroom.read(&item).await.expect(200);
}

#[tokio::test]
async fn a_line_item_does_not_come_back_while_its_link_goes_ags_72() {
    let (office, wire) = Office::behind_a_wire().await;
    office.quiz(&json!({})).await;
    let item = office.own_item().await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let link = office.platform_url(QUIZ);
    for makes_anew in [false, true] {
        wire.take_calls();
        office.classroom.delete(&item, &office.token).await.expect(204);
        // The link is there when the restoration looks for it, and is not when that is written.
        wire.hold("TransactWriteItems", "changed_at");
        let restore = format!("{}/restore", office.lms_item(&item));
        let restore = office.http.post(restore).bearer_auth(&office.lms);
        let restoration = tokio::spawn(Answer::fetch(restore));
        wire.held("TransactWriteItems", "changed_at").await;
        wire.mend();
        office.delete(&link, &office.lms).await.expect(204);
        if makes_anew {
            office.quiz(&json!({ "comments": "drop" })).await;
        }
        wire.release();
        let answer = restoration.await.unwrap();
        if makes_anew {
            // With what the link says by now.
            answer.expect(200);
            let mut score = office.score("ada", 1, 5);
            score["comment"] = json!("x");
            office.grade(&item, &score).await.expect(200);
            let result = office.result(&item, "ada").await.expect(200).json();
            assert_eq!((&result["resultScore"], &result["comment"]), (&json!(1), &Value::Null));
        } else {
            assert_eq!(answer.expect(409).problem().0, "not-restorable");
            office.quiz(&json!({})).await;
            office
                .post(&format!("{}/restore", office.lms_item(&item)), &office.lms, &Value::Null)
                .await
                .expect(200);
        }
    }
}
