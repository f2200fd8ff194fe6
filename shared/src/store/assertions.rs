//! Used assertions: each may be used once (AGS 141).

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;

use super::keys::{EXPIRES_AT, Key};
use super::{Store, StoreError};
use crate::domain::{ClientId, Timestamp};

/// Whether an assertion was still unused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BurnOutcome {
    /// It was, and is not any more.
    Burned,
    /// It was used before.
    AlreadyUsed,
}

impl Store {
    /// Uses up the assertion `jti` of `client`, which is remembered until `remember_until` (seconds since 1970).
    ///
    /// Exactly one of any number of parallel calls is told `Burned`. An entry that is past its time counts as absent,
    /// however late the table deletes it.
    ///
    /// # Errors
    /// [`StoreError`]; the caller must then refuse the assertion.
    pub async fn assertion_burn(
        &self,
        client: &ClientId,
        jti: &str,
        remember_until: i64,
        now: Timestamp,
    ) -> Result<BurnOutcome, StoreError> {
        let seconds = |value: i64| AttributeValue::N(value.to_string());
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(Key::assertion(client, jti).into_attributes()))
            .item(EXPIRES_AT, seconds(remember_until))
            .condition_expression("attribute_not_exists(#expires_at) OR #expires_at < :now")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":now", seconds(now.unix_seconds()))
            .send()
            .await;
        match put {
            Ok(_) => Ok(BurnOutcome::Burned),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(BurnOutcome::AlreadyUsed),
                _ => Err(error.into()),
            },
        }
    }
}
