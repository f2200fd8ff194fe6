//! The LMS's side, over HTTP with a token of an LMS.

mod agsctl;
mod authz;
mod calls;
mod claim;
mod contexts;
mod copies;
mod copies_again;
mod copies_of_links;
mod decisions;
mod erasures;
mod grades;
mod guide;
mod history;
mod link_writes;
mod links;
mod many_grades;
mod office;
mod persons;
mod progress;
mod purges;
mod registry;
mod restore;
mod scale;
mod settings;
mod site;
mod tools;

use std::collections::{BTreeMap, HashMap};

use ags_shared::config::StoreConfig;
use ags_shared::store;
use ags_tests::Classroom;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use serde_json::{Value, json};

pub(crate) use calls::{Desk, LEARNER, PLATFORM_CALLS, PlatformCall};

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

type Row = HashMap<String, AttributeValue>;

/// The rows of a table in the order of their keys.
fn in_order(rows: Vec<Row>) -> BTreeMap<(String, String), Row> {
    let text = |row: &Row, name: &str| row[name].as_s().unwrap().clone();
    rows.into_iter().map(|row| ((text(&row, "pk"), text(&row, "sk")), row)).collect()
}

/// Puts rows into the table itself, past the service and any wire.
async fn put_all(config: &StoreConfig, rows: Vec<Row>) {
    let client = store::connect(config);
    for batch in rows.chunks(25) {
        let put = |row: &Row| {
            let put = PutRequest::builder().set_item(Some(row.clone())).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        };
        let request = HashMap::from([(config.table.clone(), batch.iter().map(put).collect())]);
        let answer = client.batch_write_item().set_request_items(Some(request)).send().await.unwrap();
        assert!(answer.unprocessed_items.is_none_or(|left| left.is_empty()));
    }
}

/// The row with these texts in place of its own.
fn with(row: &Row, texts: &[(&str, String)]) -> Row {
    let mut row = row.clone();
    row.extend(texts.iter().map(|(name, text)| ((*name).to_owned(), AttributeValue::S(text.clone()))));
    row
}
