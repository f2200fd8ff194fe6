//! What can go wrong with the table, apart from outcomes that are expected.
//!
//! | the table … | tries | ends as |
//! |---|---|---|
//! | refuses a condition | 1 | an outcome of the call, no error |
//! | is throttled, in whatever words | 4 | [`Unavailable`](StoreError::Unavailable): 503 |
//! | meets a write of somebody's transaction, or of another region | 4 | 503 |
//! | answers 500, 502, 503 or 504 | 4 | 503 |
//! | cannot be reached, drops the connection, or breaks off its answer | 4 | 503 |
//! | does not answer | 3, as time runs out | 503 |
//! | answers with success, but not in the form of the operation | 4 | 503 |
//! | leaves keys of a batch unanswered | 4 | 503 |
//! | refuses the call by a name of the list below, or the call cannot be made | 1 | [`Refused`](StoreError::Refused): 500 |
//! | refuses it otherwise | 1 | 503: whoever cannot tell must not give a grade up |
//! | holds an item that cannot be read | 1 | [`Corrupt`](StoreError::Corrupt): 500 |
//!
//! The tries are bounded in time, too: see `client`.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::keys::Key;
use crate::causes::causes;

/// The table did not do its part. The texts are for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, timed out, unreachable or failing, after every retry: trying again later may help.
    #[error("the table is not available: {0}")]
    Unavailable(String),
    /// The call was refused for what it asks: a defect, a missing table or a missing permission.
    #[error("the table refused the call: {0}")]
    Refused(String),
    /// An item does not read as what its key says it is.
    #[error("the item {key} cannot be read: {reason}")]
    Corrupt {
        /// Its key.
        key: String,
        /// What is wrong.
        reason: String,
    },
}

impl StoreError {
    pub(super) fn corrupt(key: &Key, reason: impl std::fmt::Display) -> Self {
        // The text goes to the log, where no user is named.
        let without_user = |part: &str| match part.split_once(USER) {
            Some((before, _)) => format!("{before}{USER}…"),
            None => part.to_owned(),
        };
        let key = format!("{}/{}", without_user(&key.pk), without_user(&key.sk));
        Self::Corrupt { key, reason: reason.to_string() }
    }

    /// For `map_err` on what reads or writes the attributes of an item.
    pub(super) fn unreadable<E: std::fmt::Display>(key: &Key) -> impl Fn(E) -> Self {
        let key = key.clone();
        move |error| Self::corrupt(&key, error)
    }
}

const USER: &str = super::keys::result_prefix();

/// What a refusal is called that another try cannot mend.
const FINAL: [&str; 10] = [
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "ResourceNotFoundException",
    "SerializationException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationException",
];

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        let is_final = matches!(error, SdkError::ConstructionFailure(_))
            || error.as_service_error().and_then(E::code).is_some_and(|code| FINAL.contains(&code));
        let text = causes(&error);
        if is_final { Self::Refused(text) } else { Self::Unavailable(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::config::http::HttpResponse;
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::query::QueryError;

    #[test]
    fn an_error_says_what_the_table_said_and_holds_nothing_of_an_answer_that_cannot_be_read() {
        type Failure = SdkError<QueryError, HttpResponse>;
        let raw = || HttpResponse::new(u16::try_into(200).unwrap(), r#"{"Items":"of a user"}"#.into());
        let unreadable: Failure = SdkError::response_error("a list was expected", raw());
        let text = StoreError::from(unreadable).to_string();
        assert!(text.contains("a list was expected") && !text.contains("of a user"), "{text}");
        let meta = ErrorMetadata::builder().code("AccessDeniedException").message("not you").build();
        let refused: Failure = SdkError::service_error(QueryError::generic(meta), raw());
        let text = StoreError::from(refused).to_string();
        assert!(text.contains("AccessDeniedException") && text.contains("not you"), "{text}");
        assert!(!text.contains("of a user"), "{text}");
    }
}
