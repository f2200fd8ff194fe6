//! What a result shows after a sequence of scores.

use ags_tests::Classroom;
use serde_json::{Value, json};

/// A score of `ada` with this value and grading progress, made now.
fn score(classroom: &Classroom, given: impl Into<Value>, maximum: impl Into<Value>, grading: &str) -> Value {
    let mut score = classroom.score("ada", given, maximum);
    score["gradingProgress"] = json!(grading);
    score
}

const NOT_FINAL: [&str; 4] = ["Pending", "PendingManual", "Failed", "NotReady"];

#[tokio::test]
async fn a_result_names_itself_its_line_item_and_its_user_ags_5_21_25_123_124_125_126() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut sent = classroom.score("ada", 5, 10);
    sent["comment"] = json!("Well done");
    sent["scoringUserId"] = json!("teacher");
    sent["https://tool.example/x"] = json!(1);
    classroom.grade(&item, &sent).await.expect(200);
    let expected = json!({
        "id": format!("{item}/results/ada"), "scoreOf": item, "userId": "ada", "resultScore": 5,
        "resultMaximum": 10, "comment": "Well done", "scoringUserId": "teacher",
    });
    assert_eq!(classroom.result(&item, "ada").await.expect(200).json(), expected);
    assert_eq!(classroom.all_results(&item).await, [expected]);
    assert_eq!(classroom.read(&item).await.json()["id"], item);
}

#[tokio::test]
async fn zero_is_a_result_ags_112() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (user, zero) in [("a", json!(0)), ("b", json!(0.0)), ("c", json!("0")), ("d", json!(-0.0))] {
        classroom.grade(&item, &classroom.score(user, zero, 10)).await.expect(200);
        let answer = classroom.result(&item, user).await.expect(200);
        assert_eq!((answer.member("resultScore"), answer.member("resultMaximum")), ("0".into(), "10".into()));
        let found = classroom.read(&format!("{item}/results?user_id={user}")).await.json();
        assert_eq!(found, json!([answer.json()]));
    }
    assert_eq!(classroom.all_results(&item).await.len(), 4);
}

