//! Pages of items that share a partition and the beginning of their sort key.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use super::client::within;
use super::keys::{Key, PK, SK};
use super::{Item, Store, StoreError};
use crate::domain::PAGE_BYTES;

/// The most items that one query reads; a query ends after a megabyte in any case.
const READ_MAX: usize = 2_000;

/// A page, and whether there are more entries after its last.
#[derive(Debug)]
pub struct Page<T> {
    /// In the order of their keys.
    pub entries: Vec<T>,
    /// Whether at least one more follows after the last of `entries`.
    pub more: bool,
}

impl<T> Page<T> {
    /// The last page, with one entry or none.
    #[must_use]
    pub fn of(entry: Option<T>) -> Self {
        Self { entries: entry.into_iter().collect(), more: false }
    }
}

/// Which items are listed.
pub(super) struct Listing {
    pub(super) partition: String,
    pub(super) prefix: &'static str,
    pub(super) after: Option<Key>,
    /// How many entries the page holds at most.
    pub(super) limit: usize,
    /// How many items the first query reads; each further one reads twice as many, so that items that are skipped
    /// cost few calls, and a page that is full at once costs no needless reads.
    pub(super) read: usize,
}

/// The key of an item that a query of `partition` returned.
pub(super) fn key_of(item: &Item, partition: &str) -> Result<Key, StoreError> {
    Key::of(item).ok_or_else(|| StoreError::Corrupt {
        key: partition.to_owned(),
        reason: "a query returned an item without its key".to_owned(),
    })
}

impl Store {
    /// A strongly consistent query for the items of a partition whose sort key starts with `prefix`.
    pub(super) fn stretch(&self, partition: &str, prefix: &str) -> QueryFluentBuilder {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        self.client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", text(partition))
            .expression_attribute_values(":prefix", text(prefix))
            .consistent_read(true)
    }

    /// Collects what `accept` makes of the items until the page is full: `limit` entries, or `PAGE_BYTES` by `weight`,
    /// which must never tell more than the JSON of an entry will measure.
    pub(super) async fn list<T>(
        &self,
        listing: Listing,
        accept: impl Fn(&Key, Item) -> Result<Option<T>, StoreError>,
        weight: impl Fn(&T) -> usize,
    ) -> Result<Page<T>, StoreError> {
        within(2, Box::pin(self.collect(listing, accept, weight))).await
    }

    async fn collect<T>(
        &self,
        listing: Listing,
        accept: impl Fn(&Key, Item) -> Result<Option<T>, StoreError>,
        weight: impl Fn(&T) -> usize,
    ) -> Result<Page<T>, StoreError> {
        let mut page = Page { entries: Vec::new(), more: false };
        let mut bytes = 0;
        let mut start = listing.after.map(Key::into_attributes);
        let mut read = listing.read;
        loop {
            let query = self.stretch(&listing.partition, listing.prefix).set_exclusive_start_key(start);
            let answer = query.limit(i32::try_from(read).unwrap_or(i32::MAX)).send().await?;
            for item in answer.items.unwrap_or_default() {
                let key = key_of(&item, &listing.partition)?;
                let Some(entry) = accept(&key, item)? else { continue };
                // One entry that does not fit any more proves that there is a next page, so that no link ever leads
                // to an empty one (AGS 79).
                if page.entries.len() == listing.limit || bytes > PAGE_BYTES {
                    page.more = true;
                    return Ok(page);
                }
                bytes += weight(&entry);
                page.entries.push(entry);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(page);
            }
            read = (read * 2).min(READ_MAX);
        }
    }
}
