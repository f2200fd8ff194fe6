//! The token function as AWS Lambda runs it.

use std::sync::Arc;

use ags_shared::auth::{LocalSigner, RegisteredKeys};
use ags_shared::config::{Config, signing_key_file};
use ags_shared::http::app;
use ags_shared::services::Services;
use ags_token::{Issuer, router};
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    let config = Config::from_env()?;
    let signer = Arc::new(LocalSigner::from_pem(&std::fs::read(signing_key_file()?)?)?);
    let services = Services::new(&config);
    let issuer = Issuer { services, signer, tool_keys: Arc::new(RegisteredKeys) };
    lambda_http::run(app(router(issuer), &config.links)).await
}
