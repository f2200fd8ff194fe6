//! Everything that is on record about a person, row by row, so that nothing is forgotten when rows get new attributes.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{PLACE, on_record};
use crate::domain::{ClientId, ContextId, LineItemId, PAGE_BYTES, UserId};
use crate::store::batch::Entry;
use crate::store::client::within;
use crate::store::keys::{self, Key};
use crate::store::{Item, LineItemRef, Store, StoreError};

/// How many line items a page looks at, at most.
const ENTRIES: usize = 25;
/// What a tool sent, which was JSON when it came.
const BODY: &str = "body";
/// The longest sort key that a table takes, in bytes.
const SORT_KEY_MAX: usize = 1_024;

/// What is after this has not been exported yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The line item, by its key in the index.
    entry: String,
    /// The last part of the history; empty after the result itself, `None` where the line item is done.
    history: Option<String>,
}

/// A row about a person.
#[derive(Debug)]
pub struct Held {
    /// `result`, or what of the history it is: `score`, `decision`.
    pub kind: String,
    /// The context.
    pub context: ContextId,
    /// The LMS's own id of it, where the LMS has told it.
    pub context_id: Option<String>,
    /// The tool.
    pub client: ClientId,
    /// The line item.
    pub line_item: LineItemId,
    /// Its heading.
    pub label: Option<String>,
    /// The row itself.
    pub record: Record,
    /// Where it stands.
    pub position: Position,
}

/// A row as it is stored, but for its keys.
#[derive(Debug)]
pub struct Record(BTreeMap<String, AttributeValue>);

/// A page of what is on record about a person.
#[derive(Debug)]
pub struct Export {
    /// The rows.
    pub rows: Vec<Held>,
    /// Where it goes on, if it does.
    pub next: Option<Position>,
}

impl Store {
    /// What is on record about a person after `after`: at most `limit` rows, and of a bounded number of line items. `None`
    /// if `after` is no position.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn person_export(
        &self,
        user: &UserId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Option<Export>, StoreError> {
        within(2, Box::pin(self.export(user, after, limit))).await
    }

    async fn export(
        &self,
        user: &UserId,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Option<Export>, StoreError> {
        let mut query = self.index(&keys::user(user));
        let mut entries = Vec::new();
        let mut within_history = None;
        if let Some(Position { entry, history }) = after {
            let is_key = history.as_ref().is_none_or(|sk| sk.len() <= SORT_KEY_MAX);
            let Some(entry) = Entry::of(&entry).filter(|_| is_key) else { return Ok(None) };
            query = query.set_exclusive_start_key(Some(place(&entry, user)));
            if let Some(history) = history {
                within_history = Some(history);
                entries.push(entry);
            }
        }
        let found = self.entries(query, ENTRIES).await?;
        entries.extend(found.rows);
        let mut rows = self.rows_of(&entries, user).await?;
        let mut page = Collected { rows: Vec::new(), bytes: 0, limit };
        let mut done: Option<&Entry> = None;
        for entry in &entries {
            if page.room() == 0 {
                return Ok(Some(page.until(done)));
            }
            let about = About::new(entry, &rows);
            let result = rows.remove(&Key::result(entry.id, user).pair());
            let mut after = within_history.take();
            if after.is_none() {
                if let Some(result) = result.filter(|row| on_record(row).next().is_some()) {
                    page.push(&about, result, "");
                }
                after = Some(String::new());
            }
            if let Some(next) = self.history_export(&about, user, after, &mut page).await? {
                return Ok(Some(Export { rows: page.rows, next: Some(next) }));
            }
            done = Some(entry);
        }
        Ok(Some(page.until(done.filter(|_| found.more))))
    }

    /// The results, line items and contexts of these entries, as far as they are there.
    async fn rows_of(
        &self,
        entries: &[Entry],
        user: &UserId,
    ) -> Result<HashMap<(String, String), Item>, StoreError> {
        let mut wanted: Vec<Key> = Vec::new();
        for Entry { context, client, id, .. } in entries {
            wanted.extend([Key::result(*id, user), Key::line_item(context, client, *id)]);
            let course = Key::context(context);
            if !wanted.contains(&course) {
                wanted.push(course);
            }
        }
        if wanted.is_empty() { Ok(HashMap::new()) } else { self.batch_fetch(wanted).await }
    }

    /// Adds the history after `after` to the page; where the next page goes on, if the history does not end on this one.
    async fn history_export(
        &self,
        about: &About<'_>,
        user: &UserId,
        after: Option<String>,
        page: &mut Collected,
    ) -> Result<Option<Position>, StoreError> {
        let mut after = after.unwrap_or_default();
        let id = about.entry.id;
        loop {
            let room = page.room();
            if room == 0 {
                return Ok(Some(about.position(after)));
            }
            let start = (!after.is_empty()).then(|| Key::entry(id, user, &after).into_attributes());
            let query = self.partition(&keys::history(id, user)).set_exclusive_start_key(start);
            let answer = query.limit(i32::try_from(room).unwrap_or(i32::MAX)).send().await?;
            for row in answer.items.unwrap_or_default() {
                after = Key::of(&row).map(|key| key.sk).unwrap_or_default();
                page.push(about, row, &after);
            }
            if answer.last_evaluated_key.is_none() {
                return Ok(None);
            }
        }
    }
}

/// Where an entry of the index is, as a query is told it.
pub(super) fn place(entry: &Entry, user: &UserId) -> Item {
    let column = LineItemRef { context: &entry.context, client: &entry.client, id: entry.id };
    let index = keys::index_of_results(&column, user);
    let mut place = Key::result(entry.id, user).into_attributes();
    place.extend(index.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))));
    place
}

