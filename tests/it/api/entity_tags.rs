//! Entity tags of line items (RFC 9110): what changes only if nobody else changed it, and what is not sent twice.

use ags_tests::{Answer, Classroom};
use reqwest::Method;
use serde_json::{Value, json};

async fn conditional(
    classroom: &Classroom,
    method: Method,
    url: &str,
    header: (&str, &str),
    body: &Value,
) -> Answer {
    let request = classroom.request(method, url).header(header.0, header.1);
    classroom.send(if body.is_null() { request } else { request.json(body) }).await
}

#[tokio::test]
async fn every_put_makes_a_new_entity_tag() {
    let classroom = Classroom::new().await;
    let created = classroom.create(&json!({ "label": "Essay", "scoreMaximum": 1 })).await.expect(201);
    let item = created.json()["id"].as_str().unwrap().to_owned();
    let mut seen = vec![created.header("etag").to_owned()];
    for label in ["Two", "Three", "Essay"] {
        let body = json!({ "label": label, "scoreMaximum": 1 });
        let answer = classroom.replace(&item, &body).await.expect(200);
        let etag = answer.header("etag").to_owned();
        assert!(!etag.is_empty() && !seen.contains(&etag), "{label}: {etag} after {seen:?}");
        assert_eq!(classroom.read(&item).await.header("etag"), etag);
        seen.push(etag);
    }
}

#[tokio::test]
async fn only_the_line_item_that_if_match_names_is_changed() {
    let classroom = Classroom::new().await;
    let body = json!({ "label": "New", "scoreMaximum": 1 });
    let item = classroom.item(1).await;
    let stale = classroom.read(&item).await.header("etag").to_owned();
    classroom.replace(&item, &json!({ "label": "Second", "scoreMaximum": 1 })).await.expect(200);
    let current = classroom.read(&item).await.header("etag").to_owned();
    let weak = format!("W/{current}");
    let bare = current.trim_matches('"').to_owned();
    for tag in [stale.as_str(), &weak, &bare, r#""other""#, r#""0""#, "", ",", r#""99999999999999999999""#] {
        for (method, body) in [(Method::PUT, &body), (Method::DELETE, &Value::Null)] {
            let answer = conditional(&classroom, method.clone(), &item, ("if-match", tag), body).await;
            answer.refuses(412, "precondition-failed", "", &format!("{method} {tag}"));
        }
    }
    assert_eq!(classroom.read(&item).await.json()["label"], "Second");

    let listed = format!("{stale} , {current}");
    for tag in [&current, "*"] {
        let answer = conditional(&classroom, Method::PUT, &item, ("if-match", tag), &body).await.expect(200);
        assert_ne!(answer.header("etag"), current);
    }
    let item = classroom.item(1).await;
    classroom.replace(&item, &body).await.expect(200);
    conditional(&classroom, Method::PUT, &item, ("if-match", &listed), &body).await.expect(200);
    let current = classroom.read(&item).await.header("etag").to_owned();
    conditional(&classroom, Method::DELETE, &item, ("if-match", &current), &Value::Null).await.expect(204);
    let item = classroom.item(1).await;
    conditional(&classroom, Method::DELETE, &item, ("if-match", "*"), &Value::Null).await.expect(204);
}

#[tokio::test]
async fn if_match_does_not_bring_a_deleted_line_item_back() {
    let classroom = Classroom::new().await;
    let item = classroom.item(1).await;
    let etag = classroom.read(&item).await.header("etag").to_owned();
    classroom.delete(&item, &classroom.token).await.expect(204);
    let body = json!({ "label": "New", "scoreMaximum": 1 });
    for tag in [etag.as_str(), "*"] {
        let answer = conditional(&classroom, Method::PUT, &item, ("if-match", tag), &body).await;
        answer.refuses(404, "not-found", "", tag);
    }
    assert_eq!(classroom.read(&classroom.course.lineitems).await.text, "[]");
}

#[tokio::test]
async fn a_line_item_that_the_client_has_is_not_sent_again() {
    let classroom = Classroom::new().await;
    let item = classroom.item(1).await;
    let etag = classroom.read(&item).await.header("etag").to_owned();
    let (weak, listed) = (format!("W/{etag}"), format!(r#""other", {etag}"#));
    for tag in [etag.as_str(), &weak, &listed, "*"] {
        for method in [Method::GET, Method::HEAD] {
            let answer = conditional(&classroom, method, &item, ("if-none-match", tag), &Value::Null).await;
            assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{tag}");
            assert_eq!(answer.header("etag"), etag);
        }
    }
    classroom.replace(&item, &json!({ "label": "New", "scoreMaximum": 1 })).await.expect(200);
    for tag in [etag.as_str(), r#""other""#, ""] {
        let answer = conditional(&classroom, Method::GET, &item, ("if-none-match", tag), &Value::Null).await;
        assert_eq!((answer.status, &answer.json()["label"]), (200, &json!("New")), "{tag}");
    }
}

#[tokio::test]
async fn if_match_compares_whole_tags_of_a_list_of_any_length() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let body = json!({ "label": "New", "scoreMaximum": 10 });
    for tag in ["\"+1\"", "\"01\"", "1", "\"1"] {
        conditional(&classroom, Method::PUT, &item, ("if-match", tag), &body).await.expect(412);
    }
    let many: Vec<_> = (0..120).map(|_| "\"0\"").chain(["\"1\""]).collect();
    conditional(&classroom, Method::PUT, &item, ("if-match", &many.join(", ")), &body).await.expect(200);
    let none: Vec<_> = (0..60).map(|number| format!("\"x{number}\"")).chain(["\"2\"".to_owned()]).collect();
    conditional(&classroom, Method::PUT, &item, ("if-match", &none.join(",")), &body).await.expect(200);
}
