//! The lineitems function as AWS Lambda runs it.

use ags_lineitems::router;
use ags_shared::config::Config;
use ags_shared::http::app;
use ags_shared::services::Services;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ags_lambda::Error> {
    ags_lambda::init_log();
    let config = Config::from_env()?;
    let services = Services::new(&config);
    let app = app(router(services.clone()), &config.links);
    ags_lambda::run(app, services.warm_up()).await
}
