//! Scores at the same time: which one counts, and what the history keeps.

use std::collections::{BTreeMap, HashMap};

use ags_tests::Classroom;
use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::{Value, json};

use super::overtaken;

/// A score of `given` of 50 for `ada`, made at this point of the minute before the clock of the tests starts. Everything
/// in it tells which one it is.
fn at(point: &str, given: i32) -> Value {
    json!({
        "userId": "ada", "scoreGiven": given, "scoreMaximum": 50, "timestamp": format!("2026-11-21T11:59:{point}Z"),
        "activityProgress": "Completed", "gradingProgress": "FullyGraded",
        "comment": format!("number {given}"), "scoringUserId": format!("teacher-{given}"),
    })
}

/// What each body in the history of `ada` came to; empty if it was applied.
async fn outcomes(classroom: &Classroom, item: &str) -> BTreeMap<String, String> {
    let entries = classroom.history(item, "ada").await;
    let text = |value: &AttributeValue| value.as_s().unwrap().clone();
    let outcome = |entry: &HashMap<String, AttributeValue>| {
        (text(&entry["body"]), entry.get("outcome").map(text).unwrap_or_default())
    };
    let outcomes: BTreeMap<_, _> = entries.iter().map(outcome).collect();
    assert_eq!(outcomes.len(), entries.len(), "a score that is in the history twice");
    outcomes
}

/// That `score` is the one result, whole, and in the one row.
async fn stands(classroom: &Classroom, item: &str, score: &Value) {
    assert_eq!(classroom.rows(item).await.len(), 1, "one user, one row");
    let results = classroom.all_results(item).await;
    let [result] = results.as_slice() else { panic!("not one result: {results:?}") };
    assert_eq!(result["resultScore"], score["scoreGiven"]);
    assert_eq!(result["comment"], score["comment"]);
    assert_eq!(result["scoringUserId"], score["scoringUserId"]);
}

#[tokio::test]
async fn an_older_score_that_reaches_the_table_last_is_refused_ags_99_103() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(50).await;
    let (older, newest) = (at("10", 3), at("20", 7));
    let late = classroom.request(Method::POST, &format!("{item}/scores")).json(&older);
    let meanwhile = classroom.grade(&item, &newest);
    let (late, on_time) = overtaken(&wire, ("UpdateItem", "number 3"), late, meanwhile).await;
    assert_eq!((late.status, on_time.status), (409, 200), "{}", late.text);
    stands(&classroom, &item, &newest).await;
    let expected = [(older.to_string(), "stale".to_owned()), (newest.to_string(), String::new())];
    assert_eq!(outcomes(&classroom, &item).await, expected.into());
}

/// The entry that the repetition finds is its own, so that it is not taken for a score that once counted.
#[tokio::test]
async fn a_refused_score_is_late_in_the_history_though_its_entry_was_sent_twice_ags_99_100() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(50).await;
    let (older, newest) = (at("10", 3), at("20", 7));
    wire.lose_one_answer("PutItem", "number 3");
    let late = classroom.request(Method::POST, &format!("{item}/scores")).json(&older);
    let meanwhile = classroom.grade(&item, &newest);
    let (late, on_time) = overtaken(&wire, ("UpdateItem", "number 3"), late, meanwhile).await;
    assert_eq!((late.status, on_time.status), (409, 200), "{}", late.text);
    let expected = [(older.to_string(), "stale".to_owned()), (newest.to_string(), String::new())];
    assert_eq!(outcomes(&classroom, &item).await, expected.into());
}

#[tokio::test]
async fn of_two_scores_at_one_time_the_one_that_reaches_the_table_last_counts_ags_101_103() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(50).await;
    let (last, first) = (at("10", 3), at("10", 7));
    let late = classroom.request(Method::POST, &format!("{item}/scores")).json(&last);
    let meanwhile = async {
        classroom.grade(&item, &first).await.expect(200);
        stands(&classroom, &item, &first).await;
    };
    let (late, ()) = overtaken(&wire, ("UpdateItem", "number 3"), late, meanwhile).await;
    late.expect(200);
    stands(&classroom, &item, &last).await;
    let expected = [last, first].map(|score| (score.to_string(), String::new()));
    assert_eq!(outcomes(&classroom, &item).await, expected.into());
}

