//! What every route needs, built once per process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Mutex, watch};

use crate::auth::access_token::{Grant, TokenError};
use crate::auth::{KEYS_MAX_AGE, KeyRing, KnownTokens};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::{LineItemId, SigningKey, Timestamp};
use crate::links::Links;
use crate::store::{Store, StoreError};

/// How long after reading the signing keys an unknown one is worth another look, in seconds: forged tokens must not cost
/// us a read each.
const KEYS_COOL_DOWN: i64 = 10;

/// A bearer token could not be turned into a [`Grant`].
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The token proves nothing.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The published keys could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What every route needs. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The table.
    pub store: Store,
    /// Every URL that we give out.
    pub links: Arc<Links>,
    clock: Arc<dyn Clock>,
    signing_keys: Arc<SigningKeys>,
    tokens: Arc<KnownTokens>,
}

/// The ring of signing keys as it was read last.
#[derive(Default)]
struct SigningKeys {
    known: watch::Sender<Option<Known>>,
    /// Held by the one who reads.
    reading: Mutex<()>,
    failures: AtomicU64,
}

#[derive(Clone)]
struct Known {
    ring: Arc<KeyRing>,
    read_at: i64,
}

impl Services {
    /// The services that `config` describes, on the machine's clock. Opens no connection.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self::with_clock(config, Arc::new(SystemClock))
    }

    /// As [`new`](Self::new), on another clock.
    #[must_use]
    pub fn with_clock(config: &Config, clock: Arc<dyn Clock>) -> Self {
        Self {
            store: Store::new(&config.store),
            links: Arc::new(config.links.clone()),
            clock,
            signing_keys: Arc::default(),
            tokens: Arc::default(),
        }
    }

    /// Reads the signing keys, which any request needs, and so opens the connection to the table. If that fails, the first
    /// request does it again.
    pub async fn warm_up(&self) {
        if let Err(error) = self.key_ring().await {
            tracing::warn!(%error, "the table did not answer while this function started");
        }
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An id for a line item that is created now.
    ///
    /// # Errors
    /// [`RandomError`] if the machine has no random numbers to give.
    pub fn new_line_item_id(&self) -> Result<LineItemId, RandomError> {
        Ok(LineItemId::new(self.now(), random()?))
    }

    /// What the access token `bearer` proves.
    ///
    /// # Errors
    /// [`AuthenticationError`].
    pub async fn authenticate(&self, bearer: &str) -> Result<Grant, AuthenticationError> {
        let ring = self.key_ring().await?;
        match self.tokens.verify(bearer, &ring, self.links.issuer(), self.now()) {
            // Perhaps signed with a key that was published since we last looked.
            Err(TokenError::UnknownKey) => {
                let ring = self.key_ring_again().await?;
                Ok(self.tokens.verify(bearer, &ring, self.links.issuer(), self.now())?)
            }
            verified => Ok(verified?),
        }
    }

    /// Our signing keys, read no more than [`KEYS_MAX_AGE`] seconds ago.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn key_ring(&self) -> Result<Arc<KeyRing>, StoreError> {
        self.key_ring_of(KEYS_MAX_AGE).await
    }

    /// Our signing keys, read again for what the ring at hand lacks, if that was not done just before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn key_ring_again(&self) -> Result<Arc<KeyRing>, StoreError> {
        self.key_ring_of(KEYS_COOL_DOWN).await
    }

    /// Our signing keys, read now, for a caller that is proven.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn key_ring_anew(&self) -> Result<Arc<KeyRing>, StoreError> {
        self.key_ring_of(0).await
    }

    /// Adds a key to the ring, unless it is there; the ring as it is then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn key_ring_with(&self, key: &SigningKey) -> Result<Arc<KeyRing>, StoreError> {
        self.store.signing_key_add(key).await?;
        self.key_ring_anew().await
    }

    /// The ring, read no more than `max_age` seconds ago. One reads at a time, and the others wait for what it brings,
    /// also if that is a failure; who finds the ring fresh enough does not wait.
    async fn key_ring_of(&self, max_age: i64) -> Result<Arc<KeyRing>, StoreError> {
        let fresh = || {
            let known = self.signing_keys.known.borrow().clone();
            // A clock that was set back must not make a ring last longer.
            let is_fresh =
                |known: &Known| (0..max_age).contains(&(self.now().unix_seconds() - known.read_at));
            known.filter(is_fresh).map(|known| known.ring)
        };
        if let Some(ring) = fresh() {
            return Ok(ring);
        }
        let failures = self.signing_keys.failures.load(Ordering::Relaxed);
        let _reading = self.signing_keys.reading.lock().await;
        if let Some(ring) = fresh() {
            return Ok(ring);
        }
        if failures != self.signing_keys.failures.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("the signing keys could not be read".to_owned()));
        }
        let read_at = self.now().unix_seconds();
        let keys = self.store.signing_key_list().await.inspect_err(|_| {
            self.signing_keys.failures.fetch_add(1, Ordering::Relaxed);
        })?;
        let ring = Arc::new(KeyRing::new(keys));
        self.signing_keys.known.send_replace(Some(Known { ring: Arc::clone(&ring), read_at }));
        Ok(ring)
    }
}

/// The machine gave no random numbers.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no random numbers")]
pub struct RandomError;

/// Unpredictable bytes.
///
/// # Errors
/// [`RandomError`].
pub fn random<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| RandomError)?;
    Ok(bytes)
}
