//! What instructors decide, with who and why.

use ags_tests::Classroom;
use serde_json::{Value, json};

async fn given(classroom: &Classroom, item: &str, body: &Value) -> Value {
    let url = format!("{}/override", classroom.lms_grade(item, "ada"));
    classroom.put(&url, &classroom.lms, body).await.expect(200).json()
}

async fn said(classroom: &Classroom, item: &str, text: &str) -> Value {
    let url = format!("{}/comment", classroom.lms_grade(item, "ada"));
    let body = json!({ "text": text, "by": "teacher-2" });
    classroom.put(&url, &classroom.lms, &body).await.expect(200).json()
}

/// The kinds of decisions in the history of `ada`.
async fn kinds(classroom: &Classroom, item: &str) -> Vec<String> {
    let entries = classroom.history(item, "ada").await;
    let kind = |entry: &std::collections::HashMap<_, aws_sdk_dynamodb::types::AttributeValue>| {
        entry.get("kind").map(|kind| kind.as_s().unwrap().clone())
    };
    entries.iter().filter_map(kind).collect()
}

#[tokio::test]
async fn an_override_has_who_and_why_and_is_what_the_tool_sees_ags_105_126() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut score = classroom.score("ada", 5, 10);
    score["scoringUserId"] = json!("grader");
    classroom.grade(&item, &score).await.expect(200);
    let body = json!({ "score": 8.5, "by": "teacher-1", "reason": "Question 3 was ambiguous" });
    let grade = given(&classroom, &item, &body).await;
    let at = grade["override"]["at"].as_str().unwrap();
    assert!(at.starts_with("2026-11-21T12:00:00"), "{at}");
    assert_eq!(
        grade["override"],
        json!({ "score": 8.5, "maximum": 10, "by": "teacher-1", "reason": "Question 3 was ambiguous", "at": at })
    );
    assert_eq!(grade["result"], json!({ "score": 8.5, "maximum": 10 }));
    assert_eq!(grade["tool_result"], json!({ "score": 5, "maximum": 10 }));
    assert_eq!(grade["scoring_user_id"], "teacher-1");
    let result = classroom.result(&item, "ada").await.expect(200).json();
    assert_eq!((&result["resultScore"], &result["scoringUserId"]), (&json!(8.5), &json!("teacher-1")));

    let url = format!("{}/override", classroom.lms_grade(&item, "ada"));
    let removal = format!("{url}?by=teacher-2&reason=It%20was%20not");
    classroom.delete(&removal, &classroom.lms).await.expect(204);
    let result = classroom.result(&item, "ada").await.expect(200).json();
    assert_eq!((&result["resultScore"], &result["scoringUserId"]), (&json!(5), &json!("grader")));
}

