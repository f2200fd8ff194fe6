//! The DynamoDB-compatible engine for laptops and tests: the only module that knows which one it is.

use std::net::Ipv4Addr;
use std::path::Path;

use ags_shared::config::{AwsCredentials, StoreConfig};
use anyhow::{Context, anyhow};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What of the engine's log is worth showing: it warns of every condition that is not met, which is how this service
/// learns of stale scores.
pub const LOG_FILTER: &str = "dynoxide=error";

/// The name of the table on a laptop.
pub const TABLE: &str = "ags";

/// A running engine. Dropping it stops it as soon as the requests under way are answered.
pub struct Engine {
    endpoint: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), String>>,
}

impl Engine {
    /// Starts an engine on a free port of the loopback interface, over the database in `file`, or in memory.
    ///
    /// In a file, a write is answered only after it is on the disk.
    ///
    /// # Errors
    /// If the file cannot be opened or no port is free.
    pub async fn start(file: Option<&Path>) -> anyhow::Result<Self> {
        let database = match file {
            Some(file) => Database::new(file.to_str().context("the path is not UTF-8")?),
            None => Database::memory(),
        };
        let database = database.map_err(|error| anyhow!("the database cannot be opened: {error}"))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, async move {
            // An error is the sender gone, which means the same.
            let _ = stopped.await;
        }));
        Ok(Self { endpoint, stop, server })
    }

    /// Its address, for `AWS_ENDPOINT_URL_DYNAMODB`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How the service reaches the table on this engine.
    #[must_use]
    pub fn store_config(&self) -> StoreConfig {
        store_config(self.endpoint.clone())
    }

    /// Stops it and waits until the requests under way are answered.
    ///
    /// # Errors
    /// If the engine failed.
    pub async fn stop(self) -> anyhow::Result<()> {
        drop(self.stop);
        self.server.await?.map_err(|error| anyhow!(error))
    }
}

/// How the service reaches the table on the engine at `endpoint`. The credentials open nothing.
#[must_use]
pub fn store_config(endpoint: String) -> StoreConfig {
    StoreConfig {
        table: TABLE.to_owned(),
        region: "eu-central-1".to_owned(),
        credentials: AwsCredentials {
            access_key_id: "local".to_owned(),
            secret_access_key: "local".to_owned(),
            session_token: None,
        },
        endpoint: Some(endpoint),
    }
}
