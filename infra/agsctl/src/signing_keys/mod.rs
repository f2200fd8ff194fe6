//! `agsctl keys`: the ring of signing keys in the hands of an operator.
//!
//! Every command can be repeated. One that is interrupted leaves at worst a private key that nothing names.
#![expect(clippy::print_stdout, reason = "it talks to a person at a terminal")]

mod list;
mod private;

use std::path::Path;

use ags_shared::auth::{KEPT, KEYS_MAX_AGE, KeyRing};
use ags_shared::clock::{Clock, SystemClock};
use ags_shared::config::{KmsConfig, StoreConfig};
use ags_shared::domain::{PublicHalf, SigningKey, Timestamp};
use ags_shared::store::Store;
use anyhow::{Context, bail};

use crate::place::LocalTable;
use private::PrivateKeys;

/// The ring of one table, and the place of its private keys.
pub struct SigningKeys {
    store: Store,
    private: PrivateKeys,
    /// Held as long as it is in use.
    _table: Option<LocalTable>,
}

impl SigningKeys {
    /// Those of the table in `dir`, or of the one that the environment names.
    ///
    /// # Errors
    /// If a variable is missing, or the directory holds no table.
    pub async fn open(dir: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(dir) = dir {
            let table = LocalTable::open(dir).await?;
            let (store, private) = (Store::new(&table.store), PrivateKeys::in_directory(dir));
            return Ok(Self { store, private, _table: Some(table) });
        }
        let config = StoreConfig::from_env()?;
        let private = PrivateKeys::in_kms(&KmsConfig::from_env()?, &config.table);
        Ok(Self { store: Store::new(&config), private, _table: None })
    }

    async fn ring(&self) -> anyhow::Result<KeyRing> {
        Ok(KeyRing::new(self.store.signing_key_list().await?))
    }

    /// Prints every key, and what it is good for now.
    ///
    /// # Errors
    /// If the table cannot be read.
    pub async fn list(&self, json: bool) -> anyhow::Result<()> {
        let rows = list::rows(&self.ring().await?, SystemClock.now().unix_seconds());
        let text = if json { serde_json::to_string_pretty(&rows)? } else { list::table(&rows) };
        println!("{text}");
        Ok(())
    }

    /// Publishes the next key: the one of KMS that `kms_key` names, or a new one. It signs when everybody knows it, or
    /// `at_once`.
    ///
    /// # Errors
    /// If another key is waiting already, the private key cannot be made, or the table cannot be written.
    pub async fn rotate(&self, at_once: bool, kms_key: Option<&str>) -> anyhow::Result<()> {
        let now = SystemClock.now().unix_seconds();
        let ring = self.ring().await?;
        if let (Some(next), false) = (ring.next(now), at_once) {
            let (kid, from) = (&next.public.kid, instant(next.signs_from));
            bail!("the next key, {kid}, is waiting already: it signs from {from}");
        }
        let join = if at_once { KeyRing::join_at_once } else { KeyRing::join };
        let next = self.publish_next(&ring, kms_key, |public, now| join(&ring, public, now)).await?;
        if let Some(present) = ring.signer(now) {
            let (kid, until) = (&present.public.kid, instant(next.signs_from + KEPT));
            println!("the present key, {kid}, signs until then and stays published until {until}");
        }
        Ok(())
    }

    /// Revokes the key `kid`. If no other key could sign, a new one is published first, which signs at once.
    ///
    /// # Errors
    /// If there is no such key, a private key cannot be made or disabled, or the table cannot be written.
    pub async fn revoke(&self, kid: &str) -> anyhow::Result<()> {
        let now = SystemClock.now();
        let ring = self.ring().await?;
        let Some(key) = ring.find(kid) else {
            let known: Vec<_> = ring.keys().iter().map(|key| key.public.kid.as_str()).collect();
            bail!("there is no key {kid}; the ring has: {}", known.join(" "));
        };
        if key.revoked_at.is_none() && !ring.can_spare(kid, now.unix_seconds()) {
            let rest = ring.without(kid);
            self.publish_next(&ring, None, |public, now| rest.join_at_once(public, now)).await?;
        }
        if self.store.signing_key_revoke(kid, now).await? {
            // Counted from now: somebody may have read the keys just before.
            let everywhere = instant(SystemClock.now().unix_seconds() + KEYS_MAX_AGE);
            println!("revoked {kid}: nobody signs with it or takes a token of it after {everywhere}");
        } else {
            println!("{kid} was revoked before");
        }
        // Of two who revoke a key each, both may have counted on the other's.
        let (ring, now) = (self.ring().await?, SystemClock.now().unix_seconds());
        if ring.signer(now).is_none() {
            self.publish_next(&ring, None, |public, now| ring.join_at_once(public, now)).await?;
        }
        self.private.disable(key).await.context("the key is revoked, but its private half is not disabled")
    }

    /// Publishes a key that the ring lacks, which joins it so in the second when its private half is there; the key.
    async fn publish_next(
        &self,
        ring: &KeyRing,
        kms_key: Option<&str>,
        join: impl FnOnce(PublicHalf, i64) -> SigningKey,
    ) -> anyhow::Result<SigningKey> {
        if ring.keys().is_empty() {
            bail!("the ring is empty: the token function publishes the first key with the first token");
        }
        let public = self.private.next(ring, kms_key).await?;
        let next = join(public, SystemClock.now().unix_seconds());
        let kid = &next.public.kid;
        if !self.store.signing_key_add(&next).await? {
            bail!("the ring has the key {kid} already");
        }
        println!("published {kid}: it signs from {}", instant(next.signs_from));
        Ok(next)
    }
}

/// A second since 1970, for people.
fn instant(second: i64) -> String {
    let time = Timestamp::from_unix_nanos(i128::from(second) * 1_000_000_000);
    time.map_or_else(|_| second.to_string(), |time| time.to_string())
}
