//! The end of line items that were deleted long ago.
//!
//! # Protocol
//!
//! 1. The index tells which line items were deleted before the limit, the oldest first; the row of each is read, for it
//!    may have been restored since, or be gone.
//! 2. Of each user the history is removed, then the result; after the last of them the line item, if it is still deleted
//!    since then.
//!
//! A process that dies in between leaves what the next call finds: the history of a user by the result, the results by the
//! line item. No score comes meanwhile, for the line item is out of its tool's sight.

use std::ops::AddAssign;

use aws_sdk_dynamodb::types::AttributeValue;

use super::batch::{Entry, Part};
use super::client::within;
use super::keys::{self, DELETED, GSI1_SK, Key};
use super::{Store, StoreError};
use crate::domain::{LineItemId, RESTORABLE_DAYS, Timestamp};

/// The most line items that one call looks at.
const LINE_ITEMS: usize = 20;
/// The most results that one call looks at, each of which takes a query for its history.
const RESULTS: usize = 100;
/// The most rows that one call removes.
const ROWS: usize = 500;
/// A restoration that began in time is over by then, whichever clock it went by, in seconds: an hour.
const GRACE: i64 = 60 * 60;

/// What a call removed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Purge {
    /// Line items.
    pub line_items: usize,
    /// Results of users.
    pub results: usize,
    /// Entries of their histories.
    pub history: usize,
    /// Whether there was nothing more to do.
    pub done: bool,
}

/// Adds what a later call removed.
impl AddAssign for Purge {
    fn add_assign(&mut self, later: Self) {
        self.line_items += later.line_items;
        self.results += later.results;
        self.history += later.history;
        self.done = later.done;
    }
}

impl Purge {
    /// How many rows the call may still remove.
    const fn room(&self) -> usize {
        ROWS.saturating_sub(self.results + self.history)
    }
}

impl Store {
    /// Removes line items that can no longer be restored at `now`, with all that is on record for them, a bounded part
    /// with each call, in at most 12 seconds: see the protocol above. Who repeats it until it is `done` is the purge
    /// function, and an LMS that asks for it.
    ///
    /// # Errors
    /// [`StoreError`]; the next call goes on.
    pub async fn deleted_purge(&self, now: Timestamp) -> Result<Purge, StoreError> {
        within(2, Box::pin(self.purge(now))).await
    }

    async fn purge(&self, now: Timestamp) -> Result<Purge, StoreError> {
        let limit = i128::from(RESTORABLE_DAYS * 24 * 60 * 60 + GRACE) * 1_000_000_000;
        let before = now.unix_nanos() - limit;
        let query = self
            .index(DELETED)
            .key_condition_expression("#gsi1pk = :gsi1pk AND #gsi1sk < :gsi1sk")
            .expression_attribute_names("#gsi1sk", GSI1_SK)
            .expression_attribute_values(":gsi1sk", AttributeValue::S(keys::time_of_deletion(before)));
        let deleted = self.entries(query, LINE_ITEMS).await?;
        let mut purge = Purge::default();
        let mut looked_at = RESULTS;
        for entry in &deleted.rows {
            if !self.column_purge(entry, &mut purge, &mut looked_at).await? {
                return Ok(purge);
            }
        }
        purge.done = !deleted.more;
        Ok(purge)
    }

    /// Whether the line item is done with.
    async fn column_purge(
        &self,
        entry: &Entry,
        purge: &mut Purge,
        looked_at: &mut usize,
    ) -> Result<bool, StoreError> {
        let key = Key::line_item(&entry.context, &entry.client, entry.id);
        let since = AttributeValue::S(entry.sk.clone());
        // Gone, restored, or restored and deleted again: the index has not heard of it yet.
        if self.fetch(&key).await?.is_none_or(|row| row.get(GSI1_SK) != Some(&since)) {
            return Ok(true);
        }
        loop {
            let limit = purge.room().min(*looked_at);
            if limit == 0 {
                return Ok(false);
            }
            let results = self.first_keys(&keys::results(entry.id), limit).await?;
            *looked_at -= results.rows.len();
            if !self.results_purge(entry.id, &results, purge).await? {
                return Ok(false);
            }
            if !results.more {
                break;
            }
        }
        let is_gone = self.remove_unchanged(key, &[(GSI1_SK, Some(&since))]).await?;
        purge.line_items += usize::from(is_gone);
        Ok(true)
    }

    /// Removes these results after their histories, as far as there is room; whether all of them.
    async fn results_purge(
        &self,
        item: LineItemId,
        results: &Part<Key>,
        purge: &mut Purge,
    ) -> Result<bool, StoreError> {
        let mut histories = Vec::new();
        let mut ended = Vec::new();
        let mut all = true;
        for result in &results.rows {
            let room = purge.room().saturating_sub(histories.len() + ended.len() + 1);
            if room == 0 {
                all = false;
                break;
            }
            let history = self.first_keys(&keys::history(item, &keys::user_of(result)?), room).await?;
            histories.extend(history.rows);
            if history.more {
                all = false;
                break;
            }
            ended.push(result.clone());
        }
        self.remove_all(&histories).await?;
        self.remove_all(&ended).await?;
        purge.history += histories.len();
        purge.results += ended.len();
        Ok(all)
    }
}
