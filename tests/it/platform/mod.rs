//! The LMS's side, over HTTP with a token of an LMS.

mod claim;
mod contexts;
mod decisions;
mod grades;
mod history;
mod link_writes;
mod links;
mod many_grades;
mod office;
mod progress;
mod restore;
mod settings;
mod tools;

use ags_tests::Classroom;
use serde_json::{Value, json};

/// The entries from `url` on, page by page, and the URL of the changes since; no page is fuller than `limit`.
async fn walk(classroom: &Classroom, url: &str, limit: usize) -> (Vec<Vec<Value>>, String) {
    let mut pages = Vec::new();
    let mut url = url.to_owned();
    loop {
        let body = classroom.get(&url, &classroom.lms).await.expect(200).json();
        let entries = body["entries"].as_array().unwrap().clone();
        assert!(entries.len() <= limit, "{} entries", entries.len());
        pages.push(entries);
        assert!(pages.len() <= 1_000, "the links never end: {url}");
        match (body["next"].as_str(), body["changes"].as_str()) {
            (Some(next), None) => next.clone_into(&mut url),
            (None, changes) => return (pages, changes.unwrap_or_default().to_owned()),
            both => panic!("{both:?}"),
        }
    }
}

/// The users on all pages.
fn users(pages: &[Vec<Value>]) -> Vec<String> {
    pages.iter().flatten().map(|entry| entry["user_id"].as_str().unwrap().to_owned()).collect()
}

/// Makes the classroom's course known to the LMS; the URL of its grades.
async fn known_course(classroom: &Classroom) -> String {
    let url = classroom.platform_url("contexts/course");
    classroom.put(&url, &classroom.lms, &json!({ "title": "Course" })).await.expect(200);
    format!("{url}/grades")
}
