//! A tool with the key set that was fetched from its address, and the turns that instances take in fetching it.
//!
//! The row of the set lies beside the registration, so that one query brings both, and does the same work for a tool by
//! address, a tool with a registered set, and a client that nobody knows. Of all instances one at a time holds the turn,
//! under a name of its own: so it finds itself when an answer was lost and its call is sent again.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use super::clients::registration_from;
use super::expression::Changes;
use super::keys::Key;
use super::{Item, Store, StoreError, from_item, number};
use crate::domain::{COOL_DOWN, ClientId, FetchedKeys, FetchedSet, JwksUrl, Registration, Timestamp};

const URL: &str = "url";
const TURN: &str = "turn";
const ATTEMPTED_AT: &str = "attempted_at";
const JWKS: &str = "jwks";
const FRESH_UNTIL: &str = "fresh_until";

#[derive(Deserialize)]
struct KeysItem {
    url: String,
    attempted_at: i64,
    turn: Option<String>,
    jwks: Option<String>,
    fresh_until: Option<i64>,
}

fn fetched_from(key: &Key, item: Item) -> Result<FetchedKeys, StoreError> {
    let stored: KeysItem = from_item(key, item)?;
    let set = stored.jwks.zip(stored.fresh_until);
    Ok(FetchedKeys {
        url: stored.url.parse().map_err(StoreError::unreadable(key))?,
        set: set.map(|(jwks, fresh_until)| FetchedSet { jwks, fresh_until }),
        attempted_at: stored.attempted_at,
        ended: stored.turn.is_none(),
    })
}

impl Store {
    /// The registration of a tool, and what is known of the key set at its address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tool_fetch(
        &self,
        client: &ClientId,
    ) -> Result<Option<(Registration, Option<FetchedKeys>)>, StoreError> {
        let (tool, keys) = (Key::tool(client), Key::tool_keys(client));
        let answer = self.partition(&tool.pk).send().await?;
        let (mut registration, mut fetched) = (None, None);
        for item in answer.items.unwrap_or_default() {
            match Key::of(&item) {
                Some(key) if key == tool => registration = Some(registration_from(client, item)?),
                Some(key) if key == keys => fetched = Some(fetched_from(&key, item)?),
                _ => {}
            }
        }
        Ok(registration.map(|registration| {
            // What was fetched from an address that is not the tool's any more is void.
            let current = |fetched: &FetchedKeys| registration.keys.is_at(&fetched.url);
            let fetched = fetched.filter(current);
            (registration, fetched)
        }))
    }

    /// Takes the turn to fetch the key set at `url`, under the name `turn`; whether it was free. Exactly one of any number
    /// of parallel calls takes it, and no other within [`COOL_DOWN`], whatever comes of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tool_keys_claim(
        &self,
        client: &ClientId,
        url: &JwksUrl,
        turn: &str,
        known: Option<&FetchedKeys>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let now = now.unix_seconds();
        let mut changes = Changes::default();
        changes.set_text(URL, url.as_str());
        changes.set_text(TURN, turn);
        changes.set(ATTEMPTED_AT, number(now));
        let free = if known.is_some() {
            changes.placeholder("latest", number(now - COOL_DOWN));
            "#url = :url AND #attempted_at <= :latest"
        } else {
            // What is there is of another address.
            changes.remove(JWKS);
            changes.remove(FRESH_UNTIL);
            "attribute_not_exists(#url) OR #url <> :url"
        };
        self.update(Key::tool_keys(client), changes, Some(&format!("({free}) OR #turn = :turn"))).await
    }

    /// Ends a turn with the set that was fetched, or without one; then the last one stays. Nothing changes if somebody else
    /// has the turn by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tool_keys_record(
        &self,
        client: &ClientId,
        turn: &str,
        set: Option<&FetchedSet>,
    ) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        if let Some(set) = set {
            changes.set_text(JWKS, &set.jwks);
            changes.set(FRESH_UNTIL, number(set.fresh_until));
        }
        changes.remove(TURN);
        changes.placeholder(TURN, AttributeValue::S(turn.to_owned()));
        self.update(Key::tool_keys(client), changes, Some("#turn = :turn")).await?;
        Ok(())
    }
}
