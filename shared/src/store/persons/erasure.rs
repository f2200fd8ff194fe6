//! The removal of everything that is on record about a person.
//!
//! # Protocol
//!
//! Of each line item that the index names for the user, the history is removed first, then the result, by which the index
//! finds both; so a process that dies in between leaves what the next call finds. The result goes only if it is still as it
//! was read: a score that came meanwhile is left to the next call.
//!
//! A score is two writes, and so is a decision, of which the history's may come later. Of a result that was last written
//! within [`UNDER_WAY`] everything is taken but where it is and when it was written, so that a call after that time finds what
//! of the history came after all, and removes the rest of the row with it.

use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};

use super::export::place;
use super::{WRITTEN, on_record};
use crate::domain::{ClientId, ContextId, LineItemId, Timestamp, UserId};
use crate::store::batch::Entry;
use crate::store::client::within;
use crate::store::keys::{self, Key};
use crate::store::{Item, Store, StoreError};

/// How many line items a call erases, at most.
const ENTRIES: usize = 25;
/// How many times as many it looks at, where of the first nothing is left to erase.
const PAGES: usize = 4;
/// How many entries of histories a call removes, at most.
const ROWS: usize = 500;
/// No request is under way for longer, in nanoseconds: a minute.
const UNDER_WAY: i128 = 60_000_000_000;

/// What was removed of a person on one line item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The context.
    pub context: ContextId,
    /// The tool.
    pub client: ClientId,
    /// The line item.
    pub line_item: LineItemId,
    /// Results: 1, or 0 if it was none, or has been removed before.
    pub results: usize,
    /// Entries of its history.
    pub history: usize,
}

/// What a call removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// In the order of contexts, tools and line items.
    pub removed: Vec<Erased>,
    /// SHA-256 over the keys of all rows that were removed: each is `pk`, a line feed, `sk`, a line feed; in the order of
    /// their bytes.
    pub digest: [u8; 32],
    /// Whether nothing is left on record that the index knows of.
    pub done: bool,
}

/// What a call has done so far.
struct Progress {
    removed: Vec<Erased>,
    keys: Vec<Key>,
    done: bool,
    now: Timestamp,
}

impl Store {
    /// Removes what is on record about a person, a bounded part with each call: see the protocol above.
    ///
    /// # Errors
    /// [`StoreError`]; the next call goes on.
    pub async fn person_erase(&self, user: &UserId, now: Timestamp) -> Result<Erasure, StoreError> {
        within(2, Box::pin(self.erase(user, now))).await
    }

    async fn erase(&self, user: &UserId, now: Timestamp) -> Result<Erasure, StoreError> {
        let mut progress = Progress { removed: Vec::new(), keys: Vec::new(), done: true, now };
        let mut query = self.index(&keys::user(user));
        for page in 1..=PAGES {
            let entries = self.entries(query, ENTRIES).await?;
            self.page_erase(&entries.rows, user, &mut progress).await?;
            let Some(last) = entries.rows.last().filter(|_| entries.more) else { break };
            // Rows that are left for a minute stand before others, which are not to wait for them.
            if page == PAGES || !progress.removed.is_empty() || !progress.done {
                progress.done = false;
                break;
            }
            query = self.index(&keys::user(user)).set_exclusive_start_key(Some(place(last, user)));
        }
        Ok(Erasure { digest: digest(progress.keys), removed: progress.removed, done: progress.done })
    }

    async fn page_erase(
        &self,
        entries: &[Entry],
        user: &UserId,
        progress: &mut Progress,
    ) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let results = entries.iter().map(|entry| Key::result(entry.id, user)).collect();
        let mut results = self.batch_fetch(results).await?;
        for entry in entries {
            let key = Key::result(entry.id, user);
            let result = results.remove(&key.pair());
            if !self.column_erase(entry, user, key, result, progress).await? {
                progress.done = false;
                break;
            }
        }
        Ok(())
    }

    /// Whether there is room for more.
    async fn column_erase(
        &self,
        entry: &Entry,
        user: &UserId,
        key: Key,
        result: Option<Item>,
        progress: &mut Progress,
    ) -> Result<bool, StoreError> {
        let room = ROWS.saturating_sub(progress.keys.len());
        if room == 0 {
            return Ok(false);
        }
        let history = self.first_keys(&keys::history(entry.id, user), room).await?;
        self.remove_all(&history.rows).await?;
        let mut erased = Erased {
            context: entry.context.clone(),
            client: entry.client.clone(),
            line_item: entry.id,
            results: 0,
            history: history.rows.len(),
        };
        progress.keys.extend(history.rows);
        if let Some(row) = result.filter(|_| !history.more) {
            if !self.result_erase(&key, &row, progress.now).await? {
                // It has changed meanwhile.
                progress.done = false;
            } else if on_record(&row).next().is_some() {
                progress.keys.push(key);
                erased.results = 1;
            }
        }
        if erased.results + erased.history > 0 {
            progress.removed.push(erased);
        }
        Ok(!history.more)
    }

    /// Whether nothing is on record in this row any more; not if it was changed meanwhile.
    async fn result_erase(&self, key: &Key, row: &Item, now: Timestamp) -> Result<bool, StoreError> {
        let written = WRITTEN.map(|name| (name, row.get(name)));
        let nanos = |value: &AttributeValue| value.as_n().ok()?.parse::<i128>().ok();
        let last = written.iter().filter_map(|(_, value)| nanos((*value)?)).max();
        if last.is_none_or(|last| last < now.unix_nanos() - UNDER_WAY) {
            return self.remove_unchanged(key.clone(), &written).await;
        }
        let mut attributes = on_record(row).peekable();
        if attributes.peek().is_none() {
            return Ok(true);
        }
        self.strip_unchanged(key.clone(), attributes, &written).await
    }
}

/// What tells these rows from others.
fn digest(keys: Vec<Key>) -> [u8; 32] {
    let mut lines: Vec<_> = keys.into_iter().map(|key| format!("{}\n{}\n", key.pk, key.sk)).collect();
    lines.sort_unstable();
    Sha256::digest(lines.concat()).into()
}