#[tokio::test]
async fn a_result_is_on_the_scale_of_the_line_item_digit_for_digit_ags_89_111_127_128() {
    let classroom = Classroom::new().await;
    let thirds = format!("0.{}", "3".repeat(34));
    let two_thirds = format!("0.{}7", "6".repeat(33));
    for (line_item, given, maximum, expected) in [
        ("6", "1", "3", "2"),
        ("1", "0.1", "1", "0.1"),
        ("10", "0.1", "1", "1"),
        ("0.3", "0.1", "0.3", "0.1"),
        ("1", "1", "3", &thirds),
        ("1", "2", "3", &two_thirds),
        ("3", "1", "3", "1"),
        ("100", "83.30", "100.0", "83.3"),
        ("100", "0.10000000000000000001", "100", "0.10000000000000000001"),
        ("100", "9007199254740993", "100", "9007199254740993"),
        ("10", "15", "10", "15"),
        ("6", "4", "3", "8"),
        ("1e2", "1E1", "1e1", "100"),
        ("1", "1e-7", "1", "0.0000001"),
        ("100", "1", "1e-20", "10000000000000000000000"),
    ] {
        let body = format!(r#"{{"label":"Essay","scoreMaximum":{line_item}}}"#);
        let request = classroom.request(reqwest::Method::POST, &classroom.course.lineitems).body(body);
        let item = classroom.send(request).await.expect(201).header("location").to_owned();
        let body = classroom.score("ada", "GIVEN", "MAXIMUM").to_string();
        let body = body.replace("\"GIVEN\"", given).replace("\"MAXIMUM\"", maximum);
        classroom.grade_with(&item, body).await.expect(200);
        let shown = classroom.result(&item, "ada").await.expect(200).member("resultScore");
        assert_eq!(shown, expected, "{given} of {maximum} on {line_item}");
        let listed = classroom.read(&format!("{item}/results")).await.text;
        assert!(listed.contains(&format!(r#""resultScore":{expected},"#)), "{listed}");
    }
}

#[tokio::test]
async fn a_changed_maximum_rescales_every_result_ags_66() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &classroom.score("ada", 1, 3)).await.expect(200);
    classroom.grade(&item, &classroom.score("bob", 12, 10)).await.expect(200);
    for (maximum, ada, bob) in [(6, "2", "7.2"), (30, "10", "36"), (3, "1", "3.6")] {
        classroom.replace(&item, &json!({ "label": "Essay", "scoreMaximum": maximum })).await.expect(200);
        for (user, expected) in [("ada", ada), ("bob", bob)] {
            let answer = classroom.result(&item, user).await;
            assert_eq!(answer.member("resultScore"), expected, "{user} on {maximum}");
            assert_eq!(answer.member("resultMaximum"), maximum.to_string());
        }
    }
}

#[tokio::test]
async fn a_value_that_is_not_final_never_shows_ags_108_109_110_125() {
    let classroom = Classroom::new().await;
    for grading in NOT_FINAL {
        let item = classroom.item(10).await;
        classroom.grade(&item, &score(&classroom, 3, 10, grading)).await.expect(200);
        let expected = json!({
            "id": format!("{item}/results/ada"), "scoreOf": item, "userId": "ada", "resultMaximum": 10,
        });
        assert_eq!(classroom.result(&item, "ada").await.expect(200).json(), expected, "{grading}");
        assert_eq!(classroom.all_results(&item).await, [] as [Value; 0], "{grading}");
        classroom.grade(&item, &score(&classroom, 4, 10, "FullyGraded")).await.expect(200);
        assert_eq!(classroom.result(&item, "ada").await.json()["resultScore"], 4);
        classroom.grade(&item, &score(&classroom, 9, 10, grading)).await.expect(200);
        assert_eq!(
            classroom.result(&item, "ada").await.json()["resultScore"],
            4,
            "the final one stays: {grading}"
        );
        assert_eq!(classroom.all_results(&item).await.len(), 1);
    }
}

#[tokio::test]
async fn a_score_without_a_value_clears_what_the_tool_sent_ags_106_107() {
    let classroom = Classroom::new().await;
    for grading in ["FullyGraded", "NotReady", "Pending"] {
        for explicit in [true, false] {
            let item = classroom.item(10).await;
            classroom.grade(&item, &score(&classroom, 4, 10, "FullyGraded")).await.expect(200);
            classroom.grade(&item, &score(&classroom, 9, 10, "Pending")).await.expect(200);
            let mut clear = score(&classroom, Value::Null, 10, grading);
            if !explicit {
                clear.as_object_mut().unwrap().remove("scoreGiven");
            }
            classroom.grade(&item, &clear).await.expect(200);
            let expected = json!({
                "id": format!("{item}/results/ada"), "scoreOf": item, "userId": "ada", "resultMaximum": 10,
            });
            assert_eq!(classroom.result(&item, "ada").await.expect(200).json(), expected, "{clear}");
            assert_eq!(classroom.all_results(&item).await, [] as [Value; 0], "{clear}");
            for name in ["final_given", "final_maximum", "provisional_given", "provisional_maximum"] {
                assert_eq!(classroom.only_row(&item, name).await, "", "{name} is left after {clear}");
            }
        }
    }
}

#[tokio::test]
async fn a_final_value_replaces_the_provisional_one_ags_108() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &score(&classroom, 3, 10, "PendingManual")).await.expect(200);
    assert_eq!(classroom.only_row(&item, "provisional_given").await, "3");
    classroom.grade(&item, &score(&classroom, 8, 10, "FullyGraded")).await.expect(200);
    assert_eq!(classroom.only_row(&item, "provisional_given").await, "");
    assert_eq!(classroom.only_row(&item, "final_given").await, "8");
}

#[tokio::test]
async fn a_user_who_never_had_a_score_has_no_result_ags_59_121() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.result(&item, "ada").await.refuses(404, "not-found", "", "no score");
    assert_eq!(classroom.read(&format!("{item}/results")).await.expect(200).text, "[]");
    assert_eq!(classroom.read(&format!("{item}/results?user_id=ada")).await.expect(200).text, "[]");
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    for other in ["Ada", "ad", "ada2", "%20ada"] {
        classroom.result(&item, other).await.refuses(404, "not-found", "", other);
    }
    let elsewhere = classroom.item(10).await;
    classroom.result(&elsewhere, "ada").await.refuses(404, "not-found", "", "another line item");
}

#[tokio::test]
async fn a_comment_is_that_of_the_last_score_ags_113_126() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (comment, grading, shown) in [
        (json!("first"), "FullyGraded", Some("first")),
        (json!("second\n<b>line</b>"), "FullyGraded", Some("second\n<b>line</b>")),
        (json!(null), "FullyGraded", None),
        (json!("third"), "Pending", Some("third")),
        (json!(""), "FullyGraded", None),
        (json!(" padded "), "FullyGraded", Some(" padded ")),
        (json!(" \n\t"), "FullyGraded", None),
        (json!("last"), "FullyGraded", Some("last")),
    ] {
        let mut sent = score(&classroom, 5, 10, grading);
        sent["comment"] = comment;
        classroom.grade(&item, &sent).await.expect(200);
        let result = classroom.result(&item, "ada").await.json();
        assert_eq!(result.get("comment").and_then(Value::as_str), shown, "{sent}");
        assert_eq!(result.get("comment").is_some(), shown.is_some(), "no null: {result}");
    }
    classroom.grade(&item, &score(&classroom, 5, 10, "FullyGraded")).await.expect(200);
    assert_eq!(classroom.result(&item, "ada").await.json().get("comment"), None, "absent clears, too");
}

