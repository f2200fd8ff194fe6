//! How a grade came about.

use ags_shared::domain::Retention;
use ags_tests::Classroom;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::office::Office;
use super::walk;

fn history(classroom: &Classroom, item: &str) -> String {
    format!("{}/history", classroom.lms_grade(item, "ada"))
}

#[tokio::test]
async fn history_has_every_score_and_every_decision_with_who_sent_it_ags_99() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut late = classroom.score("ada", 4, 10);
    late["https://example.org/attempt"] = json!(1);
    let score = classroom.score("ada", 5, 10);
    classroom.grade(&item, &score).await.expect(200);
    classroom.grade(&item, &late).await.expect(409);
    classroom.decide(&item, "ada", Some((9, 10))).await;
    classroom.decide(&item, "ada", None).await;
    let url = format!("{}/comment", classroom.lms_grade(&item, "ada"));
    let comment = json!({ "text": "see me", "by": "teacher-2" });
    classroom.put(&url, &classroom.lms, &comment).await.expect(200);

    let (pages, changes) = walk(&classroom, &history(&classroom, &item), 100).await;
    assert_eq!((pages.len(), changes.as_str()), (1, ""));
    let mut entries = pages.concat();
    let decided = |entry: &mut Value| {
        let members = entry.as_object_mut().unwrap();
        for name in ["at", "token_id"] {
            assert!(members.remove(name).is_some_and(|text| text.is_string()), "{name}");
        }
        entry.clone()
    };
    let expected = [
        json!({ "kind": "override", "by": "teacher-1", "reason": "Talked it over", "score": 9, "maximum": 10, "client": "lms" }),
        json!({ "kind": "override_removed", "by": "teacher-1", "reason": "A slip", "client": "lms" }),
        json!({ "kind": "comment", "by": "teacher-2", "text": "see me", "client": "lms" }),
    ];
    assert_eq!(entries.iter_mut().take(3).map(decided).collect::<Vec<_>>(), expected);
    let scored = |entry: &Value| {
        assert!(entry["received_at"].is_string() && entry["token_id"].is_string(), "{entry}");
        assert_eq!((&entry["kind"], &entry["client"]), (&json!("score"), &json!("tool")));
        assert_eq!(entry["timestamp"], entry["score"]["timestamp"]);
        (entry["outcome"].clone(), entry["score"].clone())
    };
    let scores: Vec<_> = entries.iter().skip(3).map(scored).collect();
    assert_eq!(scores, [(json!("stale"), late), (json!("applied"), score)]);
}

#[tokio::test]
async fn history_comes_in_pages() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for given in 0..5 {
        classroom.grade(&item, &classroom.score("ada", given, 10)).await.expect(200);
    }
    classroom.decide(&item, "ada", Some((9, 10))).await;
    let url = history(&classroom, &item);
    let (pages, _) = walk(&classroom, &format!("{url}?limit=2"), 2).await;
    let points: Vec<_> = pages.concat().iter().map(|entry| entry["score"]["scoreGiven"].clone()).collect();
    assert_eq!(points, [Value::Null, json!(0), json!(1), json!(2), json!(3), json!(4)]);
    let cursor = |after: &str| HEXLOWER.encode(json!({ "limit": 2, "after": after }).to_string().as_bytes());
    let long = format!("SCORE#{}", "9".repeat(100));
    for cursor in ["7b7d".to_owned(), cursor("USER#ada"), cursor(&long)] {
        let wrong = format!("{url}?cursor={cursor}");
        classroom.get(&wrong, &classroom.lms).await.refuses(400, "invalid-parameter", "cursor", "not ours");
    }
}

#[tokio::test]
async fn history_outlives_its_line_item_but_not_its_time_ags_67() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.decide(&item, "ada", Some((9, 10))).await;
    classroom.delete(&item, &classroom.token).await.expect(204);
    let url = history(&classroom, &item);
    assert_eq!(walk(&classroom, &url, 1).await.0.concat().len(), 1);
    let foreign = url.replace("/tools/tool/", "/tools/other/");
    classroom.get(&foreign, &classroom.lms).await.expect(404);
    classroom.clock.advance(401 * 24 * 60 * 60);
    let token = classroom.lms_token().await;
    let body = classroom.get(&url, &token).await.expect(200).json();
    assert_eq!(body, json!({ "entries": [] }));
}

#[tokio::test]
async fn a_tool_without_history_leaves_none_of_decisions() {
    let classroom = Classroom::new().await;
    classroom
        .register(&classroom.tool, |tool| {
            tool.defaults.policy.history = Retention::from_days(0).unwrap();
        })
        .await;
    let item = classroom.item(10).await;
    classroom.decide(&item, "ada", Some((9, 10))).await;
    classroom.decide(&item, "ada", None).await;
    assert!(classroom.history(&item, "ada").await.is_empty());
}

#[tokio::test]
async fn decisions_are_kept_as_many_days_as_the_scores_of_their_link() {
    let office = Office::new().await;
    for (days, kept) in [(0, 0), (3, 1)] {
        let item = office.quiz_item(&json!({ "history_days": days })).await;
        office.decide(&item, "ada", Some((9, 10 + days))).await;
        let entries = office.history(&item, "ada").await;
        assert_eq!(entries.len(), kept, "{days}");
        for entry in entries {
            let expires: i64 = entry["expires_at"].as_n().unwrap().parse().unwrap();
            assert_eq!(expires - office.clock.seconds(), i64::from(days) * 24 * 60 * 60);
        }
    }
}
