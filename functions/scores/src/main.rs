//! The scores function as AWS Lambda runs it.

use ags_scores::router;
use ags_shared::config::Config;
use ags_shared::http::app;
use ags_shared::services::Services;
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    let config = Config::from_env()?;
    lambda_http::run(app(router(Services::new(&config)), &config.links)).await
}
