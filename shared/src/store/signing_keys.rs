//! The published public keys, with which every function verifies access tokens.

use aws_sdk_dynamodb::types::AttributeValue;
use jsonwebtoken::jwk::{Jwk, JwkSet};

use super::client::within;
use super::keys::{self, Key, PK};
use super::{Store, StoreError};

const JWK: &str = "jwk";

impl Store {
    /// Publishes a public key under its `kid`. Publishing it again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`], also for a key without a `kid`.
    pub async fn signing_key_publish(&self, jwk: &Jwk) -> Result<(), StoreError> {
        let key = Key::signing_key(jwk.common.key_id.as_deref().unwrap_or_default());
        if jwk.common.key_id.is_none() {
            return Err(StoreError::corrupt(&key, "a published key needs a kid"));
        }
        let json = serde_json::to_string(jwk).map_err(StoreError::unreadable(&key))?;
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key.into_attributes()))
            .item(JWK, AttributeValue::S(json))
            .send()
            .await?;
        Ok(())
    }

    /// Every published key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signing_key_list(&self) -> Result<JwkSet, StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", AttributeValue::S(keys::signing_keys().to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let read = async {
            let mut published = JwkSet { keys: Vec::new() };
            while let Some(item) = pages.next().await {
                let item = item?;
                let key = Key::of(&item).unwrap_or_else(|| Key::signing_key(""));
                let json = item.get(JWK).and_then(|json| json.as_s().ok());
                let json = json.ok_or_else(|| StoreError::corrupt(&key, "it holds no jwk"))?;
                published.keys.push(serde_json::from_str(json).map_err(StoreError::unreadable(&key))?);
            }
            Ok(published)
        };
        within(1, read).await
    }
}
