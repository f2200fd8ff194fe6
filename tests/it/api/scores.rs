//! A score by itself: what it must say, and what it may say.

use ags_tests::Classroom;
use serde_json::{Value, json};

#[tokio::test]
async fn a_score_answers_200_with_the_address_of_the_result_ags_118_119() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let answer = classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    assert_eq!(answer.json(), json!({ "resultUrl": format!("{item}/results/ada") }));
    assert_eq!(answer.header("content-type"), "application/json");
    let reader = classroom.world.token(&classroom.tool, &[ags_tests::RESULT_READONLY]).await;
    let url = answer.json()["resultUrl"].as_str().unwrap().to_owned();
    assert_eq!(classroom.get(&url, &reader).await.expect(200).json()["resultScore"], 5);
}

/// Posts `good` with each change, which must be refused for that member and leave nothing behind.
async fn refused(changes: impl IntoIterator<Item = (&str, Value)>) {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (field, value) in changes {
        let mut score = classroom.score("ada", 5, 10);
        match field.split_once('.') {
            Some((outer, inner)) => score[outer] = json!({ inner: value }),
            None => score[field] = value,
        }
        let why: String = score.to_string().chars().take(300).collect();
        classroom.grade(&item, &score).await.refuses(400, "invalid-member", field, &why);
    }
    assert_eq!(classroom.rows(&item).await.len(), 0, "a refused score left a result");
    assert_eq!(classroom.history(&item, "ada").await.len(), 0, "a refused score left a trace in the history");
}

#[tokio::test]
async fn a_score_without_a_required_member_is_refused_and_not_stored_ags_85_97() {
    let names = ["userId", "timestamp", "activityProgress", "gradingProgress"];
    refused(names.into_iter().flat_map(|name| [(name, json!(null)), (name, json!(""))])).await;
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for name in names {
        let mut score = classroom.score("ada", 5, 10);
        score.as_object_mut().unwrap().remove(name);
        classroom.grade(&item, &score).await.refuses(400, "invalid-member", name, "missing");
    }
    assert_eq!(classroom.rows(&item).await.len(), 0);
}

#[tokio::test]
async fn a_progress_outside_the_vocabulary_is_refused_ags_7_86() {
    let activity = ["initialized", "COMPLETED", "Finished", "FullyGraded", " Started", "InProgress\n"];
    let grading = ["fullyGraded", "pendingManual", "Graded", "Completed", "Not Ready", "Pending "];
    let activity = activity.map(|word| ("activityProgress", json!(word)));
    let grading = grading.map(|word| ("gradingProgress", json!(word)));
    let others = [json!(1), json!(true), json!(["Started"]), json!({})];
    let others = others
        .into_iter()
        .flat_map(|other| [("activityProgress", other.clone()), ("gradingProgress", other)]);
    refused(activity.into_iter().chain(grading).chain(others)).await;
}

#[tokio::test]
async fn points_are_numbers_from_zero_up_with_a_maximum_above_zero_ags_87_88() {
    let both = |value: Value| [("scoreGiven", value.clone()), ("scoreMaximum", value)];
    let texts = ["", " ", "five", " 5", "5 ", "+5", "5,5", "0x5", "NaN", "Infinity", "1e400", "-1", "1_0"];
    let numbers = [json!(-1), json!(-0.001), json!(true), json!([5]), json!({ "value": 5 }), json!(1e300)];
    let zero = [json!(0), json!(0.0), json!("0"), json!(-0.0)].map(|zero| ("scoreMaximum", zero));
    let texts = texts.into_iter().map(|text| json!(text)).flat_map(both);
    refused(texts.chain(numbers.into_iter().flat_map(both)).chain(zero)).await;
}

#[tokio::test]
async fn a_value_needs_a_maximum_but_not_the_other_way_round_ags_88() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut score = classroom.score("ada", 5, 10);
    score.as_object_mut().unwrap().remove("scoreMaximum");
    for given in [json!(5), json!(0)] {
        score["scoreGiven"] = given;
        classroom.grade(&item, &score).await.refuses(400, "invalid-member", "scoreMaximum", "missing");
    }
    score["scoreMaximum"] = json!(null);
    classroom.grade(&item, &score).await.refuses(400, "invalid-member", "scoreMaximum", "null");
    assert_eq!(classroom.rows(&item).await.len(), 0);
    let mut score = classroom.score("ada", 5, 10);
    score.as_object_mut().unwrap().remove("scoreGiven");
    classroom.grade(&item, &score).await.expect(200);
    // Even alone it must be a maximum.
    score["scoreMaximum"] = json!(0);
    classroom.grade(&item, &score).await.refuses(400, "invalid-member", "scoreMaximum", "zero");
}

#[tokio::test]
async fn a_timestamp_has_a_zone_and_lies_in_the_past_ags_94_95() {
    let texts = [
        "2026-11-21T10:00:00",
        "2026-11-21T10:00:00.123",
        "2026-11-21",
        "10:00:00Z",
        "yesterday",
        "1795262400",
        "2026-02-30T10:00:00Z",
        "2026-11-21T10:00:00Z[UTC]",
        "1969-12-31T23:59:59.999Z",
        // The clock of these tests starts at 12:00:00 and hardly moves.
        "2026-11-21T12:01:01Z",
        "2026-11-21T13:01:01+01:00",
        "9999-01-01T00:00:00Z",
    ];
    let others = [json!(1_795_262_400), json!(null), json!(["2026-11-21T10:00:00Z"])];
    let values = texts.into_iter().map(|text| json!(text)).chain(others);
    refused(values.map(|value| ("timestamp", value))).await;
}

