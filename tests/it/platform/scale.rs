//! Two hundred line items and five thousand users: every call does a bounded part of the work, counted in calls to the
//! table.

use ags_tests::{Classroom, Wire};
use reqwest::Method;
use serde_json::{Value, json};

use super::{put_all, with};

const LINE_ITEMS: usize = 200;
const USERS: usize = 5_000;
/// What a request takes before it comes to its own work: the LMS's registration.
const ACCESS: usize = 1;

/// A classroom in which `ada` has a score on each of two hundred line items, and five thousand users have one on the last.
async fn school() -> (Classroom, Wire, String, Vec<String>) {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let token = classroom.lms_token().await;
    let course = classroom.platform_url("contexts/course");
    classroom.put(&course, &token, &json!({ "title": "Algebra" })).await.expect(200);
    let first = classroom.item(10).await;
    classroom.grade(&first, &classroom.score("ada", 5, 10)).await.expect(200);
    let result = classroom.rows(&first).await.remove(0);
    let score = classroom.history(&first, "ada").await.remove(0);
    let mut items = vec![first];
    let mut rows = Vec::new();
    let prefix = format!("CTX#{}#TOOL#tool#ITEM#", classroom.course.context);
    for _ in 1..LINE_ITEMS {
        let item = classroom.item(10).await;
        let id = item.rsplit('/').next().unwrap();
        rows.push(with(&result, &[("pk", format!("ITEM#{id}")), ("gsi1sk", format!("{prefix}{id}"))]));
        rows.push(with(&score, &[("pk", format!("ITEM#{id}#USER#ada"))]));
        items.push(item);
    }
    let id = items[LINE_ITEMS - 1].rsplit('/').next().unwrap();
    for user in 1..USERS {
        let user = format!("USER#u{user}");
        let place = [
            ("pk", format!("ITEM#{id}")),
            ("sk", user.clone()),
            ("gsi1pk", user.clone()),
            ("gsi1sk", format!("{prefix}{id}")),
        ];
        rows.push(with(&result, &place));
    }
    put_all(classroom.table.config(), rows).await;
    // The first request also reads the signing keys.
    classroom.get(&course, &token).await.expect(200);
    (classroom, wire, token, items)
}

/// The answer to a request that may take so many calls.
async fn within(
    most: usize,
    request: (&Classroom, &Wire),
    method: Method,
    url: &str,
    sent: (&str, &Value),
) -> Value {
    let (classroom, wire) = request;
    wire.take_calls();
    let answer = classroom.call(method, url, sent.0, sent.1).await.expect(200);
    let calls = wire.take_calls().len() - ACCESS;
    assert!(calls <= most, "{calls} calls for {url}");
    answer.json()
}

#[tokio::test]
async fn every_call_does_a_bounded_part_of_the_work_in_a_school_ags_73() {
    let (classroom, wire, token, items) = school().await;
    let here = (&classroom, &wire);
    let nothing = (token.as_str(), &Value::Null);

    let mut exported = 0;
    let mut url = Some(classroom.platform_url("users/ada"));
    while let Some(page) = url {
        let page = within(2 + 25, here, Method::GET, &page, nothing).await;
        exported += page["entries"].as_array().unwrap().len();
        url = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(exported, 2 * LINE_ITEMS);

    let body = json!({ "to": "copy" });
    let mut copied = 0;
    let mut url = Some(classroom.platform_url("contexts/course/copies"));
    while let Some(page) = url {
        let page = within(2 + 2 + 3 + 2 * 100, here, Method::POST, &page, (&token, &body)).await;
        copied += page["line_items"].as_array().unwrap().len();
        url = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(copied, LINE_ITEMS);

    classroom.clock.advance(61);
    let about = classroom.platform_url("users/ada");
    let (mut erased, mut done) = (0, false);
    while !done {
        let answer = within(2 + 25 * 3, here, Method::DELETE, &about, nothing).await;
        erased += answer["removed"].as_array().unwrap().len();
        done = answer["done"] == true;
    }
    assert_eq!(erased, LINE_ITEMS);

    classroom.delete(&items[LINE_ITEMS - 1], &classroom.token).await.expect(204);
    classroom.clock.advance(31 * 24 * 60 * 60);
    let token = classroom.lms_token().await;
    let nothing = (token.as_str(), &Value::Null);
    let purges = classroom.platform_url("purges");
    // The signing keys are read again after so long a time.
    classroom.get(&classroom.platform_url("contexts/course"), &token).await.expect(200);
    // Each call does the same, until the last of which another test tells.
    for _ in 0..3 {
        let answer = within(1 + 2 + 100 + 4, here, Method::POST, &purges, nothing).await;
        let removed = json!({ "line_items": 0, "results": 100, "history": 0 });
        assert_eq!(answer, json!({ "removed": removed, "done": false }));
    }
}
