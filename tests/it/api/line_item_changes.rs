//! A line item after it was made: PUT and DELETE.

use ags_tests::Classroom;
use reqwest::Method;
use serde_json::{Value, json};

/// A line item with every member set, belonging to the link `link`; its URL.
async fn full_item(classroom: &Classroom) -> String {
    classroom.link(&classroom.tool, &classroom.course, "link").await;
    let rest = json!({
        "resourceLinkId": "link", "resourceId": "resource", "tag": "tag", "gradesReleased": true,
        "startDateTime": "2026-11-21T10:00:00Z", "endDateTime": "2026-11-22T10:00:00Z",
        "submissionReview": { "reviewableStatus": ["Submitted"] }, "https://tool.example/x": 1,
    });
    classroom.create_labelled("Full", &rest).await
}

#[tokio::test]
async fn a_put_answers_with_the_line_item_as_it_is_now_ags_26_62_65() {
    let classroom = Classroom::new().await;
    let item = full_item(&classroom).await;
    let body = json!({
        "label": "New", "scoreMaximum": 7.25, "resourceLinkId": "link", "resourceId": "r2", "tag": "t2",
        "gradesReleased": false, "startDateTime": "2027-01-01T00:00:00+00", "endDateTime": null,
        "submissionReview": { "reviewableStatus": [] }, "https://tool.example/y": [true],
    });
    let answer = classroom.replace(&item, &body).await.expect(200);
    let expected = json!({
        "id": item, "label": "New", "scoreMaximum": 7.25, "resourceLinkId": "link", "resourceId": "r2",
        "tag": "t2", "gradesReleased": false, "startDateTime": "2027-01-01T00:00:00Z",
        "submissionReview": { "reviewableStatus": [] }, "https://tool.example/y": [true],
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(classroom.read(&item).await.text, answer.text);
    assert_eq!(classroom.read(&classroom.course.lineitems).await.json(), json!([expected]));
}

#[tokio::test]
async fn what_a_put_leaves_out_is_unset_but_the_link_stays_ags_63_64() {
    let classroom = Classroom::new().await;
    for blank in [json!(null), json!("")] {
        let item = full_item(&classroom).await;
        let body = json!({ "label": "New", "scoreMaximum": 5, "resourceLinkId": blank });
        let answer = classroom.replace(&item, &body).await.expect(200);
        let expected = json!({ "id": item, "label": "New", "scoreMaximum": 5, "resourceLinkId": "link" });
        assert_eq!(answer.json(), expected);
        assert_eq!(classroom.read(&item).await.json(), expected);
    }
    let item = full_item(&classroom).await;
    let answer = classroom.replace(&item, &json!({ "label": "New", "scoreMaximum": 5 })).await.expect(200);
    let expected = json!({ "id": item, "label": "New", "scoreMaximum": 5, "resourceLinkId": "link" });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn a_line_item_never_moves_to_another_link_ags_64() {
    let classroom = Classroom::new().await;
    let (linked, free) = (full_item(&classroom).await, classroom.item(10).await);
    classroom.link(&classroom.tool, &classroom.course, "other").await;
    for (item, link) in [(&linked, "other"), (&linked, "LINK"), (&linked, "never"), (&free, "link")] {
        let before = classroom.read(item).await.text;
        let body = json!({ "label": "Moved", "scoreMaximum": 5, "resourceLinkId": link });
        classroom.replace(item, &body).await.refuses(400, "invalid-member", "resourceLinkId", link);
        assert_eq!(classroom.read(item).await.text, before, "{link}");
    }
}

#[tokio::test]
async fn the_id_in_a_put_changes_nothing_ags_64() {
    let classroom = Classroom::new().await;
    let (one, two) = (classroom.item(10).await, classroom.item(10).await);
    for id in [json!(two), json!(one), json!(""), json!(7)] {
        let body = json!({ "id": id, "label": "New", "scoreMaximum": 5 });
        assert_eq!(classroom.replace(&one, &body).await.expect(200).json()["id"], json!(one), "{id}");
    }
    assert_eq!(classroom.read(&two).await.json()["label"], "Essay");
}

#[tokio::test]
async fn a_deleted_line_item_is_gone_in_every_respect_ags_67_98() {
    let classroom = Classroom::new().await;
    let (item, stays) = (classroom.item(10).await, classroom.item(10).await);
    let score = classroom.score("ada", 5, 10);
    classroom.grade(&item, &score).await.expect(200);
    let answer = classroom.delete(&item, &classroom.token).await.expect(204);
    assert_eq!(answer.text, "");
    let body = json!({ "label": "New", "scoreMaximum": 1 });
    for (method, url, body) in [
        (Method::GET, item.clone(), Value::Null),
        (Method::PUT, item.clone(), body),
        (Method::DELETE, item.clone(), Value::Null),
        (Method::POST, format!("{item}/scores"), classroom.score("ada", 6, 10)),
        (Method::POST, format!("{item}/scores"), score),
        (Method::GET, format!("{item}/results"), Value::Null),
        (Method::GET, format!("{item}/results?user_id=ada"), Value::Null),
        (Method::GET, format!("{item}/results/ada"), Value::Null),
    ] {
        let answer = classroom.call(method.clone(), &url, &classroom.token, &body).await;
        answer.refuses(404, "not-found", "", &format!("{method} {url}"));
    }
    let listed = classroom.read(&classroom.course.lineitems).await.json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &json!(stays)));
    assert_eq!(classroom.history(&item, "ada").await.len(), 1, "a score that came too late left no trace");
}

#[tokio::test]
async fn a_deleted_line_item_stays_in_the_table_with_its_results_for_the_operator() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    let partition = format!("CTX#{}#TOOL#tool", classroom.course.context);
    let named = async |name: &str| {
        let rows = classroom.raw_items(&partition).await;
        rows.iter().filter(|row| row.contains_key(name)).count()
    };
    assert_eq!((named("label").await, named("deleted_at").await), (1, 0));
    classroom.delete(&item, &classroom.token).await.expect(204);
    assert_eq!((named("label").await, named("deleted_at").await), (1, 1));
    assert_eq!(classroom.rows(&item).await.len(), 1);
}