/// What all rows of a line item have in common.
struct About<'a> {
    entry: &'a Entry,
    context_id: Option<String>,
    label: Option<String>,
}

impl<'a> About<'a> {
    fn new(entry: &'a Entry, rows: &HashMap<(String, String), Item>) -> Self {
        let text = |key: Key, name: &str| rows.get(&key.pair())?.get(name)?.as_s().ok().cloned();
        Self {
            entry,
            context_id: text(Key::context(&entry.context), "id"),
            label: text(Key::line_item(&entry.context, &entry.client, entry.id), "label"),
        }
    }

    fn position(&self, history: String) -> Position {
        Position { entry: self.entry.sk.clone(), history: Some(history) }
    }
}

/// A page under way.
struct Collected {
    rows: Vec<Held>,
    bytes: usize,
    limit: usize,
}

impl Collected {
    /// How many more rows the page may have.
    fn room(&self) -> usize {
        if self.bytes > PAGE_BYTES { 0 } else { self.limit - self.rows.len().min(self.limit) }
    }

    /// The page, after which the next goes on behind this line item.
    fn until(self, done: Option<&Entry>) -> Export {
        let next = done.map(|entry| Position { entry: entry.sk.clone(), history: None });
        Export { rows: self.rows, next }
    }

    /// Adds a row; its key in the history is empty if it is a result.
    fn push(&mut self, about: &About<'_>, mut row: Item, history: &str) {
        for name in PLACE {
            row.remove(name);
        }
        let texts = row.values().filter_map(|value| value.as_s().ok());
        self.bytes += texts.map(String::len).sum::<usize>();
        let Entry { context, client, id, .. } = about.entry;
        // The history says in its keys what it is made of.
        let kind = history.split('#').next().filter(|kind| !kind.is_empty()).unwrap_or("result");
        self.rows.push(Held {
            kind: kind.to_ascii_lowercase(),
            context: context.clone(),
            context_id: about.context_id.clone(),
            client: client.clone(),
            line_item: *id,
            label: about.label.clone(),
            record: Record(row.into_iter().collect()),
            position: about.position(history.to_owned()),
        });
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            match value
                .as_s()
                .ok()
                .filter(|_| name == BODY)
                .map(|body| serde_json::from_str::<&RawValue>(body))
            {
                Some(Ok(body)) => members.serialize_entry(name, body)?,
                _ => members.serialize_entry(name, &Stored(value))?,
            }
        }
        members.end()
    }
}

/// A value as JSON; a number digit for digit.
struct Stored<'a>(&'a AttributeValue);

impl Serialize for Stored<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            AttributeValue::S(text) => serializer.serialize_str(text),
            AttributeValue::N(digits) => match serde_json::from_str::<&RawValue>(digits) {
                Ok(number) => number.serialize(serializer),
                Err(_) => serializer.serialize_str(digits),
            },
            AttributeValue::Bool(value) => serializer.serialize_bool(*value),
            AttributeValue::L(values) => serializer.collect_seq(values.iter().map(Stored)),
            AttributeValue::M(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, Stored(value))))
            }
            other => Err(S::Error::custom(format_args!("no row has a value such as {other:?}"))),
        }
    }
}
