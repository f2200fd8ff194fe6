//! Line items as the LMS sees them: with the deleted ones, which it can restore.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use super::stored::{CHANGED_AT, DELETED_AT, kept_line_item_from, line_item_from};
use super::weight;
use crate::domain::{ClientId, ContextId, KeptLineItem, LineItem, LineItemId, Timestamp};
use crate::store::expression::Changes;
use crate::store::keys::{self, GSI1_PK, GSI1_SK, Key, PK};
use crate::store::list::{Listing, Page};
use crate::store::{LineItemRef, Store, StoreError};

/// What became of a restoration.
#[derive(Debug)]
pub enum RestoreOutcome {
    /// The line item is there, now or all along.
    Live(Box<LineItem>),
    /// It was deleted too long ago.
    TooLate,
    /// There is none, or none any more.
    Missing,
}

impl Store {
    /// A line item, deleted or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_kept(&self, item: &LineItemRef<'_>) -> Result<Option<KeptLineItem>, StoreError> {
        let key = Key::line_item(item.context, item.client, item.id);
        self.fetch(&key).await?.map(|item| kept_line_item_from(&key, item)).transpose()
    }

    /// The line items of a tool in a context, deleted or not, oldest first, after the one with the id `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_list_kept(
        &self,
        context: &ContextId,
        client: &ClientId,
        after: Option<LineItemId>,
        limit: usize,
    ) -> Result<Page<KeptLineItem>, StoreError> {
        let listing = Listing {
            partition: keys::placed(context, client),
            prefix: keys::line_item_prefix(),
            after: after.map(|id| Key::line_item(context, client, id)),
            limit,
            read: limit + 1,
        };
        let kept = |key: &Key, item| kept_line_item_from(key, item).map(Some);
        self.list(listing, kept, |kept| weight(&kept.line_item)).await
    }

    /// Puts a deleted line item back into the tool's sight, and its results with it, which count as changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_restore(
        &self,
        item: &LineItemRef<'_>,
        now: Timestamp,
    ) -> Result<RestoreOutcome, StoreError> {
        let key = Key::line_item(item.context, item.client, item.id);
        let number = |nanos: i128| AttributeValue::N(nanos.to_string());
        let mut changes = Changes::default();
        for name in [DELETED_AT, GSI1_PK, GSI1_SK] {
            changes.remove(name);
        }
        changes.set(CHANGED_AT, number(now.unix_nanos()));
        changes.name(PK);
        changes.placeholder("earliest", number(KeptLineItem::restorable_since(now)));
        let expression = changes.finish();
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.clone().into_attributes()))
            .update_expression(expression.update)
            .condition_expression(format!("attribute_exists(#{PK}) AND #{DELETED_AT} >= :earliest"))
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let live = |item| Ok(RestoreOutcome::Live(Box::new(line_item_from(&key, item)?)));
        match update {
            Ok(answer) => live(answer.attributes.unwrap_or_default()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failure)) => match failure.item() {
                    Some(item) if item.contains_key(DELETED_AT) => Ok(RestoreOutcome::TooLate),
                    Some(item) => live(item.clone()),
                    None => Ok(RestoreOutcome::Missing),
                },
                _ => Err(error.into()),
            },
        }
    }
}
