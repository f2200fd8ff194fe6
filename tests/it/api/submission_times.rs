//! When a submission was started and handed in: carried over from score to score, or cleared (AGS 114, 115).

use ags_tests::Classroom;
use serde_json::json;

/// One score: activity, time of the score, sent start, sent submission; then the start and submission on record.
type Step = (&'static str, u32, Option<u32>, Option<u32>, Option<u32>, Option<u32>);

/// That second of the minute before 12:00, where the clock of the tests starts.
fn at(second: u32) -> String {
    format!("2026-11-21T11:59:{second:02}Z")
}

async fn play(name: &str, steps: &[Step]) {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (index, (activity, time, started, submitted, started_on_record, submitted_on_record)) in
        steps.iter().enumerate()
    {
        let mut score = classroom.score("ada", 5, 10);
        score["timestamp"] = json!(at(*time));
        score["activityProgress"] = json!(activity);
        if started.or(*submitted).is_some() {
            score["submission"] = json!({ "startedAt": started.map(at), "submittedAt": submitted.map(at) });
        }
        classroom.grade(&item, &score).await.expect(200);
        let expected = [started_on_record, submitted_on_record].map(|time| time.map(at).unwrap_or_default());
        let found =
            [classroom.only_row(&item, "started_at").await, classroom.only_row(&item, "submitted_at").await];
        assert_eq!(found, expected, "{name}, step {index}: {score}");
    }
}

#[tokio::test]
async fn a_start_is_the_first_event_of_work_where_the_tool_tells_none_ags_114() {
    for activity in ["Started", "InProgress"] {
        play(
            activity,
            &[
                ("Initialized", 1, None, None, None, None),
                (activity, 2, None, None, Some(2), None),
                ("InProgress", 3, None, None, Some(2), None),
                ("Started", 4, None, None, Some(2), None),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn a_start_stays_until_the_work_is_reset_or_told_anew_ags_114() {
    play(
        "kept",
        &[
            ("Started", 10, Some(5), None, Some(5), None),
            ("InProgress", 11, None, None, Some(5), None),
            ("Submitted", 12, None, None, Some(5), Some(12)),
            ("Completed", 13, None, None, Some(5), Some(12)),
            ("Completed", 14, Some(6), None, Some(6), Some(12)),
            ("Initialized", 15, None, None, None, None),
            ("Completed", 16, None, None, None, Some(16)),
            ("Started", 17, None, None, Some(17), None),
        ],
    )
    .await;
    play(
        "told with a reset",
        &[("Started", 10, Some(5), None, Some(5), None), ("Initialized", 11, Some(7), None, Some(7), None)],
    )
    .await;
}

#[tokio::test]
async fn a_submission_is_the_first_event_of_handing_in_where_the_tool_tells_none_ags_115() {
    for activity in ["Submitted", "Completed"] {
        play(
            activity,
            &[
                (activity, 2, None, None, None, Some(2)),
                ("Completed", 3, None, None, None, Some(2)),
                ("Submitted", 4, None, None, None, Some(2)),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn a_submission_is_forgotten_when_work_goes_on_ags_115() {
    for activity in ["Initialized", "Started", "InProgress"] {
        let started = (activity != "Initialized").then_some(5);
        play(
            activity,
            &[
                ("Submitted", 10, Some(5), Some(6), Some(5), Some(6)),
                ("Completed", 11, None, None, Some(5), Some(6)),
                (activity, 12, None, None, started, None),
                ("Submitted", 13, None, None, started, Some(13)),
                ("Submitted", 14, None, Some(7), started, Some(7)),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn a_submission_that_is_told_counts_whatever_the_progress_ags_115() {
    for activity in ["Initialized", "Started", "InProgress", "Submitted", "Completed"] {
        play(
            activity,
            &[
                ("Completed", 10, Some(1), Some(2), Some(1), Some(2)),
                (activity, 11, Some(3), Some(4), Some(3), Some(4)),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn a_late_score_leaves_the_submission_times_alone_ags_99() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut score = classroom.score("ada", 5, 10);
    score["timestamp"] = json!(at(30));
    score["submission"] = json!({ "startedAt": at(1), "submittedAt": at(2) });
    classroom.grade(&item, &score).await.expect(200);
    score["timestamp"] = json!(at(29));
    score["submission"] = json!({ "startedAt": at(3), "submittedAt": at(4) });
    classroom.grade(&item, &score).await.expect(409);
    score["submission"] = json!(null);
    score["activityProgress"] = json!("Initialized");
    classroom.grade(&item, &score).await.expect(409);
    assert_eq!(classroom.only_row(&item, "started_at").await, at(1));
    assert_eq!(classroom.only_row(&item, "submitted_at").await, at(2));
}