#[tokio::test]
async fn a_clock_may_run_up_to_60_seconds_ahead_ags_95() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (user, timestamp) in [
        ("ada", "2026-11-21T12:01:00Z"),
        ("bob", "2026-11-21T13:01:00.000+01:00"),
        ("cyd", "1970-01-01T00:00:00Z"),
    ] {
        let mut score = classroom.score(user, 5, 10);
        score["timestamp"] = json!(timestamp);
        assert_eq!(classroom.grade(&item, &score).await.status, 200, "{timestamp}");
    }
}

#[tokio::test]
async fn submission_times_are_times_in_order_ags_96() {
    let bad = ["2026-11-21T10:00:00", "soon", "2026-11-21"].map(|text| json!(text));
    let bad = bad.into_iter().chain([json!(7), json!({})]);
    let times =
        bad.flat_map(|value| [("submission.startedAt", value.clone()), ("submission.submittedAt", value)]);
    let objects = [json!([]), json!("2026-11-21T10:00:00Z"), json!(7)].map(|value| ("submission", value));
    refused(times.chain(objects)).await;

    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut score = classroom.score("ada", 5, 10);
    let times = |started: &str, submitted: &str| json!({ "startedAt": started, "submittedAt": submitted });
    score["submission"] = times("2026-11-21T10:00:00.000001Z", "2026-11-21T11:00:00+01:00");
    let answer = classroom.grade(&item, &score).await;
    answer.refuses(400, "invalid-member", "submission.submittedAt", "before it started");
    assert_eq!(classroom.rows(&item).await.len(), 0);
    score["submission"] = times("2026-11-21T10:00:00Z", "2026-11-21T11:00:00+01:00");
    classroom.grade(&item, &score).await.expect(200);
}

#[tokio::test]
async fn people_are_named_by_their_lti_user_id_ags_90_92() {
    let long = "u".repeat(256);
    let bad =
        [json!(7), json!(true), json!(["ada"]), json!(long), json!("a\nb"), json!("a\u{0}"), json!("zoë")];
    let bad = bad.into_iter().flat_map(|value| [("userId", value.clone()), ("scoringUserId", value)]);
    refused(bad).await;
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for user in ["u".repeat(255), " ".into(), "ada@example.edu".into(), "ADA".into(), "ada".into()] {
        let mut score = classroom.score(&user, 5, 10);
        score["scoringUserId"] = json!(user);
        assert_eq!(classroom.grade(&item, &score).await.status, 200, "{user}");
    }
    assert_eq!(classroom.rows(&item).await.len(), 5, "ids differ by case");
}

#[tokio::test]
async fn a_comment_is_text_of_at_most_64_kib_ags_93() {
    let bad = [json!(7), json!(["fine"]), json!("x".repeat(65_537)), json!("é".repeat(32_769))];
    refused(bad.map(|value| ("comment", value))).await;
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for comment in ["x".repeat(65_536), "é".repeat(32_768), "<b>a</b> &amp; \u{0}\u{7f} 😀\r\n ".into()] {
        let mut score = classroom.score("ada", 5, 10);
        score["comment"] = json!(comment);
        classroom.grade(&item, &score).await.expect(200);
        assert_eq!(classroom.result(&item, "ada").await.json()["comment"], json!(comment));
    }
}

#[tokio::test]
async fn a_body_that_is_not_one_json_object_is_no_score_ags_44() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let score = classroom.score("ada", 5, 10).to_string();
    let bodies = [
        String::new(),
        "[]".into(),
        format!("[{score}]"),
        "null".into(),
        format!("{score}{score}"),
        score[..score.len() - 1].to_owned(),
        score.replacen('{', r#"{"userId":"bob","#, 1),
        format!("\u{feff}{score}"),
        "userId=ada".into(),
    ];
    for body in bodies {
        classroom.grade_with(&item, body.clone()).await.refuses(400, "invalid-body", "", &body);
    }
    assert_eq!(classroom.rows(&item).await.len(), 0);
}

#[tokio::test]
async fn a_body_beyond_256_kib_is_refused_as_too_large() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let sized = |length: usize| {
        let mut score = classroom.score("ada", 5, 10);
        score["https://tool.example/log"] = json!("");
        let missing = length - score.to_string().len();
        score["https://tool.example/log"] = json!("x".repeat(missing));
        score.to_string()
    };
    classroom.grade_with(&item, sized(262_145)).await.refuses(413, "too-large", "", "one byte too many");
    assert_eq!(classroom.rows(&item).await.len(), 0);
    classroom.grade_with(&item, sized(262_144)).await.expect(200);
}

#[tokio::test]
async fn every_combination_of_progress_is_legal_ags_7_116() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for activity in ["Initialized", "Started", "InProgress", "Submitted", "Completed"] {
        for grading in ["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"] {
            for given in [json!(5), json!(null)] {
                let mut score = classroom.score("ada", given, 10);
                score["activityProgress"] = json!(activity);
                score["gradingProgress"] = json!(grading);
                let answer = classroom.grade(&item, &score).await;
                assert_eq!(answer.status, 200, "{score}: {}", answer.text);
                assert_eq!(classroom.only_row(&item, "activity").await, activity);
                assert_eq!(classroom.only_row(&item, "grading").await, grading);
            }
        }
    }
}
