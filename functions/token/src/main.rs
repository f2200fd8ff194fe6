//! The token function as AWS Lambda runs it.

use std::sync::Arc;

use ags_shared::auth::LocalSigner;
use ags_shared::auth::jwks::KeyFetcher;
use ags_shared::config::{Config, KeyFetchConfig, signing_key};
use ags_shared::http::app;
use ags_shared::services::Services;
use ags_token::{Issuer, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ags_lambda::Error> {
    ags_lambda::init_log();
    let config = Config::from_env()?;
    let signer = Arc::new(signing_key(LocalSigner::from_pem)?);
    let services = Services::new(&config);
    let fetcher = Arc::new(KeyFetcher::new(KeyFetchConfig::from_env()?));
    let issuer = Issuer { services, signer, fetcher };
    ags_lambda::run(app(router(issuer), &config.links)).await
}
