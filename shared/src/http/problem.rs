//! Errors as callers see them: one catalogue, RFC 9457.
//!
//! A [`Problem`] has a public text and, apart from it, a cause for the log; the two never mix. The layer in
//! [`record`](super::record) writes the body, adds the request id, and logs the cause once.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::media::PROBLEM;
use crate::auth::SignError;
use crate::auth::access_token::TokenError;
use crate::domain::{AccessDenied, Invalid, Operation, TooLate};
use crate::services::{AuthenticationError, RandomError};
use crate::store::StoreError;

/// What `Retry-After` says whenever the table failed. Nobody here knows what the trouble is or how long it will last; but
/// it has outlasted four tries over a second or so, and one more second would rarely help.
pub const RETRY_AFTER_SECONDS: &str = "5";

macro_rules! catalogue {
    ($($(#[$doc:meta])* $kind:ident = $status:literal, $name:literal, $title:literal;)*) => {
        /// Every kind of error that the AGS routes answer with. Names and numbers are part of the interface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemKind { $($(#[$doc])* $kind,)* }

        impl ProblemKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            const fn parts(self) -> (u16, &'static str, &'static str) {
                match self { $(Self::$kind => ($status, $name, $title),)* }
            }
        }
    };
}

catalogue! {
    /// The body is not a JSON object.
    InvalidBody = 400, "invalid-body", "The body is not a JSON object";
    /// A member of the body breaks a rule.
    InvalidMember = 400, "invalid-member", "A member of the body breaks a rule";
    /// A query parameter breaks a rule.
    InvalidParameter = 400, "invalid-parameter", "A query parameter breaks a rule";
    /// A header breaks a rule.
    InvalidHeader = 400, "invalid-header", "A header breaks a rule";
    /// No valid access token.
    InvalidToken = 401, "invalid-token", "A valid access token is required";
    /// The token, or the tool by now, lacks the scope.
    InsufficientScope = 403, "insufficient-scope", "The scope does not cover this request";
    /// A line item that the platform made with its link is the platform's to delete.
    CoupledLineItem = 403, "coupled-line-item", "The line item belongs to the platform";
    /// The link has its one line item, and the tool may add none.
    SingleColumn = 403, "single-column", "The link has one line item only";
    /// What was handed in after the end is not taken.
    LateScore = 403, "late-score", "The activity has ended";
    /// Not there, or not the caller's.
    NotFound = 404, "not-found", "There is no such resource";
    /// The path exists, but not with this method.
    MethodNotAllowed = 405, "method-not-allowed", "The resource has no such method";
    /// The client takes no JSON.
    NotAcceptable = 406, "not-acceptable", "Answers are JSON";
    /// A later score is on record.
    StaleScore = 409, "stale-score", "A later score is on record";
    /// The `Idempotency-Key` came with another body before.
    IdempotencyKeyReused = 409, "idempotency-key-reused", "The key stands for another request";
    /// A deleted line item stays deleted.
    NotRestorable = 409, "not-restorable", "The line item cannot be restored";
    /// A link takes no grades.
    NotGradable = 409, "not-gradable", "The link takes no grades";
    /// The client id of a tool stands for an LMS, or that of an LMS for a tool.
    NotATool = 409, "not-a-tool", "The client id stands for a client of the other kind";
    /// `If-Match` names another version.
    PreconditionFailed = 412, "precondition-failed", "The line item has changed";
    /// The body is larger than 256 KiB.
    TooLarge = 413, "too-large", "The request is too large";
    /// The body is not declared to be JSON.
    UnsupportedMediaType = 415, "unsupported-media-type", "The body must be JSON";
    /// The table, or what signs, is busy or away.
    Unavailable = 503, "unavailable", "The service is busy";
    /// A defect of ours.
    Internal = 500, "internal", "The service failed";
}

impl ProblemKind {
    /// The status that goes with it.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.parts().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Its stable name, the last part of `type`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.parts().1
    }
}

/// An error answer: what the caller may read, and what is for the log only.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    field: Option<String>,
    challenge: Option<String>,
    cause: Option<String>,
    refusal: Option<&'static str>,
}

