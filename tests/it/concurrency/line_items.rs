//! PUTs of one line item at the same time.

use ags_tests::{Answer, Classroom};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::overtaken;

/// A definition in which everything tells which one it is; every other one leaves out what may be left out, so that what
/// it does not replace would show.
fn definition(number: u32) -> Value {
    let mut body = json!({ "label": format!("number {number}"), "scoreMaximum": number + 1 });
    if number.is_multiple_of(2) {
        body["tag"] = json!(format!("tag {number}"));
        body["resourceId"] = json!(format!("resource {number}"));
        body["startDateTime"] = json!(format!("2026-01-01T00:00:{number:02}Z"));
        body["https://tool.example/number"] = json!(number);
    }
    body
}

/// The definition in an answer, and the version that its tag stands for.
fn defined(answer: &Answer) -> (Value, u32) {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("id");
    (body, answer.header("etag").trim_matches('"').parse().unwrap())
}

fn put(classroom: &Classroom, item: &str, number: u32) -> RequestBuilder {
    classroom.request(Method::PUT, item).json(&definition(number))
}

#[tokio::test]
async fn of_many_puts_at_once_each_is_a_version_and_the_last_stands_whole_ags_62_63() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let reads = (0..10).map(|_| classroom.request(Method::GET, &item));
    let requests = (0..20).map(|number| put(&classroom, &item, number)).chain(reads);
    let answers = classroom.at_once(requests.collect()).await;
    let (answers, read) = answers.split_at(20);

    let mut versions: Vec<_> = answers.iter().map(|answer| defined(&answer.clone().expect(200))).collect();
    for (number, (applied, _)) in (0..).zip(&versions) {
        assert_eq!(*applied, definition(number), "each answer tells what it applied");
    }
    versions.push((json!({ "label": "Essay", "scoreMaximum": 10 }), 1));
    versions.sort_by_key(|(_, version)| *version);
    assert_eq!(
        versions.iter().map(|(_, version)| *version).collect::<Vec<_>>(),
        (1..=21).collect::<Vec<_>>()
    );
    assert_eq!(Some(&defined(&classroom.read(&item).await.expect(200))), versions.last());
    for answer in read {
        assert!(versions.contains(&defined(&answer.clone().expect(200))), "no version: {answer:?}");
    }
}

#[tokio::test]
async fn a_put_that_is_overtaken_replaces_all_of_the_other_ags_63() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    let late = put(&classroom, &item, 1);
    let meanwhile = classroom.send(put(&classroom, &item, 2));
    let (late, on_time) = overtaken(&wire, ("UpdateItem", "number 1"), late, meanwhile).await;
    assert_eq!(defined(&on_time.expect(200)), (definition(2), 2));
    assert_eq!(defined(&late.expect(200)), (definition(1), 3));
    assert_eq!(defined(&classroom.read(&item).await), (definition(1), 3));
}

#[tokio::test]
async fn of_many_puts_of_one_version_at_once_exactly_one_succeeds_ags_62() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let requests = (0..20).map(|number| put(&classroom, &item, number).header("if-match", "\"1\""));
    let answers = classroom.at_once(requests.collect()).await;
    let (applied, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(applied.len(), 1, "{answers:?}");
    for answer in refused {
        answer.refuses(412, "precondition-failed", "", "another was first");
    }
    assert_eq!(defined(&classroom.read(&item).await), defined(applied[0]));
    assert_eq!(defined(applied[0]).1, 2);
}

#[tokio::test]
async fn a_put_of_a_version_that_was_replaced_after_it_was_read_is_refused_ags_62() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let item = classroom.item(10).await;
    let late = put(&classroom, &item, 1).header("if-match", "\"1\"");
    let meanwhile = classroom.send(put(&classroom, &item, 2).header("if-match", "\"1\""));
    let (late, on_time) = overtaken(&wire, ("UpdateItem", "number 1"), late, meanwhile).await;
    on_time.expect(200);
    late.refuses(412, "precondition-failed", "", "the version is gone");
    assert_eq!(defined(&classroom.read(&item).await), (definition(2), 2));
}
