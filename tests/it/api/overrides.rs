//! What an instructor decides stands apart from what the tool sends.

use ags_tests::Classroom;
use serde_json::{Value, json};

/// The result of `ada`, alone and in the list, which must agree; null where there is none.
async fn shown(classroom: &Classroom, item: &str) -> Value {
    let single = classroom.result(item, "ada").await.expect(200).json();
    let listed = classroom.all_results(item).await;
    let found = classroom.read(&format!("{item}/results?user_id=ada")).await.expect(200).json();
    assert_eq!(found, json!(listed));
    match listed.as_slice() {
        [] => assert_eq!(single["resultScore"], Value::Null),
        [one] => assert_eq!(*one, single),
        more => panic!("{more:?}"),
    }
    single["resultScore"].clone()
}

#[tokio::test]
async fn no_score_touches_what_an_instructor_has_decided_ags_102_105_106_109() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut score = classroom.score("ada", 5, 10);
    classroom.grade(&item, &score).await.expect(200);
    classroom.decide(&item, "ada", Some((9, 10))).await;
    for grading in ["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"] {
        for given in [json!(2), Value::Null] {
            score["gradingProgress"] = json!(grading);
            score["scoreGiven"] = given;
            classroom.grade(&item, &score).await.expect(200);
            assert_eq!(shown(&classroom, &item).await, 9, "after {score}");
        }
    }
}

#[tokio::test]
async fn without_the_instructors_points_the_tools_last_word_counts_again_ags_105() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.decide(&item, "ada", Some((9, 10))).await;
    classroom.grade(&item, &classroom.score("ada", 4, 10)).await.expect(200);
    classroom.decide(&item, "ada", None).await;
    assert_eq!(shown(&classroom, &item).await, 4);

    classroom.decide(&item, "ada", Some((9, 10))).await;
    let mut cleared = classroom.score("ada", 4, 10);
    cleared["scoreGiven"] = Value::Null;
    classroom.grade(&item, &cleared).await.expect(200);
    classroom.decide(&item, "ada", None).await;
    assert_eq!(shown(&classroom, &item).await, Value::Null);
}

#[tokio::test]
async fn an_instructors_zero_and_extra_credit_count_and_are_rescaled_ags_66_112_127() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    classroom.decide(&item, "ada", Some((0, 10))).await;
    assert_eq!(shown(&classroom, &item).await, 0);
    classroom.decide(&item, "ada", Some((11, 10))).await;
    assert_eq!(shown(&classroom, &item).await, 11);
    classroom.replace(&item, &json!({ "label": "Essay", "scoreMaximum": 20 })).await.expect(200);
    assert_eq!(shown(&classroom, &item).await, 22);
}

/// AGS 102: scores are ordered among themselves.
#[tokio::test]
async fn an_instructor_who_was_first_does_not_make_a_score_late_ags_102() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.decide(&item, "ada", Some((9, 10))).await;
    let mut early = classroom.score("ada", 4, 10);
    early["timestamp"] = json!("2020-01-01T00:00:00Z");
    classroom.grade(&item, &early).await.expect(200);
    assert_eq!(shown(&classroom, &item).await, 9);
}

#[tokio::test]
async fn taking_back_what_was_never_given_leaves_nothing_behind_ags_121() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.decide(&item, "ada", None).await;
    classroom.result(&item, "ada").await.expect(404);
    assert!(classroom.rows(&item).await.is_empty());
}

#[tokio::test]
async fn a_user_of_whom_nothing_but_an_override_was_on_record_has_no_result_without_it_ags_121() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.decide(&item, "ada", Some((9, 10))).await;
    assert_eq!(shown(&classroom, &item).await, 9);
    classroom.decide(&item, "ada", None).await;
    classroom.result(&item, "ada").await.expect(404);
    assert!(classroom.all_results(&item).await.is_empty());
}
