//! The table: the only place that calls DynamoDB or names an attribute.
//!
//! # Design
//!
//! One table, on demand, with string keys `pk` and `sk`, a time to live on `expires_at`, and one sparse index. It is
//! defined in `infra/template.yaml` and nowhere else.
//!
//! | entity | `pk` | `sk` | `gsi1pk` / `gsi1sk` |
//! |---|---|---|---|
//! | registration of a tool, or of an LMS | `TOOL#{client}` | `TOOL` | `TOOLS` or `LMS` / `TOOL#{client}` |
//! | key set fetched from the tool's address | `TOOL#{client}` | `KEYS` | |
//! | used assertion | `JTI#{client}#{jti}` | `JTI` | |
//! | platform signing key | `KEYS` | `KEY#{kid}` | |
//! | context | `CTX#{context}` | `CTX` | |
//! | that a tool has, or had, a place in a context | `CTX#{context}` | `TOOL#{client}` | |
//! | placement of a tool in a context | `CTX#{context}#TOOL#{client}` | `PLACEMENT` | `TOOL#{client}` / `CTX#{context}` |
//! | resource link | `CTX#{context}#TOOL#{client}` | `LINK#{link}` | |
//! | line item | `CTX#{context}#TOOL#{client}` | `ITEM#{item}` | once deleted: `DELETED` / `{time}#CTX#{context}#TOOL#{client}#ITEM#{item}` |
//! | idempotency key of a line item's creation | `CTX#{context}#TOOL#{client}` | `CREATION#{digest}`, for a narrowed token `CREATION#{deployment}#{digest}` | |
//! | result of one user | `ITEM#{item}` | `USER#{user}` | `USER#{user}` / `CTX#{context}#TOOL#{client}#ITEM#{item}` |
//! | history of one user's scores, and of what was decided | `ITEM#{item}#USER#{user}` | `SCORE#{time}#{fingerprint}`, `DECISION#{time}#{fingerprint}` | |
//!
//! A signing key holds its public half (`jwk`), the name of its private half in KMS (`private`), from when on it signs
//! (`signs_from`) and when it was revoked (`revoked_at`), in seconds since 1970; `auth::KeyRing` derives the rest.
//!
//! Isolation is in the key: a tool's placement, links and line items live under a partition made of the context (from
//! the path) and the client (from the verified token), so another tool's line item is simply not there. Ids that a
//! client chose are escaped, so that none can forge a `#`.
//!
//! | request | calls |
//! |---|---|
//! | token | one query (tool, fetched key set), one conditional put (used assertion) |
//! | … of a tool whose key set must be fetched | before the put two conditional updates, and one query more; the query again and again while another instance fetches it |
//! | when a process starts, and every 300 seconds | one query: the signing keys, to sign, to verify, and to publish them |
//! | the first token of a signing key that is configured and not in the ring | one conditional put more, and the query again |
//! | any request with a token | one batch get: tool, placement, and the line item, link or result it is about |
//! | … then a list | one query |
//! | … then a write of a line item | one conditional write; one more before it for a creation with an idempotency key; a creation that names a link is a transaction of two items, which costs twice the write units |
//! | … then a score | one conditional update of the result and, if history is kept, one put of it side by side; one update more if it came too late |
//! | a link is put | one batch get, one get, one put (with its line item: a transaction of two items), one query for its line items, one update for each that does not have the new rules; a new link one query more |
//! | a link is deleted | one deletion, one query, one transaction of two items for each of its line items |
//! | a line item is restored | two gets, one for its link; a transaction of two items (without a link: of one), and a get more |
//! | the claim of a launch | one batch get, and for a link one query |
//! | a page of tools, or of the tools of a context | one query, one batch get (of a context, one get more) |
//! | export of a person | one query of the index, one batch get, and a query for each of at most 25 histories |
//! | erasure of a person | one query of the index, one batch get; for each of at most 25 line items a query, a batch for every 25 entries of the history, and one write; at most four times that where the first were erased within the last minute |
//! | purge | one query of the index; for each of at most 20 line items a get, a query and a removal; for each of at most 100 results a query; a batch for every 25 of at most 500 rows |
//! | copy of a course | a get and a put; for each of at most 100 tools, links and line items together at most three calls |
//!
//! Every read but that of the index is strongly consistent: disabling a tool, removing a placement and deleting a line
//! item take effect on the next request. A call that fails is tried again within the bounds of `client`; `error` says
//! which failures end as 503 and which as 500.

