//! The ring of our signing keys, by which every function verifies access tokens. No row is ever deleted, so that a key
//! that has had its time is never taken for a new one.

use jsonwebtoken::jwk::Jwk;
use serde::{Deserialize, Serialize};

use super::client::within;
use super::expression::Changes;
use super::keys::{self, Key, PK};
use super::{Item, Put, Store, StoreError, from_item, number, to_item};
use crate::domain::{PublicHalf, SigningKey, Timestamp};

const REVOKED_AT: &str = "revoked_at";

#[derive(Serialize, Deserialize)]
struct KeyItem {
    jwk: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<String>,
    /// Rows of earlier versions have none: theirs was the first key.
    #[serde(default)]
    signs_from: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<i64>,
}

fn signing_key_from(item: Item) -> Result<SigningKey, StoreError> {
    let key = Key::of(&item).unwrap_or_else(|| Key::signing_key(""));
    let stored: KeyItem = from_item(&key, item)?;
    let jwk: Jwk = serde_json::from_str(&stored.jwk).map_err(StoreError::unreadable(&key))?;
    let kid = jwk.common.key_id.ok_or_else(|| StoreError::corrupt(&key, "its jwk has no kid"))?;
    let public = PublicHalf { kid, jwk: stored.jwk, private: stored.private };
    Ok(SigningKey { public, signs_from: stored.signs_from, revoked_at: stored.revoked_at })
}

impl Store {
    /// Adds a key to the ring; whether it was not there before. If it was, nothing changes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signing_key_add(&self, key: &SigningKey) -> Result<bool, StoreError> {
        let stored = KeyItem {
            jwk: key.public.jwk.clone(),
            private: key.public.private.clone(),
            signs_from: key.signs_from,
            revoked_at: key.revoked_at,
        };
        let item = to_item(Key::signing_key(&key.public.kid), &stored)?;
        Ok(matches!(self.put_new(item).await?, Put::New))
    }

    /// Revokes a key of the ring; whether it was not revoked before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signing_key_revoke(&self, kid: &str, now: Timestamp) -> Result<bool, StoreError> {
        let mut changes = Changes::default();
        changes.set(REVOKED_AT, number(now.unix_seconds()));
        changes.name(PK);
        let known = "attribute_exists(#pk) AND attribute_not_exists(#revoked_at)";
        self.update(Key::signing_key(kid), changes, Some(known)).await
    }

    /// Every key of the ring.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signing_key_list(&self) -> Result<Vec<SigningKey>, StoreError> {
        let mut pages = self.partition(keys::signing_keys()).into_paginator().items().send();
        let read = async {
            let mut found = Vec::new();
            while let Some(item) = pages.next().await {
                found.push(signing_key_from(item?)?);
            }
            Ok(found)
        };
        within(1, read).await
    }
}
