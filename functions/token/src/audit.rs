//! The audit of the token endpoint: one line for each token that is issued and for each that is not, with the true
//! reason, which the caller may not have been told (AGS 154). Never an assertion, a token, or anything else of the form.

use ags_shared::auth::access_token::Grant;
use ags_shared::domain::ClientId;
use ags_shared::http::AUDIT;

use crate::error::TokenError;

/// Whom a request names, proven or not; short, and to be logged as text that the log escapes.
#[derive(Debug, Default)]
pub(crate) struct Claimed {
    pub(crate) client: Option<ClientId>,
    pub(crate) kid: Option<String>,
}

pub(crate) fn issued(claimed: &Claimed, grant: &Grant, scope: &str) {
    tracing::info!(
        target: AUDIT,
        outcome = "issued",
        client.id = grant.client.as_str(),
        kid = claimed.kid,
        scope,
        deployment = grant.deployment.as_ref().map(|deployment| deployment.as_str()),
        token.id = grant.token_id,
        "token issued"
    );
}

pub(crate) fn refused(claimed: &Claimed, error: &TokenError) {
    tracing::warn!(
        target: AUDIT,
        outcome = "refused",
        reason = error.reason(),
        cause = %error,
        client.claimed = claimed.client.as_ref().map(|client| client.as_str()),
        kid.claimed = claimed.kid,
        "token refused"
    );
}