mod access;
mod assertions;
mod batch;
mod client;
mod clients;
mod contexts;
mod copy;
mod decisions;
mod error;
mod expression;
mod grades;
mod history;
mod keys;
mod line_items;
mod link_changes;
mod links;
mod list;
mod metering;
mod persons;
mod purge;
mod results;
mod scores;
mod signing_keys;
mod tool_keys;
mod transaction;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use access::{Found, Wanted};
pub use assertions::BurnOutcome;
pub use client::connect;
pub use copy::{CopiedLink, CopyPage, CopyPosition, CopyStage, CourseCopy};
pub use decisions::DecisionRecord;
pub use error::StoreError;
pub use grades::{FoundGrade, GradePage, GradePosition, GradeQuery, GradeScope};
pub use history::{HistoryEntry, HistoryEvent, HistoryPosition};
pub use keys::LineItemRef;
pub use line_items::{CreateOutcome, Precondition, Repeatable, RestoreOutcome, UpdateOutcome};
pub use list::Page;
pub use persons::{Erased, Erasure, Export, Held, Position, Record};
pub use purge::Purge;
pub use scores::ScoreRecord;

use crate::config::StoreConfig;
use crate::domain::Timestamp;
use expression::Changes;
use keys::{EXPIRES_AT, Key, PK};
use transaction::Expected;

/// A raw item of the table.
type Item = HashMap<String, AttributeValue>;

/// The table.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// The table that `config` names. Opens no connection.
    #[must_use]
    pub fn new(config: &StoreConfig) -> Self {
        Self { client: connect(config), table: config.table.clone() }
    }
}

/// A number as it is stored.
fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Whether a put found under its key what it expected.
enum Put {
    /// It did, and the item is there now.
    New,
    /// It did not, and nothing changed; this is there.
    Existing(Item),
}

impl Store {
    /// A strongly consistent query for all items of a partition.
    fn partition(&self, pk: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .consistent_read(true)
    }

    /// A strongly consistent read of one item.
    async fn fetch(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        Ok(get.set_key(Some(key.clone().into_attributes())).send().await?.item)
    }

    /// Puts an item, whatever was there.
    async fn put(&self, item: Item) -> Result<(), StoreError> {
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(())
    }

    /// Deletes an item, if it is there.
    async fn remove(&self, key: Key) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.table);
        delete.set_key(Some(key.into_attributes())).send().await?;
        Ok(())
    }

    /// Puts an item where there is none under its key.
    async fn put_new(&self, item: Item) -> Result<Put, StoreError> {
        self.put_expected(item, Expected::Nothing).await
    }

    /// Puts an item where there is what is expected.
    async fn put_expected(&self, item: Item, expected: Expected) -> Result<Put, StoreError> {
        let (condition, name, value) = expected.condition();
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .expression_attribute_names("#expected", name)
            .set_expression_attribute_values(value.map(|value| [(":expected".to_owned(), value)].into()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put {
            Ok(_) => Ok(Put::New),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failure)) => {
                    Ok(Put::Existing(failure.item().cloned().unwrap_or_default()))
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Changes the item under `key`, or makes it, if the `condition` holds; whether it did.
    async fn update(&self, key: Key, changes: Changes, condition: Option<&str>) -> Result<bool, StoreError> {
        let expression = changes.finish();
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.into_attributes()))
            .update_expression(expression.update)
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values).filter(|values| !values.is_empty()))
            .send()
            .await;
        match update {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }

    /// Puts an item that is remembered until `expires_at` (seconds since 1970), unless one is remembered under its key:
    /// then nothing changes, and that one is returned. Of any number of parallel calls exactly one puts its own. What is
    /// past its time counts as absent, however late the table deletes it.
    async fn put_expiring(
        &self,
        item: Item,
        expires_at: i64,
        now: Timestamp,
    ) -> Result<Option<Item>, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .item(EXPIRES_AT, number(expires_at))
            .condition_expression("attribute_not_exists(#expires_at) OR #expires_at < :now")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":now", number(now.unix_seconds()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put {
            Ok(_) => Ok(None),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failure)) => {
                    Ok(Some(failure.item().cloned().unwrap_or_default()))
                }
                _ => Err(error.into()),
            },
        }
    }
}

/// The item that holds `entity` under `key`.
fn to_item<T: Serialize>(key: Key, entity: &T) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(StoreError::unreadable(&key))?;
    item.extend(key.into_attributes());
    Ok(item)
}

/// The entity that `item` holds.
fn from_item<T: DeserializeOwned>(key: &Key, item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::unreadable(key))
}
