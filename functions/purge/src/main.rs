//! The purge function as AWS Lambda runs it.

use ags_purge::purge;
use ags_shared::clock::{Clock, SystemClock};
use ags_shared::config::StoreConfig;
use ags_shared::store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ags_lambda::Error> {
    ags_lambda::init_log();
    let store = Store::new(&StoreConfig::from_env()?);
    ags_lambda::run_timer(async |time| Ok(purge(&store, SystemClock.now(), time).await?)).await
}
