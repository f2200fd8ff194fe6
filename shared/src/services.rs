//! What every route needs, built once per process.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::auth::access_token::{self, Grant, TokenError, VerifyingKeys};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::{LineItemId, Timestamp};
use crate::links::Links;
use crate::store::{Store, StoreError};

/// How long published keys are used before they are read again, in seconds: a revoked key lives this long at most.
const KEYS_MAX_AGE: i64 = 300;
/// How long after reading them an unknown key is worth another look, in seconds: forged tokens must not cost us a read
/// each.
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
    published: Arc<Mutex<Option<Published>>>,
}

struct Published {
    keys: Arc<VerifyingKeys>,
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
            published: Arc::default(),
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
        let keys = self.published_keys(KEYS_MAX_AGE).await?;
        match access_token::verify(bearer, &keys, self.links.issuer(), self.now()) {
            // Perhaps signed with a key that was published since we last looked.
            Err(TokenError::UnknownKey) => {
                let keys = self.published_keys(KEYS_COOL_DOWN).await?;
                Ok(access_token::verify(bearer, &keys, self.links.issuer(), self.now())?)
            }
            verified => Ok(verified?),
        }
    }

    /// The published keys, read no more than `max_age` seconds ago. One reader at a time: the others wait for what it
    /// brings.
    async fn published_keys(&self, max_age: i64) -> Result<Arc<VerifyingKeys>, StoreError> {
        let now = self.now().unix_seconds();
        let mut published = self.published.lock().await;
        if let Some(known) = published.as_ref().filter(|known| now < known.read_at + max_age) {
            return Ok(known.keys.clone());
        }
        let keys = Arc::new(VerifyingKeys::new(&self.store.signing_key_list().await?));
        *published = Some(Published { keys: keys.clone(), read_at: now });
        Ok(keys)
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