#[tokio::test]
async fn a_retry_that_overtakes_its_first_try_is_the_same_score_ags_101() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let score = at("10", 3);
    for held in [("UpdateItem", "number 3"), ("PutItem", "number 3")] {
        let item = classroom.item(50).await;
        let first = classroom.request(Method::POST, &format!("{item}/scores")).json(&score);
        let retry = async {
            wire.mend();
            classroom.grade(&item, &score).await
        };
        let (first, retry) = overtaken(&wire, held, first, retry).await;
        assert_eq!(first.expect(200).json(), retry.expect(200).json());
        stands(&classroom, &item, &score).await;
        assert_eq!(outcomes(&classroom, &item).await, [(score.to_string(), String::new())].into());
    }
}

#[tokio::test]
async fn of_many_scores_at_once_the_newest_stays_ags_103() {
    let classroom = Classroom::new().await;
    // None of them has a common divisor with 25, so that each score comes once: in order, in disorder, backwards.
    for stride in [1, 7, 24] {
        let item = classroom.item(50).await;
        let numbers = (0..25).map(|step| step * stride % 25);
        let scores: Vec<_> = numbers.map(|number| at(&format!("00.0000000{number:02}"), number)).collect();
        let answers = classroom.grade_at_once(&item, &scores).await;
        let newest = at("00.000000024", 24);
        let told = scores.iter().zip(&answers).map(|(score, answer)| {
            let outcome = match answer.status {
                200 => "",
                409 if *score != newest => "stale",
                _ => panic!("{score}: {answer:?}"),
            };
            (score.to_string(), outcome.to_owned())
        });
        let told = told.collect();
        stands(&classroom, &item, &newest).await;
        assert_eq!(outcomes(&classroom, &item).await, told, "all of them, as was told");
    }
}

#[tokio::test]
async fn of_many_scores_at_one_time_one_counts_and_all_are_kept_ags_101_103() {
    let classroom = Classroom::new().await;
    let item = classroom.item(50).await;
    let scores: Vec<_> = (0..30).map(|number| at("30", number)).collect();
    for answer in classroom.grade_at_once(&item, &scores).await {
        answer.expect(200);
    }
    let shown = classroom.result(&item, "ada").await.json()["resultScore"].as_i64().unwrap();
    stands(&classroom, &item, &at("30", shown.try_into().unwrap())).await;
    let all = scores.iter().map(|score| (score.to_string(), String::new()));
    assert_eq!(outcomes(&classroom, &item).await, all.collect());
}

#[tokio::test]
async fn one_score_sent_many_times_at_once_counts_once_ags_101() {
    let classroom = Classroom::new().await;
    let item = classroom.item(50).await;
    let score = at("30", 7);
    for answer in classroom.grade_at_once(&item, &vec![score.clone(); 20]).await {
        answer.expect(200);
    }
    stands(&classroom, &item, &score).await;
    assert_eq!(outcomes(&classroom, &item).await, [(score.to_string(), String::new())].into());
}

#[tokio::test]
async fn scores_of_many_users_at_once_do_not_disturb_each_other_ags_103_121_122() {
    let classroom = Classroom::new().await;
    let item = classroom.item(50).await;
    let scores: Vec<_> = (10..40)
        .map(|number| {
            let mut score = at("00", number);
            score["userId"] = json!(format!("user-{number}"));
            score
        })
        .collect();
    for answer in classroom.grade_at_once(&item, &scores).await {
        answer.expect(200);
    }
    let results = classroom.all_results(&item).await;
    let seen = |result: &Value| [result["userId"].clone(), result["resultScore"].clone()];
    let expected = (10..40).map(|number| [json!(format!("user-{number}")), json!(number)]);
    assert_eq!(results.iter().map(seen).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    for number in 10..40 {
        assert_eq!(classroom.history(&item, &format!("user-{number}")).await.len(), 1);
    }
}
