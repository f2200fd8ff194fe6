//! A directory in which the service lives on a laptop: the table, the keys, and `demo.json`.

use std::fs::{File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ags_shared::auth::LocalSigner;
use ags_shared::config::Config;
use ags_shared::links::Links;
use ags_shared::services::Services;
use ags_shared::store;
use anyhow::{Context, bail};

use crate::demo::{self, Demo};
use crate::engine::{Engine, TABLE};
use crate::tool_host::ToolHost;
use crate::{keys, table};

/// A directory with a running engine over its table, prepared for one public address.
pub struct Place {
    /// The engine.
    pub engine: Engine,
    /// How the service is configured.
    pub config: Config,
    /// What every function needs.
    pub services: Services,
    /// The token signing key, which is also in [`signing_key_file`](Self::signing_key_file).
    pub signer: Arc<LocalSigner>,
    /// The file of the signing key.
    pub signing_key_file: PathBuf,
    /// What a program needs in order to drive the service.
    pub demo: Demo,
    /// Held as long as the place is in use.
    _lock: File,
}

impl Place {
    /// Prepares `dir`: makes what is missing in it, and keeps what is there. On `host`, if there is one, the demo tools
    /// publish their keys.
    ///
    /// # Errors
    /// If another process uses the directory, or something in it cannot be read or written.
    pub async fn open(dir: &Path, base: &str, host: Option<ToolHost>) -> anyhow::Result<Self> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .with_context(|| dir.display().to_string())?;
        let dir = dir.canonicalize()?;
        let lock = lock(&dir)?;
        // It holds grades; the engine gives the files that it puts beside it the same mode.
        let database = dir.join("table.db");
        keys::keep_private(&database)?;
        let engine = Engine::start(Some(&database)).await?;
        let config = Config { links: Links::new(base)?, store: engine.store_config() };
        table::create(&store::connect(&config.store), TABLE).await?;

        let services = Services::new(&config);
        let signing_key_file = dir.join("signing-key.pem");
        let pem = keys::read_or_create(&signing_key_file, keys::new_signing_key)?;
        let signer = Arc::new(LocalSigner::from_pem(&pem)?);
        services.store.signing_key_publish(signer.public_jwk()).await?;
        let demo = demo::prepare(&services, &dir, host.as_ref()).await?;
        if let Some(host) = host {
            host.publish(&demo)?;
        }
        Ok(Self { engine, config, services, signer, signing_key_file, demo, _lock: lock })
    }
}

fn lock(dir: &Path) -> anyhow::Result<File> {
    let file = File::create(dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("{} is in use by another agsctl", dir.display()),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
