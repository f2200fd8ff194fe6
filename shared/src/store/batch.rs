//! Rows that the index finds, and rows that are removed many at a time.
//!
//! The index lags behind the table, as a rule by less than a second: what it names may be gone by now, and what came
//! just now may be missing in it. Whoever walks through it reads the rows themselves, and is told to come again.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};

use super::client::wait_after;
use super::expression::Changes;
use super::keys::{self, GSI1, GSI1_PK, GSI1_SK, Key, PK, SK};
use super::{Item, Store, StoreError};
use crate::domain::{ClientId, ContextId, LineItemId};
use crate::outgoing::TRIES;

/// The most rows that one call can remove.
const BATCH: usize = 25;

/// An entry of the index about a line item.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its sort key in the index.
    pub(super) sk: String,
    pub(super) context: ContextId,
    pub(super) client: ClientId,
    pub(super) id: LineItemId,
}

impl Entry {
    /// The entry with this sort key.
    pub(super) fn of(sk: &str) -> Option<Self> {
        let (context, client, id) = keys::column_in_index(sk)?;
        Some(Self { sk: sk.to_owned(), context, client, id })
    }
}

/// A part of a partition.
#[derive(Debug)]
pub(super) struct Part<T> {
    pub(super) rows: Vec<T>,
    /// Whether there may be more rows after these.
    pub(super) more: bool,
}

impl Store {
    /// A query for the entries of a partition of the index.
    pub(super) fn index(&self, partition: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .index_name(GSI1)
            .key_condition_expression("#gsi1pk = :gsi1pk")
            .expression_attribute_names("#gsi1pk", GSI1_PK)
            .expression_attribute_values(":gsi1pk", AttributeValue::S(partition.to_owned()))
    }

    /// The next entries about line items that `query` finds in the index.
    pub(super) async fn entries(
        &self,
        query: QueryFluentBuilder,
        limit: usize,
    ) -> Result<Part<Entry>, StoreError> {
        let answer = query.limit(i32::try_from(limit).unwrap_or(i32::MAX)).send().await?;
        let sk = |row: &Item| row.get(GSI1_SK)?.as_s().ok().cloned();
        let entry = |row: Item| {
            let sk = sk(&row).unwrap_or_default();
            Entry::of(&sk).ok_or_else(|| StoreError::Corrupt {
                key: GSI1.to_owned(),
                reason: "an entry names no line item".to_owned(),
            })
        };
        let rows: Result<_, _> = answer.items.unwrap_or_default().into_iter().map(entry).collect();
        Ok(Part { rows: rows?, more: answer.last_evaluated_key.is_some() })
    }

    /// The keys of the first rows of a partition, at most `limit` of them.
    pub(super) async fn first_keys(&self, partition: &str, limit: usize) -> Result<Part<Key>, StoreError> {
        let query = self
            .partition(partition)
            .projection_expression("#pk, #sk")
            .expression_attribute_names("#sk", SK)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let answer = query.send().await?;
        let rows = answer.items.unwrap_or_default().iter().filter_map(Key::of).collect();
        Ok(Part { rows, more: answer.last_evaluated_key.is_some() })
    }

    /// Removes rows, which may be gone already.
    pub(super) async fn remove_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        for batch in keys.chunks(BATCH) {
            self.remove_batch(batch).await?;
        }
        Ok(())
    }

    async fn remove_batch(&self, keys: &[Key]) -> Result<(), StoreError> {
        let write = |key: &Key| {
            let delete = DeleteRequest::builder().set_key(Some(key.clone().into_attributes())).build();
            let delete = delete.map_err(|error| StoreError::Refused(error.to_string()))?;
            Ok(WriteRequest::builder().delete_request(delete).build())
        };
        let writes: Result<Vec<_>, StoreError> = keys.iter().map(write).collect();
        let mut request = HashMap::from([(self.table.clone(), writes?)]);
        for tries in 0..TRIES {
            if tries > 0 {
                wait_after(tries).await;
            }
            let answer = self.client.batch_write_item().set_request_items(Some(request)).send().await?;
            // A busy table carries out a part of a batch with success.
            request = answer.unprocessed_items.unwrap_or_default();
            if request.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("a batch was left unfinished".to_owned()))
    }

    /// Removes a row if it still has these values; whether it is gone now.
    pub(super) async fn remove_unchanged(&self, key: Key, values: &[Known<'_>]) -> Result<bool, StoreError> {
        let mut changes = Changes::default();
        let condition = unchanged(&mut changes, values);
        changes.name(PK);
        let expression = changes.finish();
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key.into_attributes()))
            // Where there is no row, the call was carried out, and is sent again because its answer was lost.
            .condition_expression(format!("attribute_not_exists(#{PK}) OR ({condition})"))
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values).filter(|values| !values.is_empty()))
            .send()
            .await;
        match delete {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }

    /// Takes attributes from a row if it still has these values; whether it did.
    pub(super) async fn strip_unchanged<'a>(
        &self,
        key: Key,
        attributes: impl Iterator<Item = &'a String>,
        values: &[Known<'_>],
    ) -> Result<bool, StoreError> {
        let mut changes = Changes::default();
        let condition = unchanged(&mut changes, values);
        for name in attributes {
            changes.remove(name);
        }
        self.update(key, changes, Some(&condition)).await
    }
}

/// What an attribute of a row was when it was read.
pub(super) type Known<'a> = (&'static str, Option<&'a AttributeValue>);

/// The condition that a row has these values.
fn unchanged(changes: &mut Changes, values: &[Known<'_>]) -> String {
    let same = values.iter().map(|(name, value)| {
        changes.name(name);
        let Some(value) = value else { return format!("attribute_not_exists(#{name})") };
        changes.value(name, (*value).clone());
        format!("#{name} = :{name}")
    });
    same.collect::<Vec<_>>().join(" AND ")
}
