//! A large course, page by page.

use std::collections::BTreeSet;

use ags_tests::{Classroom, Wire};
use serde_json::{Value, json};

use super::{known_course, put_all, walk, with};

const ITEMS: usize = 200;
const USERS: usize = 5;

/// The course of the classroom, with so many line items and results, written straight into the table.
async fn large_course(classroom: &Classroom) -> Vec<String> {
    let template = classroom.item(10).await;
    classroom.grade(&template, &classroom.score("user-000", 5, 10)).await.expect(200);
    let placed = format!("CTX#{}#TOOL#tool", classroom.course.context);
    let of = |partition: String| async move { classroom.raw_items(&partition).await };
    let line_item = of(placed.clone())
        .await
        .into_iter()
        .find(|row| row["sk"].as_s().unwrap().starts_with("ITEM#"))
        .unwrap();
    let result = classroom.rows(&template).await.remove(0);
    let old = template.rsplit('/').next().unwrap().to_owned();
    let mut rows = Vec::new();
    let mut items = vec![template.clone()];
    for number in 0..ITEMS {
        // Before the template, in the order of the numbers.
        let id = format!("{}-{:012x}", &old[..23], number + 1);
        rows.push(with(&line_item, &[("sk", format!("ITEM#{id}"))]));
        if number + 1 < ITEMS {
            items.push(template.replace(&old, &id));
        }
        for user in 0..USERS {
            let user = format!("USER#user-{user:03}");
            let place = [
                ("pk", format!("ITEM#{id}")),
                ("sk", user.clone()),
                ("gsi1pk", user),
                ("gsi1sk", format!("{placed}#ITEM#{id}")),
            ];
            rows.push(with(&result, &place));
        }
    }
    put_all(classroom.table.config(), rows).await;
    items
}

/// The line item and the user of each entry.
fn places(pages: &[Vec<Value>]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    pages.iter().flatten().map(|entry| (text(&entry["line_item_id"]), text(&entry["user_id"]))).collect()
}

/// The calls of the costliest page so far.
fn most_calls(wire: &Wire) -> usize {
    wire.answered_calls().len()
}

#[tokio::test]
async fn a_course_of_200_line_items_is_listed_in_bounded_pages_exactly_once_each() {
    let (classroom, wire) = Classroom::behind_a_wire().await;
    let url = known_course(&classroom).await;
    let items = large_course(&classroom).await;
    wire.answered_calls();
    let mut next = Some(format!("{url}?limit=1000"));
    let (mut found, mut pages, mut changes) = (Vec::new(), 0, String::new());
    while let Some(here) = next {
        let body = classroom.get(&here, &classroom.lms).await.expect(200).json();
        let calls = most_calls(&wire);
        assert!(calls <= 45, "{calls} calls for a page");
        found.extend(places(&[body["entries"].as_array().unwrap().clone()]));
        body["changes"].as_str().unwrap_or_default().clone_into(&mut changes);
        next = body["next"].as_str().map(str::to_owned);
        pages += 1;
        if pages == 2 {
            // In between: behind the walk, and ahead of it.
            for item in [&items[1], &items[ITEMS - 1]] {
                classroom.grade(item, &classroom.score("zoe", 5, 10)).await.expect(200);
            }
            wire.answered_calls();
        }
    }
    let known: BTreeSet<_> = found.iter().filter(|(_, user)| user != "zoe").cloned().collect();
    assert_eq!(known.len(), ITEMS * USERS + 1, "each once");
    assert_eq!(found.len(), known.len() + 1, "and what was ahead of the walk");
    assert!((6..=12).contains(&pages), "{pages} pages");

    classroom.clock.advance(600);
    let (changed, changes) = walk(&classroom, &changes, 1_000).await;
    assert!(places(&changed).iter().filter(|(_, user)| user == "zoe").count() == 2, "none is lost");
    classroom.replace(&items[100], &json!({ "label": "Essay", "scoreMaximum": 20 })).await.expect(200);
    classroom.decide(&items[50], "user-001", Some((1, 1))).await;
    let (changed, _) = walk(&classroom, &changes, 1_000).await;
    let mut expected: Vec<_> = (0..USERS).map(|user| (&items[100], format!("user-{user:03}"))).collect();
    expected.insert(0, (&items[50], "user-001".to_owned()));
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(item, user)| (item.rsplit('/').next().unwrap().to_owned(), user))
        .collect();
    assert_eq!(places(&changed), expected);
}

/// Each grade is read with its line item, and a batch takes a hundred keys.
#[tokio::test]
async fn a_learner_with_a_grade_on_each_of_200_line_items_is_shown_all_of_them_once() {
    let classroom = Classroom::new().await;
    let url = known_course(&classroom).await;
    large_course(&classroom).await;
    let (pages, _) = walk(&classroom, &format!("{url}?user_id=user-001"), 1_000).await;
    let found: BTreeSet<_> = places(&pages).into_iter().collect();
    assert_eq!((found.len(), pages.concat().len()), (ITEMS, ITEMS));
}