#[tokio::test]
async fn an_override_is_exact_and_on_a_scale_of_its_own_ags_111() {
    let classroom = Classroom::new().await;
    let item = classroom.item(6).await;
    let body = r#"{ "score": 0.333333333333333333333333333333333, "maximum": 1, "by": "t", "reason": "r" }"#;
    let url = format!("{}/override", classroom.lms_grade(&item, "ada"));
    let request = classroom.http.put(&url).bearer_auth(&classroom.lms);
    let request = request.header("content-type", "application/json").body(body);
    let answer = classroom.send(request).await.expect(200);
    assert!(answer.member("override").contains(r#""score":0.333333333333333333333333333333333,"maximum":1"#));
    assert_eq!(answer.member("result"), r#"{"score":1.999999999999999999999999999999998,"maximum":6}"#);
}

#[tokio::test]
async fn an_instructors_comment_stands_before_the_tools_and_survives_it_ags_113_126() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut score = classroom.score("ada", 5, 10);
    score["comment"] = json!("by the tool");
    classroom.grade(&item, &score).await.expect(200);
    let grade = said(&classroom, &item, "by the teacher").await;
    assert_eq!(
        (&grade["comment"], &grade["tool_comment"]),
        (&json!("by the teacher"), &json!("by the tool"))
    );
    assert_eq!(grade["instructor_comment"]["by"], "teacher-2");
    // A score without a comment clears the tool's own, and no other.
    classroom.grade(&item, &classroom.score("ada", 6, 10)).await.expect(200);
    assert_eq!(classroom.result(&item, "ada").await.json()["comment"], "by the teacher");
    let url = format!("{}/comment", classroom.lms_grade(&item, "ada"));
    for _ in 0..2 {
        classroom.delete(&format!("{url}?by=teacher-2"), &classroom.lms).await.expect(204);
        assert_eq!(classroom.result(&item, "ada").await.json()["comment"], Value::Null);
    }
    classroom.grade(&item, &score).await.expect(409);
    assert_eq!(kinds(&classroom, &item).await, ["comment", "comment_removed"]);
}

#[tokio::test]
async fn a_comment_alone_is_a_grade_for_the_lms_and_no_result_ags_121() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    said(&classroom, &item, "hand it in").await;
    let grade = classroom.get(&classroom.lms_grade(&item, "ada"), &classroom.lms).await.expect(200).json();
    assert_eq!((&grade["comment"], &grade["result"]), (&json!("hand it in"), &Value::Null));
    classroom.result(&item, "ada").await.expect(404);
    assert!(classroom.all_results(&item).await.is_empty());
    let listed = classroom.read(&format!("{item}/results?user_id=ada")).await.expect(200).json();
    assert_eq!(listed, json!([]));
}

#[tokio::test]
async fn the_same_decision_again_is_one_decision() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let nine = json!({ "score": 9, "maximum": 10, "by": "teacher-1", "reason": "r" });
    let first = given(&classroom, &item, &nine).await;
    assert_eq!(given(&classroom, &item, &nine).await, first);
    // The same number, written otherwise.
    let spelled = json!({ "score": 9.0, "by": "teacher-1", "reason": "r" });
    let entries = classroom.history(&item, "ada").await;
    assert_eq!(given(&classroom, &item, &spelled).await, first);
    // Nor is it told anew who sent it, and when.
    let again = classroom.lms_token().await;
    let url = format!("{}/override", classroom.lms_grade(&item, "ada"));
    classroom.put(&url, &again, &nine).await.expect(200);
    assert_eq!(classroom.history(&item, "ada").await, entries);
    assert_eq!(kinds(&classroom, &item).await, ["override"]);
    for (member, other) in
        [("score", json!(8)), ("maximum", json!(12)), ("by", json!("t")), ("reason", json!("s"))]
    {
        let mut body = nine.clone();
        body[member] = other;
        given(&classroom, &item, &body).await;
        given(&classroom, &item, &nine).await;
    }
    assert_eq!(kinds(&classroom, &item).await.len(), 9);
}

#[tokio::test]
async fn a_decision_that_breaks_a_rule_is_refused_by_its_member() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let grade = classroom.lms_grade(&item, "ada");
    let (points, comment) = (format!("{grade}/override"), format!("{grade}/comment"));
    let good = json!({ "score": 1, "by": "t", "reason": "r", "text": "x" });
    let cases = [
        (&points, "score", Value::Null),
        (&points, "score", json!(-1)),
        (&points, "maximum", json!(0)),
        (&points, "by", Value::Null),
        (&points, "by", json!("é")),
        (&points, "reason", Value::Null),
        (&points, "reason", json!("  ")),
        (&points, "reason", json!("x".repeat(1_001))),
        (&comment, "text", json!(" \n")),
        (&comment, "text", Value::Null),
        (&comment, "text", json!("x".repeat(65_537))),
        (&comment, "by", json!("")),
    ];
    for (url, member, value) in cases {
        let mut body = good.clone();
        body[member] = value;
        classroom.put(url, &classroom.lms, &body).await.refuses(
            400,
            "invalid-member",
            member,
            &body.to_string(),
        );
    }
    for (url, parameter) in [
        (format!("{points}?by=t"), "reason"),
        (format!("{points}?reason=r"), "by"),
        (format!("{points}?by=t&reason=%20"), "reason"),
        (comment.clone(), "by"),
    ] {
        classroom.delete(&url, &classroom.lms).await.refuses(400, "invalid-parameter", parameter, &url);
    }
    assert!(classroom.rows(&item).await.is_empty());
}

