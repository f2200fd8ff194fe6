//! Used assertions: each may be used once (AGS 141).

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::keys::{EXPIRES_AT, Key};
use super::{Store, StoreError};
use crate::domain::{ClientId, Timestamp};

const TOKEN_ID: &str = "token_id";

/// Whether an assertion was still unused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BurnOutcome {
    /// It was, and is not any more.
    Burned,
    /// It was used before.
    AlreadyUsed,
}

impl Store {
    /// Uses up the assertion `jti` of `client` for the token `token_id`; it is remembered until `remember_until`
    /// (seconds since 1970).
    ///
    /// Exactly one of any number of parallel calls is told `Burned`. An entry that is past its time counts as absent,
    /// however late the table deletes it. The token's own name is kept in the entry, so that a call that was answered
    /// too late and sent again by the client library finds itself, and not a replay.
    ///
    /// # Errors
    /// [`StoreError`]; the caller must then refuse the assertion.
    pub async fn assertion_burn(
        &self,
        client: &ClientId,
        jti: &str,
        token_id: &str,
        remember_until: i64,
        now: Timestamp,
    ) -> Result<BurnOutcome, StoreError> {
        let seconds = |value: i64| AttributeValue::N(value.to_string());
        let token_id = AttributeValue::S(token_id.to_owned());
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(Key::assertion(client, jti).into_attributes()))
            .item(EXPIRES_AT, seconds(remember_until))
            .item(TOKEN_ID, token_id.clone())
            .condition_expression("attribute_not_exists(#expires_at) OR #expires_at < :now")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":now", seconds(now.unix_seconds()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put {
            Ok(_) => Ok(BurnOutcome::Burned),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failure)) => {
                    let used_for = failure.item().and_then(|item| item.get(TOKEN_ID));
                    let ours = used_for == Some(&token_id);
                    Ok(if ours { BurnOutcome::Burned } else { BurnOutcome::AlreadyUsed })
                }
                _ => Err(error.into()),
            },
        }
    }
}
