//! What the tests of the rights of persons start from.

use std::ops::Deref;

use ags_tests::Wire;
use serde_json::Value;

use super::office::Office;

/// An office that is asked about persons.
pub(super) struct Registry {
    office: Office,
}

impl Deref for Registry {
    type Target = Office;

    fn deref(&self) -> &Office {
        &self.office
    }
}

impl Registry {
    pub(super) async fn new() -> Self {
        Self { office: Office::new().await }
    }

    pub(super) async fn behind_a_wire() -> (Self, Wire) {
        let (office, wire) = Office::behind_a_wire().await;
        (Self { office }, wire)
    }

    /// So many scores of a user on an item.
    pub(super) async fn scores(&self, item: &str, user: &str, count: usize) {
        for given in 0..count {
            self.grade(item, &self.score(user, given, 10)).await.expect(200);
        }
    }

    pub(super) fn about(&self, user: &str) -> String {
        self.services.links.platform(&["users", user])
    }

    /// The pages of the export from `url` on.
    pub(super) async fn pages(&self, url: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut url = Some(url.to_owned());
        while let Some(here) = url {
            let page = self.get(&here, &self.lms).await.expect(200).json();
            pages.push(page["entries"].as_array().unwrap().clone());
            url = page["next"].as_str().map(str::to_owned);
            assert!(pages.len() < 1_000, "the pages never end");
        }
        pages
    }

    pub(super) async fn exported(&self, user: &str) -> Vec<Value> {
        self.pages(&self.about(user)).await.concat()
    }

    pub(super) async fn erase(&self, user: &str) -> Value {
        self.delete(&self.about(user), &self.lms).await.expect(200).json()
    }

    /// Until no request is under way any more that is now.
    pub(super) fn wait(&self) {
        self.clock.advance(61);
    }
}

/// Whether a row is about a user.
pub(super) fn is_of(key: &(String, String), user: &str) -> bool {
    key.1 == format!("USER#{user}") || key.0.ends_with(&format!("#USER#{user}"))
}