#[tokio::test]
async fn nothing_is_decided_on_a_line_item_that_is_not_there_ags_67() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let foreign = classroom.lms_grade(&item, "ada").replace("/tools/tool/", "/tools/other/");
    let elsewhere = classroom.lms_grade(&item, "ada").replace("/contexts/course/", "/contexts/other/");
    let gone = classroom.lms_grade(&item, "ada");
    classroom.delete(&item, &classroom.token).await.expect(204);
    let body = json!({ "score": 1, "by": "t", "reason": "r", "text": "x" });
    for grade in [foreign, elsewhere, gone] {
        for decision in ["override", "comment"] {
            let url = format!("{grade}/{decision}");
            classroom.put(&url, &classroom.lms, &body).await.expect(404);
            classroom.delete(&format!("{url}?by=t&reason=r"), &classroom.lms).await.expect(404);
        }
        classroom.get(&grade, &classroom.lms).await.expect(404);
    }
    assert!(classroom.rows(&item).await.is_empty());
}

/// A decision whose history entry was refused is not acknowledged, and the same request again adds the entry.
#[tokio::test]
async fn the_same_decision_again_heals_one_whose_history_was_lost() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    let url = format!("{}/override", classroom.lms_grade(&item, "ada"));
    let body = json!({ "score": 9, "by": "teacher-1", "reason": "r" });
    let removal = format!("{url}?by=teacher-1&reason=r");
    wire.refuse("PutItem", "DECISION#");
    classroom.put(&url, &classroom.lms, &body).await.expect(500);
    wire.mend();
    classroom.put(&url, &classroom.lms, &body).await.expect(200);
    wire.refuse("PutItem", "DECISION#");
    classroom.delete(&removal, &classroom.lms).await.expect(500);
    wire.mend();
    assert_eq!(kinds(&classroom, &item).await, ["override"]);
    for _ in 0..2 {
        classroom.delete(&removal, &classroom.lms).await.expect(204);
        assert_eq!(kinds(&classroom, &item).await, ["override", "override_removed"]);
    }
}

#[tokio::test]
async fn the_same_decision_again_adds_no_entry_whose_time_is_over() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    let url = format!("{}/override", classroom.lms_grade(&item, "ada"));
    let body = json!({ "score": 9, "by": "teacher-1", "reason": "r" });
    wire.refuse("PutItem", "DECISION#");
    classroom.put(&url, &classroom.lms, &body).await.expect(500);
    wire.mend();
    classroom.clock.advance(400 * 24 * 60 * 60);
    let token = classroom.lms_token().await;
    classroom.put(&url, &token, &body).await.expect(200);
    assert!(classroom.history(&item, "ada").await.is_empty());
}

#[tokio::test]
async fn a_decision_that_failed_leaves_nothing_in_the_history() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    let url = format!("{}/override", classroom.lms_grade(&item, "ada"));
    wire.refuse("UpdateItem", "override_given");
    let body = json!({ "score": 9, "by": "teacher-1", "reason": "r" });
    classroom.put(&url, &classroom.lms, &body).await.expect(500);
    assert!(classroom.history(&item, "ada").await.is_empty());
    assert!(classroom.rows(&item).await.is_empty());
}

#[tokio::test]
async fn a_decision_is_made_once_whichever_answer_is_lost() {
    for (operation, containing) in [("UpdateItem", "decided_at"), ("PutItem", "DECISION#")] {
        let (classroom, wire) = Classroom::behind_a_wire().await;
        let item = classroom.item(10).await;
        wire.lose_one_answer(operation, containing);
        classroom.decide(&item, "ada", Some((9, 10))).await;
        assert!(wire.is_spent());
        wire.lose_one_answer(operation, containing);
        classroom.decide(&item, "ada", None).await;
        assert!(wire.is_spent());
        assert_eq!(kinds(&classroom, &item).await, ["override", "override_removed"], "{operation}");
    }
}
