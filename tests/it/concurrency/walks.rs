//! Walking a list page by page while others write: what is there from the first page to the last is seen exactly once
//! (AGS 83).

use ags_tests::{Answer, Classroom};
use serde_json::{Value, json};

/// How much of what stays and of what goes there is at the start, and how often something is written beside a page.
const COUNT: usize = 12;

/// Walks from `url` on; `write` runs at the same time as the reading of each page. The texts under `name`, in order.
async fn walk(classroom: &Classroom, url: &str, name: &str, write: impl AsyncFn(usize)) -> Vec<String> {
    let (mut seen, mut next, mut page) = (Vec::new(), Some(url.to_owned()), 0);
    while let Some(here) = next {
        let beside = async {
            // So that the walk ends.
            if page < COUNT {
                write(page).await;
            }
        };
        let (answer, ()): (Answer, ()) = tokio::join!(classroom.read(&here), beside);
        let entries = answer.expect(200);
        let text = |entry: &Value| entry[name].as_str().unwrap().to_owned();
        seen.extend(entries.json().as_array().unwrap().iter().map(text));
        (next, page) = (entries.next(), page + 1);
    }
    assert!(page >= COUNT, "a walk of {page} pages");
    seen
}

/// That `seen` has nothing twice, and everything that `stays` in that order.
fn check(seen: &[String], stays: &[String]) {
    let mut once = seen.to_vec();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "repeated: {seen:?}");
    let kept: Vec<_> = seen.iter().filter(|entry| stays.contains(entry)).cloned().collect();
    assert_eq!(kept, stays, "in {seen:?}");
}

#[tokio::test]
async fn no_line_item_is_skipped_or_repeated_while_others_come_and_go_ags_83() {
    let classroom = Classroom::new().await;
    let (mut stays, mut goes) = (Vec::new(), Vec::new());
    for _ in 0..COUNT {
        stays.push(classroom.item(10).await);
        goes.push(classroom.item(10).await);
    }
    let write = async |page: usize| {
        // The one that the last page ended with, about; one far behind; and a new one at the end.
        for gone in [page, COUNT - 1 - page] {
            classroom.delete(&goes[gone], &classroom.token).await;
        }
        classroom.item(10).await;
        // A change moves nothing.
        let body = json!({ "label": format!("Page {page}"), "scoreMaximum": 10 });
        classroom.replace(&stays[page], &body).await.expect(200);
    };
    let list = format!("{}?limit=2", classroom.course.lineitems);
    check(&walk(&classroom, &list, "id", write).await, &stays);
}

#[tokio::test]
async fn no_result_is_skipped_or_repeated_while_others_come_and_go_ags_83() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let user = |kind: &str, number: usize| format!("user-{number:02}-{kind}");
    let stays: Vec<_> = (0..COUNT).map(|number| user("stays", number)).collect();
    for number in 0..COUNT {
        for kind in ["goes", "stays"] {
            classroom.grade(&item, &classroom.score(&user(kind, number), 5, 10)).await.expect(200);
        }
    }
    let write = async |number: usize| {
        for gone in [number, COUNT - 1 - number] {
            let cleared = classroom.score(&user("goes", gone), Value::Null, 10);
            classroom.grade(&item, &cleared).await.expect(200);
        }
        // New ones before, at and behind the page, and another score for one who stays.
        for comes in [0, number, COUNT - 1] {
            let score = classroom.score(&user(&format!("new-{number}"), comes), 5, 10);
            classroom.grade(&item, &score).await.expect(200);
        }
        classroom.grade(&item, &classroom.score(&stays[number], 6, 10)).await.expect(200);
    };
    check(&walk(&classroom, &format!("{item}/results?limit=2"), "userId", write).await, &stays);
}