impl Problem {
    /// A problem of this kind; `detail` tells the caller what to do about it.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), field: None, challenge: None, cause: None, refusal: None }
    }

    /// Not there, or not the caller's: always in the same words (AGS 35).
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ProblemKind::NotFound, "It does not exist, or it belongs to another tool or context.")
    }

    /// Something that the LMS names is not there.
    #[must_use]
    pub fn missing(what: &str) -> Self {
        Self::new(ProblemKind::NotFound, format!("There is no such {what}."))
    }

    /// A query parameter breaks the rule that `reason` states ("must …").
    pub fn parameter(name: &str, reason: impl std::fmt::Display) -> Self {
        Self::field(ProblemKind::InvalidParameter, name, format!("{name} {reason}"))
    }

    /// A header breaks the rule that `reason` states ("must …").
    pub fn header(name: &str, reason: impl std::fmt::Display) -> Self {
        Self::field(ProblemKind::InvalidHeader, name, format!("{name} {reason}"))
    }

    fn field(kind: ProblemKind, name: &str, detail: String) -> Self {
        Self { field: Some(name.to_owned()), ..Self::new(kind, detail) }
    }

    /// A defect of ours; only the log learns the cause.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(ProblemKind::Internal, "The request id finds the cause in the log.").because(cause)
    }

    /// No valid access token. The error code is there even when no token was sent: a tool that forgot it learns
    /// the same as one whose token is old (AGS 37).
    pub(super) fn invalid_token(reason: &'static str, cause: impl std::fmt::Display) -> Self {
        let detail = "Send a current access token of this service as Authorization: Bearer …";
        let problem = Self::new(ProblemKind::InvalidToken, detail).refused(reason, cause);
        Self { challenge: Some(r#"Bearer error="invalid_token""#.to_owned()), ..problem }
    }

    /// The scopes do not cover the operation; the challenge names those of `issuer` that would (AGS 37).
    pub(super) fn insufficient_scope(operation: Operation, issuer: &str) -> Self {
        let names: Vec<_> = operation.accepts().iter().map(|scope| scope.at(issuer)).collect();
        let detail = format!("This request needs one of the scopes {}", names.join(" "));
        let challenge = format!(r#"Bearer error="insufficient_scope", scope="{}""#, names.join(" "));
        let problem = Self::new(ProblemKind::InsufficientScope, detail);
        Self { challenge: Some(challenge), ..problem.refused("scope", AccessDenied::Scope(operation)) }
    }

    fn because(self, cause: impl std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..self }
    }

    /// The caller may not do this; `reason` is the word for it in the audit.
    fn refused(self, reason: &'static str, cause: impl std::fmt::Display) -> Self {
        Self { refusal: Some(reason), ..self.because(cause) }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// What is to be logged about it, and never shown.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The word for it in the audit, if the caller was refused what others may have: stable, and one for each cause.
    #[must_use]
    pub const fn refusal(&self) -> Option<&'static str> {
        self.refusal
    }

    /// The body, which names the request so that a caller's report can be found in the log.
    pub(super) fn body(&self, request_id: &str) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            r#type: String,
            title: &'a str,
            status: u16,
            detail: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            field: Option<&'a str>,
            request_id: &'a str,
        }
        let (status, name, title) = self.kind.parts();
        let body = Body {
            r#type: format!("urn:lambda-ags:problem:{name}"),
            title,
            status,
            detail: &self.detail,
            field: self.field.as_deref(),
            request_id,
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        let mut add = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        if let Some(challenge) = &self.challenge {
            add(WWW_AUTHENTICATE, challenge);
        }
        if self.kind == ProblemKind::Unavailable {
            add(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        let detail = invalid.to_string();
        match invalid {
            Invalid::Body(_) => Self::new(ProblemKind::InvalidBody, detail),
            Invalid::Member { name, .. } => Self::field(ProblemKind::InvalidMember, &name, detail),
        }
    }
}

impl From<TooLate> for Problem {
    fn from(late: TooLate) -> Self {
        let detail =
            "It was handed in after the end, and the platform takes no late scores for this line item.";
        Self::new(ProblemKind::LateScore, detail).refused("late", late)
    }
}

impl From<AccessDenied> for Problem {
    fn from(denied: AccessDenied) -> Self {
        match denied {
            AccessDenied::Unknown => Self::invalid_token("unknown_client", denied),
            AccessDenied::Disabled => Self::invalid_token("disabled", denied),
            AccessDenied::Deployment => Self::invalid_token("foreign_deployment", denied),
            AccessDenied::NotPlaced => Self::not_found().refused("not_placed", denied),
            AccessDenied::Absent => Self::not_found(),
            // Of a tool's operation, whose scopes are the same at every issuer.
            AccessDenied::Scope(operation) => Self::insufficient_scope(operation, ""),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                Self::new(ProblemKind::Unavailable, "Send the request again later; unless it makes a line item without an Idempotency-Key, that is safe.").because(error)
            }
            StoreError::Refused(_) | StoreError::Corrupt { .. } => Self::internal(error),
        }
    }
}

impl From<SignError> for Problem {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Unavailable(_) => {
                Self::new(ProblemKind::Unavailable, "Send the request again later.").because(error)
            }
            SignError::Refused(_) => Self::internal(error),
        }
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        Self::invalid_token(error.reason(), error)
    }
}

impl From<AuthenticationError> for Problem {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::Token(error) => error.into(),
            AuthenticationError::Store(error) => error.into(),
        }
    }
}

impl From<RandomError> for Problem {
    fn from(error: RandomError) -> Self {
        Self::internal(error)
    }
}
