//! The token endpoint, and what a tool needs to know about our keys.
//!
//! | route | |
//! |---|---|
//! | `POST /token` | a client assertion in, an access token out (RFC 7523, AGS 131–154) |
//! | `GET /.well-known/jwks.json` | our public keys (AGS 145) |
//! | `GET /.well-known/oauth-authorization-server` | metadata (RFC 8414) |

mod error;
mod form;
mod handlers;
mod signing;
mod tool_keys;

use std::sync::Arc;

use ags_shared::auth::Signer;
use ags_shared::auth::jwks::KeyFetcher;
use ags_shared::services::Services;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::{get, post};

/// What this function has and no other: the signing key, and a way to the tools' keys.
#[derive(Clone)]
pub struct Issuer {
    /// What every function has.
    pub services: Services,
    /// Signs access tokens.
    pub signer: Arc<dyn Signer>,
    /// Fetches the key sets of tools.
    pub fetcher: Arc<KeyFetcher>,
}

impl Issuer {
    /// Opens the connections to the table and to the signing key before there is a request.
    pub async fn warm_up(&self) {
        tokio::join!(self.services.warm_up(), self.signer.warm_up());
    }
}

impl FromRef<Issuer> for Services {
    fn from_ref(issuer: &Issuer) -> Self {
        issuer.services.clone()
    }
}

/// The largest form, in bytes.
const FORM_MAX: usize = 64 * 1024;

/// The routes above.
pub fn router(issuer: Issuer) -> Router {
    Router::new()
        .route("/token", post(handlers::token).layer(DefaultBodyLimit::max(FORM_MAX)))
        .route("/.well-known/jwks.json", get(handlers::jwks))
        .route("/.well-known/oauth-authorization-server", get(handlers::metadata))
        .with_state(issuer)
}
