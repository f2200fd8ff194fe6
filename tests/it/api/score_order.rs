//! Scores after one another: which one counts, and what the history keeps.

use ags_tests::{Classroom, jwt};
use serde_json::{Value, json};

/// A score of `given` of 10 for `ada`, made at this point of the minute before the clock of the tests starts.
fn at(point: &str, given: impl Into<Value>) -> Value {
    json!({
        "userId": "ada", "scoreGiven": given.into(), "scoreMaximum": 10, "timestamp": format!("2026-11-21T11:59:{point}Z"),
        "activityProgress": "Completed", "gradingProgress": "FullyGraded",
    })
}

/// The outcomes of the history, oldest timestamp first; empty for a score that was applied.
async fn outcomes(classroom: &Classroom, item: &str) -> Vec<String> {
    let entries = classroom.history(item, "ada").await;
    let outcomes = entries.iter().map(|entry| entry.get("outcome"));
    outcomes.map(|outcome| outcome.map_or("", |text| text.as_s().unwrap()).to_owned()).collect()
}

#[tokio::test]
async fn an_older_score_is_refused_and_changes_nothing_ags_99_100() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut newest = at("30", 7);
    newest["comment"] = json!("newest");
    newest["scoringUserId"] = json!("teacher");
    classroom.grade(&item, &newest).await.expect(200);
    let (rows, shown) = (classroom.rows(&item).await, classroom.result(&item, "ada").await.json());
    for (point, given) in [("29", json!(9)), ("29.999999999", json!(null)), ("00", json!(0))] {
        let mut score = at(point, given);
        score["activityProgress"] = json!("Initialized");
        score["comment"] = json!("late");
        classroom.grade(&item, &score).await.refuses(409, "stale-score", "", point);
        assert_eq!(classroom.rows(&item).await, rows, "{point}");
    }
    assert_eq!(classroom.result(&item, "ada").await.json(), shown);
}

#[tokio::test]
async fn an_identical_retry_succeeds_and_leaves_no_second_trace_ags_101() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let score = at("30", 7);
    let first = classroom.grade(&item, &score).await.expect(200);
    let (rows, history) = (classroom.rows(&item).await, classroom.history(&item, "ada").await);
    for _ in 0..3 {
        assert_eq!(classroom.grade(&item, &score).await.expect(200).json(), first.json());
    }
    assert_eq!(classroom.rows(&item).await, rows);
    assert_eq!(classroom.history(&item, "ada").await, history);
    assert_eq!(history.len(), 1);
}

#[tokio::test]
async fn of_two_different_scores_at_one_time_the_later_arrival_counts_ags_101() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (given, entries) in [(7, 1), (3, 2), (9, 3)] {
        classroom.grade(&item, &at("30", given)).await.expect(200);
        assert_eq!(classroom.result(&item, "ada").await.json()["resultScore"], given);
        assert_eq!(outcomes(&classroom, &item).await, vec![""; entries]);
    }
}

#[tokio::test]
async fn one_instant_in_two_zones_is_one_time_ags_94() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &at("30", 7)).await.expect(200);
    let mut elsewhere = at("30", 8);
    elsewhere["timestamp"] = json!("2026-11-21T06:29:30.000-05:30");
    classroom.grade(&item, &elsewhere).await.expect(200);
    assert_eq!(classroom.result(&item, "ada").await.json()["resultScore"], 8);
    // A later hour on the clock of an earlier zone is not a later time.
    elsewhere["timestamp"] = json!("2026-11-21T23:59:29+12:00");
    classroom.grade(&item, &elsewhere).await.refuses(409, "stale-score", "", "a second too late");
}

#[tokio::test]
async fn a_status_without_a_value_advances_the_time_ags_104() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut status = at("30", Value::Null);
    status.as_object_mut().unwrap().remove("scoreGiven");
    status["activityProgress"] = json!("Started");
    status["gradingProgress"] = json!("NotReady");
    classroom.grade(&item, &status).await.expect(200);
    classroom.grade(&item, &at("29", 7)).await.refuses(409, "stale-score", "", "older than the status");
    assert_eq!(classroom.all_results(&item).await, [] as [Value; 0]);
    classroom.grade(&item, &at("31", 7)).await.expect(200);
}

#[tokio::test]
async fn scores_are_ordered_to_the_nanosecond_ags_94() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (point, given, status) in [
        ("30.000000002", 1, 200),
        ("30.000000001", 2, 409),
        ("30", 3, 409),
        ("30.000000003", 4, 200),
        ("30.00000001", 5, 200),
        ("30.000000009", 6, 409),
        ("30.1", 7, 200),
        ("30.099999999", 8, 409),
        ("31", 9, 200),
    ] {
        let answer = classroom.grade(&item, &at(point, given)).await;
        assert_eq!(answer.status, status, "{point}: {}", answer.text);
    }
    assert_eq!(classroom.result(&item, "ada").await.json()["resultScore"], 9);
}

#[tokio::test]
async fn one_users_time_is_nobody_elses_and_no_other_line_items_ags_102() {
    let classroom = Classroom::new().await;
    let (item, other) = (classroom.item(10).await, classroom.item(10).await);
    classroom.grade(&item, &at("30", 7)).await.expect(200);
    let mut older = at("10", 3);
    classroom.grade(&other, &older).await.expect(200);
    older["userId"] = json!("bob");
    classroom.grade(&item, &older).await.expect(200);
}

#[tokio::test]
async fn the_history_keeps_what_was_sent_by_whom_and_what_became_of_it() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let odd = format!(" {}\n", at("30", 7).to_string().replace("\"ada\"", "\"\\u0061da\""));
    classroom.grade_with(&item, odd.clone()).await.expect(200);
    let older = at("10", 3);
    for _ in 0..3 {
        classroom.grade(&item, &older).await.expect(409);
        assert_eq!(
            outcomes(&classroom, &item).await,
            ["stale", ""],
            "a replay of a stale score adds nothing"
        );
    }
    let entries = classroom.history(&item, "ada").await;
    let text = |index: usize, name: &str| entries[index][name].as_s().unwrap().clone();
    assert_eq!(text(1, "body"), odd, "to the byte");
    assert_eq!(text(0, "body"), older.to_string());
    assert_eq!(text(0, "client"), "tool");
    let (_, claims) = jwt::parts(&classroom.token);
    assert_eq!(text(0, "token_id"), claims["jti"].as_str().unwrap());
    assert_eq!(text(0, "token_id"), text(1, "token_id"));
    let expires_at: i64 = entries[0]["expires_at"].as_n().unwrap().parse().unwrap();
    let days = (expires_at - classroom.clock.seconds()) / 86_400;
    assert!((399..=400).contains(&days), "kept for 400 days: {days}");
    let received_at = |index: usize| entries[index]["received_at"].as_n().unwrap().clone();
    assert!(received_at(1).starts_with("1795262400"), "nanoseconds of 2026-11-21T12:00:00Z and a little");
    assert!(received_at(0) > received_at(1));
}

#[tokio::test]
async fn a_late_retry_of_a_score_that_counted_does_not_rewrite_history() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let first = at("10", 3);
    classroom.grade(&item, &first).await.expect(200);
    classroom.grade(&item, &at("20", 5)).await.expect(200);
    let before = classroom.history(&item, "ada").await;
    classroom.grade(&item, &first).await.expect(409);
    assert_eq!(classroom.history(&item, "ada").await, before);
    assert_eq!(classroom.result(&item, "ada").await.json()["resultScore"], 5);
}
