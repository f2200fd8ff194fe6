//! What the tests of copies start from.

use std::collections::BTreeMap;
use std::ops::Deref;

use ags_shared::domain::{ContextId, ResourceLink};
use ags_tests::{Answer, Course, Tool, Wire};
use serde_json::{Value, json};

use super::office::Office;
use super::{Row, in_order};

/// An office whose course is copied.
pub(super) struct Site {
    office: Office,
}

impl Deref for Site {
    type Target = Office;

    fn deref(&self) -> &Office {
        &self.office
    }
}

/// What the pages of a copy said together.
#[derive(Debug, PartialEq)]
pub(super) struct Copied {
    pub(super) line_items: Vec<Value>,
    pub(super) links: Vec<Value>,
}

impl Copied {
    /// The copy of a line item, by their URLs.
    pub(super) fn of(&self, from: &str) -> String {
        let pair = self.line_items.iter().find(|pair| pair["from"] == from).unwrap();
        assert!(from.ends_with(pair["from_id"].as_str().unwrap()));
        let to = pair["to"].as_str().unwrap().to_owned();
        assert!(to.ends_with(pair["to_id"].as_str().unwrap()));
        to
    }
}

impl Site {
    pub(super) async fn new() -> Self {
        Self { office: Office::new().await }
    }

    pub(super) async fn behind_a_wire() -> (Self, Wire) {
        let (office, wire) = Office::behind_a_wire().await;
        (Self { office }, wire)
    }

    pub(super) fn copies(&self) -> String {
        self.platform_url("contexts/course/copies")
    }

    pub(super) async fn post(&self, url: &str, body: &Value) -> Answer {
        self.classroom.post(url, &self.lms, body).await
    }

    /// The pages of a copy from `url` on.
    pub(super) async fn pages(&self, url: &str, body: &Value) -> Vec<Value> {
        let mut pages: Vec<Value> = Vec::new();
        let mut url = Some(url.to_owned());
        while let Some(here) = url {
            let page = self.post(&here, body).await.expect(200).json();
            url = page["next"].as_str().map(str::to_owned);
            pages.push(page);
            assert!(pages.len() < 100, "the pages never end");
        }
        pages
    }

    pub(super) async fn copy(&self, body: &Value) -> Copied {
        let pages = self.pages(&self.copies(), body).await;
        let all = |name: &str| pages.iter().flat_map(|page| page[name].as_array().unwrap().clone()).collect();
        Copied { line_items: all("line_items"), links: all("links") }
    }

    /// The course with the LMS's id `id`, as tools find it.
    pub(super) fn course(&self, id: &str) -> Course {
        let context = ContextId::of(&id.parse().unwrap());
        Course { lineitems: self.services.links.line_items(&context), context }
    }

    /// What the tool finds in a course.
    pub(super) async fn list(&self, id: &str) -> Vec<Value> {
        self.read(&self.course(id).lineitems).await.expect(200).json().as_array().unwrap().clone()
    }

    /// The table, without what requests leave of themselves.
    pub(super) async fn table(&self) -> BTreeMap<(String, String), Row> {
        let mut rows = in_order(self.all_items().await);
        rows.retain(|(pk, _), _| !pk.starts_with("JTI#"));
        rows
    }

    /// What is known of a link of the tool.
    pub(super) async fn known_link(&self, course: &Course, id: &str) -> ResourceLink {
        let (client, id) = ("tool".parse().unwrap(), id.parse().unwrap());
        self.services.store.link_fetch(&course.context, &client, &id).await.unwrap().unwrap()
    }

    /// A tool beside the first, with so many line items of its own in the course.
    pub(super) async fn other_tool(&self, name: &str, items: usize) -> Tool {
        let tool = self.world.tool(name).await;
        let course = self.place(&tool, "course").await;
        let token = self.full_token(&tool).await;
        for _ in 0..items {
            self.line_item(&course, &token, 10).await;
        }
        tool
    }
}

pub(super) fn to_copy() -> Value {
    json!({ "to": "copy" })
}
