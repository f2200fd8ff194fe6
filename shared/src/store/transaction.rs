//! Writes that happen together or not at all.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};

use super::client::{wait_after, within};
use super::expression::Changes;
use super::keys::{Key, PK};
use super::{Item, Store, StoreError};
use crate::outgoing::TRIES;

/// Of a part whose condition does not hold.
const CONDITION: &str = "ConditionalCheckFailed";

/// A condition on what is there under a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected {
    /// Nothing.
    Nothing,
    /// An item with this number in its attribute.
    Version(&'static str, u64),
}

impl Expected {
    /// The condition, in which `#expected` stands for the returned name and `:expected` for the value, if there is one.
    pub(super) fn condition(self) -> (&'static str, &'static str, Option<AttributeValue>) {
        match self {
            Self::Nothing => ("attribute_not_exists(#expected)", PK, None),
            Self::Version(name, version) => {
                ("#expected = :expected", name, Some(AttributeValue::N(version.to_string())))
            }
        }
    }
}

/// What became of a transaction.
#[derive(Debug)]
pub(super) enum Transaction {
    /// All of it is there.
    Done,
    /// Nothing changed, for a condition did not hold; for each part, what is there if its condition was the one.
    Refused(Vec<Option<Item>>),
}

impl Store {
    /// A part of a transaction: puts an item where there is what is expected.
    pub(super) fn part_put(&self, item: Item, expected: Expected) -> Result<TransactWriteItem, StoreError> {
        let (condition, name, value) = expected.condition();
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .expression_attribute_names("#expected", name)
            .set_expression_attribute_values(value.map(|value| [(":expected".to_owned(), value)].into()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let put = put.map_err(|error| StoreError::Refused(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A part of a transaction: changes the item under `key` if the `condition` holds.
    pub(super) fn part_update(
        &self,
        key: Key,
        changes: Changes,
        condition: String,
    ) -> Result<TransactWriteItem, StoreError> {
        let expression = changes.finish();
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.into_attributes()))
            .update_expression(expression.update)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .build();
        let update = update.map_err(|error| StoreError::Refused(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// A part of a transaction: there is what is expected.
    pub(super) fn part_check(&self, key: Key, expected: Expected) -> Result<TransactWriteItem, StoreError> {
        let (condition, name, value) = expected.condition();
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key.into_attributes()))
            .condition_expression(condition)
            .expression_attribute_names("#expected", name)
            .set_expression_attribute_values(value.map(|value| [(":expected".to_owned(), value)].into()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let check = check.map_err(|error| StoreError::Refused(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Writes all `parts` or none.
    ///
    /// The client library sends the same request token with each of its own tries, by which the table knows a call whose
    /// answer was lost. A transaction that met another one is tried again here, within the bounds of one step.
    pub(super) async fn transact(&self, parts: Vec<TransactWriteItem>) -> Result<Transaction, StoreError> {
        within(1, Box::pin(self.transact_in_turn(parts))).await
    }

    async fn transact_in_turn(&self, parts: Vec<TransactWriteItem>) -> Result<Transaction, StoreError> {
        let mut tries = 0;
        loop {
            let written =
                self.client.transact_write_items().set_transact_items(Some(parts.clone())).send().await;
            let Err(error) = written else { return Ok(Transaction::Done) };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            else {
                return Err(error.into());
            };
            let reasons = cancelled.cancellation_reasons();
            let is_condition = |reason: &CancellationReason| reason.code() == Some(CONDITION);
            if reasons.iter().any(is_condition) {
                let there = |reason: &CancellationReason| {
                    is_condition(reason).then(|| reason.item().cloned().unwrap_or_default())
                };
                return Ok(Transaction::Refused(reasons.iter().map(there).collect()));
            }
            // It met another transaction, or a part was throttled.
            tries += 1;
            if tries == TRIES {
                return Err(error.into());
            }
            wait_after(tries).await;
        }
    }
}
