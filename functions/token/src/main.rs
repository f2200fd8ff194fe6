//! The token function as AWS Lambda runs it.

use std::sync::Arc;

use ags_kms::{Kms, KmsSigner};
use ags_shared::auth::jwks::KeyFetcher;
use ags_shared::auth::{LocalSigner, Signer};
use ags_shared::config::{Config, KeyFetchConfig, SigningConfig};
use ags_shared::http::app;
use ags_shared::services::Services;
use ags_token::{Issuer, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ags_lambda::Error> {
    ags_lambda::init_log();
    let config = Config::from_env()?;
    let signer: Arc<dyn Signer> = match SigningConfig::from_env(LocalSigner::open)? {
        SigningConfig::Kms { key, kms } => Arc::new(KmsSigner::new(Kms::new(&kms), key)),
        SigningConfig::File(signer) => Arc::new(signer),
    };
    let fetcher = Arc::new(KeyFetcher::new(KeyFetchConfig::from_env()?));
    let issuer = Issuer { services: Services::new(&config), signer, fetcher };
    let app = app(router(issuer.clone()), &config.links);
    ags_lambda::run(app, issuer.warm_up()).await
}
