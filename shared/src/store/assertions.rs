//! Used assertions: each may be used once (AGS 141).

use aws_sdk_dynamodb::types::AttributeValue;

use super::keys::Key;
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
    /// Exactly one of any number of parallel calls is told `Burned`. The token's own name is kept in the entry, so that a
    /// call that was answered too late and sent again by the client library finds itself, and not a replay.
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
        let token_id = AttributeValue::S(token_id.to_owned());
        let mut item = Key::assertion(client, jti).into_attributes();
        item.insert(TOKEN_ID.to_owned(), token_id.clone());
        let used = self.put_expiring(item, remember_until, now).await?;
        let by_another = used.is_some_and(|used| used.get(TOKEN_ID) != Some(&token_id));
        Ok(if by_another { BurnOutcome::AlreadyUsed } else { BurnOutcome::Burned })
    }
}
