//! A score as tools really send it: their spellings, their media types, their URLs.

use ags_tests::Classroom;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn what_tools_write_in_their_own_way_is_understood() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for (index, (name, value, expected)) in [
        ("scoreGiven", json!("7"), 7),
        ("scoreMaximum", json!("100"), 5),
        ("comment", json!(null), 50),
        ("comment", json!(""), 50),
        ("scoringUserId", json!(null), 50),
        ("scoringUserId", json!(""), 50),
        ("submission", json!(null), 50),
        ("submission", json!({}), 50),
        ("submission", json!({ "startedAt": null, "submittedAt": "" }), 50),
        ("timestamp", json!("2026-11-21T11:59:59+0000"), 50),
        ("timestamp", json!("2026-11-21T11:59:59Z"), 50),
        ("timestamp", json!("2026-11-21T11:59:59+00"), 50),
        ("timestamp", json!("2026-11-21T11:59:59.535641+00:00"), 50),
        ("timestamp", json!("2026-11-21T06:29:59-0530"), 50),
        ("https://canvas.instructure.com/lti/submission", json!({ "new_submission": false }), 50),
        ("unknown", json!([null]), 50),
        ("id", json!("x"), 50),
    ]
    .into_iter()
    .enumerate()
    {
        let user = format!("user-{index}");
        let mut score = classroom.score(&user, 50, 10);
        score[name] = value;
        let answer = classroom.grade(&item, &score).await;
        assert_eq!(answer.status, 200, "{score}: {}", answer.text);
        assert_eq!(classroom.result(&item, &user).await.json()["resultScore"], expected, "{score}");
    }
}

#[tokio::test]
async fn a_score_may_come_under_any_json_type_of_ags_42() {
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
