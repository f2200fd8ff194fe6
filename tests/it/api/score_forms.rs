//! A score as tools really send it: their spellings, their media types, their URLs.

use ags_tests::Classroom;
use reqwest::Method;
use serde_json::{Value, json};

/// Posts 50 of 10 with each change, and checks that the result is that many points.
async fn counts(changes: impl IntoIterator<Item = (&str, Value, u32)>) {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (index, (name, value, points)) in changes.into_iter().enumerate() {
        let user = format!("user-{index}");
        let mut score = classroom.score(&user, 50, 10);
        score[name] = value;
        let answer = classroom.grade(&item, &score).await;
        assert_eq!(answer.status, 200, "{score}: {}", answer.text);
        let expected = json!({
            "id": format!("{item}/results/{user}"), "scoreOf": item, "userId": user,
            "resultScore": points, "resultMaximum": 10,
        });
        assert_eq!(classroom.result(&item, &user).await.json(), expected, "{score}");
    }
}

#[tokio::test]
async fn a_quoted_number_is_a_number_ags_87_88() {
    counts([("scoreGiven", json!("7"), 7), ("scoreMaximum", json!("100"), 5)]).await;
}

#[tokio::test]
async fn null_and_nothing_stand_for_what_a_score_does_not_say_ags_92_93_96() {
    counts([
        ("comment", json!(null), 50),
        ("comment", json!(""), 50),
        ("scoringUserId", json!(null), 50),
        ("scoringUserId", json!(""), 50),
        ("submission", json!(null), 50),
        ("submission", json!({}), 50),
        ("submission", json!({ "startedAt": null, "submittedAt": "" }), 50),
    ])
    .await;
}

#[tokio::test]
async fn a_timestamp_may_come_in_any_form_that_tools_send_ags_94() {
    let forms = ["59Z", "59.915Z", "59.535641+00:00", "59+00:00", "59+0000", "59+00", "59.123456789Z"];
    let here = forms.map(|form| format!("2026-11-21T11:59:{form}"));
    let elsewhere = ["2026-11-21T06:29:59-0530", "2026-11-22T01:59:59+14:00"].map(str::to_owned);
    counts(here.into_iter().chain(elsewhere).map(|form| ("timestamp", json!(form), 50))).await;
}

#[tokio::test]
async fn members_of_a_score_that_nobody_knows_change_nothing_ags_58() {
    counts([
        ("https://canvas.instructure.com/lti/submission", json!({ "new_submission": false }), 50),
        ("https://tool.example/x", json!(null), 50),
        ("unknown", json!([null]), 50),
        ("id", json!("x"), 50),
        ("resultScore", json!(1), 50),
    ])
    .await;
}

#[tokio::test]
async fn an_extension_of_a_score_stays_with_it_in_the_history_ags_58() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let mut score = classroom.score("ada", 5, 10);
    score["https://tool.example/x"] = json!({ "kept": [1, null] });
    classroom.grade(&item, &score).await.expect(200);
    let entries = classroom.history(&item, "ada").await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["body"].as_s().unwrap(), &score.to_string());
}

/// The history keeps the whole body, and an LMS reads it.
#[tokio::test]
async fn a_score_that_some_json_library_cannot_read_is_refused_ags_58() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let score = classroom.score("ada", 5, 10).to_string();
    for value in ["1e400", r#"["\ud800"]"#, r#"{"\udfff":1}"#] {
        let body = score.replacen('{', &format!(r#"{{"unknown":{value},"#), 1);
        let answer = classroom.grade_with(&item, body).await;
        assert_eq!((answer.status, answer.problem().0.as_str()), (400, "invalid-body"), "{value}");
        assert!(answer.text.contains("cannot be read by every JSON library"), "{answer:?}");
    }
    assert!(classroom.history(&item, "ada").await.is_empty());
}

#[tokio::test]
async fn every_member_of_a_score_counts_ags_6() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let score = json!({
        "userId": "ada", "scoringUserId": "teacher", "scoreGiven": 3, "scoreMaximum": 4, "comment": "Good",
        "timestamp": "2026-11-21T11:30:00Z", "activityProgress": "Submitted", "gradingProgress": "FullyGraded",
        "submission": { "startedAt": "2026-11-21T10:00:00Z", "submittedAt": "2026-11-21T11:00:00Z" },
    });
    classroom.grade(&item, &score).await.expect(200);
    let expected = json!({
        "id": format!("{item}/results/ada"), "scoreOf": item, "userId": "ada", "resultScore": 7.5,
        "resultMaximum": 10, "comment": "Good", "scoringUserId": "teacher",
    });
    assert_eq!(classroom.all_results(&item).await, [expected]);
    for (name, value) in [
        ("activity", "Submitted"),
        ("grading", "FullyGraded"),
        ("started_at", "2026-11-21T10:00:00Z"),
        ("submitted_at", "2026-11-21T11:00:00Z"),
    ] {
        assert_eq!(classroom.only_row(&item, name).await, value, "{name}");
    }
    let mut earlier = score.clone();
    earlier["timestamp"] = json!("2026-11-21T11:29:59Z");
    classroom.grade(&item, &earlier).await.expect(409);
}

#[tokio::test]
async fn a_score_may_come_under_any_json_type_of_ags_3_42() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let url = format!("{item}/scores");
    let send = |content_type: Option<&str>, path: &str| {
        let body = classroom.score("ada", 5, 10).to_string();
        let request = classroom.request(Method::POST, &url.replace("/scores", path)).body(body);
        let typed = content_type.map(|value| request.try_clone().unwrap().header("content-type", value));
        classroom.world.send(typed.unwrap_or(request))
    };
    for good in [
        "application/vnd.ims.lis.v1.score+json",
        "application/vnd.ims.lis.v1.score+json; charset=UTF-8",
        "application/vnd.ims.lis.v2.lineitem+json",
        "application/vnd.ims.lis.v2.lineitemcontainer+json",
        "application/vnd.ims.lis.v2.resultcontainer+json",
        "application/vnd.ims.lis.v1.scorecontainer+json",
        "application/json",
        "application/json;charset=utf-8",
        "Application/VND.IMS.lis.v1.Score+JSON",
    ] {
        assert_eq!(send(Some(good), "/scores").await.status, 200, "{good}");
    }
    assert_eq!(send(None, "/scores").await.status, 200, "no type at all");
    let before = classroom.rows(&item).await;
    for bad in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "x",
    ] {
        send(Some(bad), "/scores").await.refuses(415, "unsupported-media-type", "", bad);
    }
    assert_eq!(classroom.rows(&item).await, before);
    for path in ["//scores", "/scores/", "//scores//"] {
        assert_eq!(send(Some("application/json"), path).await.status, 200, "{path} (AGS 23)");
    }
}

#[tokio::test]
async fn only_an_accept_that_excludes_json_is_refused_ags_41() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let send = |accept: &str| {
        let request = classroom.request(Method::POST, &format!("{item}/scores")).header("accept", accept);
        classroom.world.send(request.json(&classroom.score("ada", 5, 10)))
    };
    for bad in ["text/html", "application/xml, text/*", "application/json;q=0"] {
        send(bad).await.refuses(406, "not-acceptable", "", bad);
    }
    assert_eq!(classroom.rows(&item).await.len(), 0, "a refused score was stored");
    for good in [
        "*/*",
        "application/json",
        "application/vnd.ims.lis.v1.score+json",
        "application/vnd.ims.lis.v2.lineitemcontainer+json",
        "text/html, */*;q=0.1",
        "application/*",
        "",
    ] {
        assert_eq!(send(good).await.status, 200, "{good}");
    }
}
