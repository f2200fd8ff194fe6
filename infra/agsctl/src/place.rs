//! A directory in which the service lives on a laptop: the table, the keys, and `demo.json`.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use ags_shared::config::{Config, StoreConfig};
use ags_shared::links::Links;
use ags_shared::services::Services;
use ags_shared::store;
use anyhow::{Context, bail};

use crate::demo::Cast;
use crate::engine::{self, Engine, TABLE};
use crate::tool_host::ToolHost;
use crate::{keys, table};

const DATABASE: &str = "table.db";
/// Held by whoever runs the engine over the directory's table; it holds the engine's address for others.
const LOCK: &str = "lock";
/// The token signing keys.
pub(crate) const SIGNING_KEYS: &str = "signing-key.pem";

/// A directory with a running engine over its table, prepared for one public address.
pub struct Place {
    /// The engine.
    pub engine: Engine,
    /// How the service is configured.
    pub config: Config,
    /// What every function needs.
    pub services: Services,
    /// The file of the token signing keys.
    pub signing_key_file: PathBuf,
    /// Who takes part in the demo.
    pub cast: Cast,
    /// The directory.
    pub dir: PathBuf,
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
        let mut lock =
            lock(&dir)?.with_context(|| format!("{} is in use by another agsctl", dir.display()))?;
        // It holds grades; the engine gives the files that it puts beside it the same mode.
        let database = dir.join(DATABASE);
        keys::keep_private(&database)?;
        let engine = Engine::start(Some(&database)).await?;
        lock.write_all(engine.endpoint().as_bytes())?;
        let config = Config { links: Links::new(base)?, store: engine.store_config() };
        table::create(&store::connect(&config.store), TABLE).await?;

        let services = Services::new(&config);
        let signing_key_file = dir.join(SIGNING_KEYS);
        keys::read_or_create(&signing_key_file, keys::new_signing_key)?;
        let cast = Cast::prepare(&services, &dir, host.as_ref()).await?;
        if let Some(host) = host {
            host.publish(&cast.tools)?;
        }
        Ok(Self { engine, config, services, signing_key_file, cast, dir, _lock: lock })
    }
}

/// The table of a directory that `agsctl dev` made, whether that runs now or not.
pub(crate) struct LocalTable {
    /// How to reach it.
    pub(crate) store: StoreConfig,
    /// The engine, where no other process runs one; held with the lock as long as the table is in use.
    _engine: Option<(Engine, File)>,
}

impl LocalTable {
    /// Finds the engine that runs over the table in `dir`, or starts one.
    ///
    /// # Errors
    /// If there is no table, or another process is just starting or stopping to use it.
    pub(crate) async fn open(dir: &Path) -> anyhow::Result<Self> {
        let database = dir.join(DATABASE);
        if !database.exists() {
            bail!("{} holds no table; agsctl dev makes one", dir.display());
        }
        if let Some(lock) = lock(dir)? {
            let engine = Engine::start(Some(&database)).await?;
            return Ok(Self { store: engine.store_config(), _engine: Some((engine, lock)) });
        }
        let endpoint = std::fs::read_to_string(dir.join(LOCK))?;
        if endpoint.is_empty() {
            bail!("{} is just being opened by another agsctl; try again", dir.display());
        }
        Ok(Self { store: engine::store_config(endpoint), _engine: None })
    }
}

/// Takes the lock and empties its file; `None` if another process holds it.
fn lock(dir: &Path) -> anyhow::Result<Option<File>> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(dir.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