#[tokio::test]
async fn a_line_item_that_never_was_answers_like_a_deleted_one_ags_35() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    classroom.delete(&item, &classroom.token).await.expect(204);
    let never = format!("{}/0197a000-0000-7000-8000-000000000000", classroom.course.lineitems);
    let (gone, never) = (classroom.read(&item).await.expect(404), classroom.read(&never).await.expect(404));
    assert_eq!(gone.comparable(), never.comparable());
}

#[tokio::test]
async fn only_the_platform_deletes_what_it_made_with_a_link_ags_68() {
    let classroom = Classroom::new().await;
    let item = classroom.coupled_line_item(&classroom.tool, &classroom.course, "link").await;
    classroom.delete(&item, &classroom.token).await.refuses(
        403,
        "coupled-line-item",
        "",
        "it belongs to the link",
    );
    assert_eq!(classroom.read(&item).await.expect(200).json()["resourceLinkId"], "link");
    // The tool may still say what it is called and worth, which does not make it the tool's own.
    let body = json!({ "label": "Renamed", "scoreMaximum": 5 });
    assert_eq!(classroom.replace(&item, &body).await.expect(200).json()["label"], "Renamed");
    classroom.delete(&item, &classroom.token).await.refuses(403, "coupled-line-item", "", "still");
    classroom.grade(&item, &classroom.score("ada", 1, 1)).await.expect(200);
}

#[tokio::test]
async fn a_delete_may_declare_a_body_that_it_does_not_have_ags_43() {
    let classroom = Classroom::new().await;
    for content_type in
        ["application/vnd.ims.lis.v2.lineitem+json; charset=UTF-8", "text/plain", "application/json"]
    {
        let item = classroom.item(10).await;
        let request = classroom.request(Method::DELETE, &item).header("content-type", content_type).body("");
        assert_eq!(classroom.send(request).await.status, 204, "{content_type}");
        classroom.read(&item).await.expect(404);
    }
}

#[tokio::test]
async fn a_get_may_declare_a_body_that_it_does_not_have_ags_43() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for url in [&classroom.course.lineitems, &item, &format!("{item}/results")] {
        let request = classroom.request(Method::GET, url).header("content-type", "text/plain");
        assert_eq!(classroom.send(request).await.status, 200, "{url}");
    }
}
