//! Errors of the token endpoint: RFC 6749 §5.2, always with status 400 (AGS 152), but for our own failures.

use ags_shared::auth::SignError;
use ags_shared::auth::assertion::AssertionError;
use ags_shared::http::{Ending, Problem, RETRY_AFTER_SECONDS, json};
use ags_shared::services::RandomError;
use ags_shared::store::StoreError;
use axum::http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::form::FormError;

/// Why no token was issued.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    #[error(transparent)]
    Form(#[from] FormError),
    /// The client is not registered; to the caller the same as a wrong signature.
    #[error("the client is not registered")]
    UnknownClient,
    #[error("the client is disabled")]
    Disabled,
    #[error("client_id differs from sub")]
    ClientId,
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    #[error("the deployment is not one of the client's")]
    Deployment,
    #[error("the assertion was used before")]
    Replayed,
    #[error("none of the scopes is open to this client")]
    Scope,
    #[error("the request took too long")]
    Deadline,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Sign(#[from] SignError),
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl TokenError {
    /// The word for it in the log: stable, and one for each cause.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Form(error) => error.reason(),
            Self::UnknownClient => "unknown_client",
            Self::Disabled => "disabled",
            Self::ClientId => "other_client_id",
            Self::Assertion(error) => error.reason(),
            Self::Deployment => "foreign_deployment",
            Self::Replayed => "replayed",
            Self::Scope => "scope",
            Self::Deadline => "deadline",
            Self::Store(StoreError::Unavailable(_)) => "table_unavailable",
            Self::Store(_) => "table_failed",
            Self::Sign(_) => "signing_failed",
            Self::Random(_) => "random_failed",
        }
    }

    /// The code, and what the caller is told.
    ///
    /// Until the signature is proven the text is the same whatever failed (AGS 154); after it, the caller is the tool
    /// itself, and the reason helps it.
    fn answer(&self) -> (&'static str, String) {
        const UNPROVEN: &str = "the client is unknown, or the assertion was not signed with one of its keys";
        match self {
            Self::Form(FormError::GrantType) => ("unsupported_grant_type", self.to_string()),
            Self::Form(_) | Self::Assertion(AssertionError::Malformed | AssertionError::TooLong) => {
                ("invalid_request", self.to_string())
            }
            Self::Assertion(AssertionError::Claim(_))
            | Self::ClientId
            | Self::Deployment
            | Self::Replayed => ("invalid_client", self.to_string()),
            Self::UnknownClient | Self::Assertion(_) => ("invalid_client", UNPROVEN.to_owned()),
            Self::Disabled => ("unauthorized_client", self.to_string()),
            Self::Scope => ("invalid_scope", self.to_string()),
            // RFC 6749 has these two for the authorization endpoint only; no better names exist.
            Self::Store(StoreError::Unavailable(_))
            | Self::Sign(SignError::Unavailable(_))
            | Self::Deadline => {
                ("temporarily_unavailable", "nothing was issued; try again with a new assertion".to_owned())
            }
            Self::Store(_) | Self::Sign(_) | Self::Random(_) => {
                ("server_error", "nothing was issued".to_owned())
            }
        }
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            error: &'a str,
            error_description: &'a str,
        }
        let (error, error_description) = self.answer();
        let status = match error {
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = Body { error, error_description: &error_description };
        let mut response = no_store(status, &body).unwrap_or_else(Problem::into_response);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        let ending = if status.is_server_error() { Ending::failed } else { Ending::refused };
        response.extensions_mut().insert(ending(self.reason(), &self));
        response
    }
}

/// An answer of the token endpoint, which nobody may keep (AGS 149).
pub(crate) fn no_store(status: StatusCode, body: &impl Serialize) -> Result<Response, Problem> {
    let mut response = json(status, "application/json;charset=UTF-8", body)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}
