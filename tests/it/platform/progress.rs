//! Progress with learning objects of the LMS's own.

use ags_tests::{Answer, Classroom};
use serde_json::{Value, json};

use super::office::Office;

struct Lesson {
    classroom: Classroom,
    item: String,
    url: String,
}

impl Lesson {
    async fn new() -> Self {
        let classroom = Classroom::new().await;
        let item = classroom.coupled_line_item(&classroom.tool, &classroom.course, "lesson").await;
        let url = classroom.platform_url("contexts/course/tools/tool/links/lesson/progress/ada");
        Self { classroom, item, url }
    }

    async fn report(&self, body: &Value) -> Answer {
        self.classroom.put(&self.url, &self.classroom.lms, body).await
    }

    async fn shown(&self) -> Value {
        self.classroom.result(&self.item, "ada").await.expect(200).json()["resultScore"].clone()
    }
}

#[tokio::test]
async fn each_status_is_a_score_on_the_links_line_item_ags_108_109_116_117() {
    let lesson = Lesson::new().await;
    let reset = json!({ "status": "not_attempted" });
    for (body, activity, grading, shown, provisional) in [
        (
            json!({ "status": "in_progress", "percentage": 30 }),
            "InProgress",
            "Pending",
            Value::Null,
            json!(30),
        ),
        (
            json!({ "status": "completed", "percentage": 87.5 }),
            "Completed",
            "FullyGraded",
            json!(87.5),
            Value::Null,
        ),
        (json!({ "status": "failed", "percentage": 20 }), "Completed", "FullyGraded", json!(20), Value::Null),
        (json!({ "status": "not_attempted" }), "Initialized", "NotReady", Value::Null, Value::Null),
    ] {
        lesson.report(&reset).await.expect(200);
        let grade = lesson.report(&body).await.expect(200).json();
        assert_eq!(
            (&grade["activity_progress"], &grade["grading_progress"]),
            (&json!(activity), &json!(grading))
        );
        assert_eq!(grade["result"]["score"], shown, "{body}");
        assert_eq!(grade["provisional"]["score"], provisional, "{body}");
        assert_eq!(lesson.shown().await, shown, "{body}");
    }
}

#[tokio::test]
async fn history_has_progress_as_the_score_that_it_is() {
    let lesson = Lesson::new().await;
    let at = "2026-11-21T11:00:00Z";
    let body = json!({ "status": "failed", "percentage": 12.5, "at": at });
    for _ in 0..2 {
        lesson.report(&body).await.expect(200);
    }
    let history = format!("{}/history", lesson.classroom.lms_grade(&lesson.item, "ada"));
    let answer = lesson.classroom.get(&history, &lesson.classroom.lms).await.expect(200).json();
    let entries = answer["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "the same report again is one: {answer}");
    assert_eq!((&entries[0]["client"], &entries[0]["timestamp"]), (&json!("lms"), &json!(at)));
    let score = json!({
        "userId": "ada", "timestamp": at, "activityProgress": "Completed", "gradingProgress": "FullyGraded",
        "scoreGiven": 12.5, "scoreMaximum": 100,
    });
    assert_eq!(entries[0]["score"], score);
}

#[tokio::test]
async fn an_older_report_is_late_ags_99() {
    let lesson = Lesson::new().await;
    let report = |percentage, at: &str| json!({ "status": "completed", "percentage": percentage, "at": at });
    lesson.report(&report(80, "2026-11-21T11:00:01Z")).await.expect(200);
    let late = lesson.report(&report(10, "2026-11-21T11:00:00Z")).await.expect(409);
    assert_eq!(late.problem().0, "stale-score");
    assert_eq!(lesson.shown().await, 80);
}

#[tokio::test]
async fn a_report_that_breaks_a_rule_is_refused_and_no_grade_is_lost() {
    let lesson = Lesson::new().await;
    lesson.report(&json!({ "status": "completed", "percentage": 80 })).await.expect(200);
    for (body, member) in [
        (json!({ "status": "completed" }), "percentage"),
        (json!({ "status": "failed" }), "percentage"),
        (json!({ "status": "completed", "percentage": 100.5 }), "percentage"),
        (json!({ "status": "completed", "percentage": -1 }), "percentage"),
        (json!({ "status": "not_attempted", "percentage": 1 }), "percentage"),
        (json!({ "status": "passed", "percentage": 1 }), "status"),
        (json!({ "percentage": 1 }), "status"),
        (json!({ "status": "completed", "percentage": 1, "at": "2026-11-21T12:05:00Z" }), "at"),
    ] {
        lesson.report(&body).await.refuses(400, "invalid-member", member, &body.to_string());
    }
    assert_eq!(lesson.shown().await, 80);
}

#[tokio::test]
async fn who_works_on_it_again_keeps_the_grade_so_far_ags_106() {
    let lesson = Lesson::new().await;
    lesson.report(&json!({ "status": "completed", "percentage": 80 })).await.expect(200);
    let grade = lesson.report(&json!({ "status": "in_progress" })).await.expect(200).json();
    assert_eq!((&grade["activity_progress"], &grade["result"]["score"]), (&json!("InProgress"), &json!(80)));
    assert_eq!(lesson.shown().await, 80);
    lesson.report(&json!({ "status": "not_attempted" })).await.expect(200);
    assert_eq!(lesson.shown().await, Value::Null);
}

#[tokio::test]
async fn a_report_is_taken_as_the_link_takes_scores() {
    let office = Office::new().await;
    let closes = json!({ "end": "2026-11-21T11:30:00Z" });
    let members =
        json!({ "submission": closes, "late": "refuse", "missing_score": "keep", "history_days": 0 });
    let item = office.quiz_item(&members).await;
    let path = "contexts/course/tools/tool/links/quiz/progress/ada";
    let report = |minute: u8| json!({ "status": "completed", "percentage": 80, "at": format!("2026-11-21T11:{minute}:00Z") });
    assert_eq!(office.say(path, &report(31)).await.expect(403).problem().0, "late-score");
    office.say(path, &report(29)).await.expect(200);
    let reset = json!({ "status": "not_attempted", "at": "2026-11-21T11:30:00Z" });
    assert_eq!(office.say(path, &reset).await.expect(200).json()["result"]["score"], 80);
    assert!(office.history(&item, "ada").await.is_empty());
    office.quiz(&json!({ "gradable": false })).await;
    assert_eq!(office.say(path, &report(29)).await.expect(409).problem().0, "not-gradable");
}

#[tokio::test]
async fn progress_goes_where_there_is_a_line_item_for_it() {
    let lesson = Lesson::new().await;
    let classroom = &lesson.classroom;
    classroom.link(&classroom.tool, &classroom.course, "ungraded").await;
    let body = json!({ "status": "completed", "percentage": 80 });
    let ungraded = lesson.url.replace("/lesson/", "/ungraded/");
    let refused = classroom.put(&ungraded, &classroom.lms, &body).await.expect(409);
    assert_eq!(refused.problem().0, "not-gradable");
    for url in
        [lesson.url.replace("/lesson/", "/nowhere/"), lesson.url.replace("/tools/tool/", "/tools/other/")]
    {
        classroom.put(&url, &classroom.lms, &body).await.expect(404);
    }
}