#[tokio::test]
async fn who_graded_is_known_until_a_machine_does_ags_92_126() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (grader, shown) in [
        (json!("ta 1"), Some("ta 1")),
        (json!("prof"), Some("prof")),
        (json!(""), None),
        (json!("ta"), Some("ta")),
        (json!(null), None),
        (json!("ta"), Some("ta")),
    ] {
        let mut sent = classroom.score("ada", 5, 10);
        sent["scoringUserId"] = grader;
        classroom.grade(&item, &sent).await.expect(200);
        assert_eq!(classroom.all_results(&item).await[0].get("scoringUserId").and_then(Value::as_str), shown);
    }
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    assert_eq!(classroom.result(&item, "ada").await.json().get("scoringUserId"), None);
}

#[tokio::test]
async fn a_tool_reads_results_that_learners_may_not_see_yet_ags_129() {
    let classroom = Classroom::new().await;
    let item = classroom.create_labelled("Essay", &json!({ "gradesReleased": false })).await;
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    assert_eq!(classroom.result(&item, "ada").await.expect(200).json()["resultScore"], 5);
    assert_eq!(classroom.all_results(&item).await.len(), 1);
}

#[tokio::test]
async fn any_user_id_round_trips_through_the_address_of_its_result_ags_91_123() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let users = [
        "a b",
        " ",
        " a ",
        "a/b",
        "/",
        "//",
        "a#b",
        "#",
        "a%b",
        "%",
        "%2F",
        "%23",
        "a+b",
        "a?b=c&d",
        "a;b,c",
        "ADA",
        "ada",
        "a\\b",
        "\"a\"",
        "<a>",
        "~!@$^*()_-{}[]|:'`",
        ".",
        "..",
        "...",
        "~2e",
        "results",
        "USER#ada",
        "ada@example.edu",
    ];
    for (points, user) in users.iter().enumerate() {
        let answer = classroom.grade(&item, &classroom.score(user, points, 100)).await.expect(200);
        let url = answer.json()["resultUrl"].as_str().unwrap().to_owned();
        let prefix = format!("{item}/results/");
        assert_eq!(
            url.strip_prefix(&prefix).map(|rest| rest.contains('/')),
            Some(false),
            "one segment: {url}"
        );
    }
    for (points, user) in users.iter().enumerate() {
        let listed = classroom.all_results(&item).await;
        let listed: Vec<_> = listed.iter().filter(|result| result["userId"] == *user).collect();
        assert_eq!(listed.len(), 1, "{user}");
        let url = listed[0]["id"].as_str().unwrap();
        let single = classroom.read(url).await;
        assert_eq!(single.status, 200, "{user} at {url}");
        assert_eq!(&single.json(), listed[0]);
        assert_eq!(
            single.json()["resultScore"].as_f64(),
            Some(f64::from(u32::try_from(points).unwrap()) / 10.0),
            "{user}"
        );
    }
}

#[tokio::test]
async fn a_reset_takes_back_the_value_and_the_submission_ags_117() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut done = classroom.score("ada", 5, 10);
    done["submission"] =
        json!({ "startedAt": "2026-11-21T10:00:00Z", "submittedAt": "2026-11-21T11:00:00Z" });
    classroom.grade(&item, &done).await.expect(200);
    assert_eq!(classroom.only_row(&item, "submitted_at").await, "2026-11-21T11:00:00Z");
    let reset = json!({
        "userId": "ada", "timestamp": classroom.services.now().to_string(),
        "activityProgress": "Initialized", "gradingProgress": "NotReady",
    });
    classroom.grade(&item, &reset).await.expect(200);
    assert_eq!(classroom.result(&item, "ada").await.expect(200).json().get("resultScore"), None);
    for name in ["started_at", "submitted_at"] {
        assert_eq!(classroom.only_row(&item, name).await, "", "{name}");
    }
}

/// Surprising, and the rule: there is no other way to say that a score does not count any more.
#[tokio::test]
async fn a_mere_change_of_progress_clears_the_score_ags_107() {
    for activity in ["Initialized", "Started", "InProgress", "Submitted"] {
        let classroom = Classroom::new().await;
        let item = classroom.item(10).await;
        classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
        let change = json!({
            "userId": "ada", "timestamp": classroom.services.now().to_string(),
            "activityProgress": activity, "gradingProgress": "NotReady",
        });
        classroom.grade(&item, &change).await.expect(200);
        assert!(
            classroom.result(&item, "ada").await.expect(200).json().get("resultScore").is_none(),
            "{activity}"
        );
    }
}
