//! Registrations of tools and of the LMS.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::expression::Changes;
use super::keys::{self, Key};
use super::links::SettingsItem;
use super::{Item, Store, StoreError, from_item};
use crate::domain::{ClientId, PublicKeys, Registration, Role, ScopeSet};

const LMS: &str = "lms";

#[derive(Serialize, Deserialize)]
struct ClientItem {
    role: String,
    name: String,
    enabled: bool,
    scopes: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_url: Option<String>,
    deployments: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    defaults: SettingsItem,
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Tool => "tool",
        Role::Lms => LMS,
    }
}

impl From<&Registration> for ClientItem {
    fn from(client: &Registration) -> Self {
        let (jwks, jwks_url) = match &client.keys {
            PublicKeys::Set(set) => (Some(set.clone()), None),
            PublicKeys::Url(url) => (None, Some(url.to_string())),
        };
        Self {
            role: role_name(client.role).to_owned(),
            name: client.name.clone(),
            enabled: client.enabled,
            scopes: client.scopes.iter().map(|scope| scope.name().to_owned()).collect(),
            jwks,
            jwks_url,
            deployments: client.deployments.iter().map(ToString::to_string).collect(),
            contact: client.contact.clone(),
            defaults: client.defaults.into(),
        }
    }
}

pub(super) fn registration_from(client: &ClientId, item: Item) -> Result<Registration, StoreError> {
    let key = Key::tool(client);
    let stored: ClientItem = from_item(&key, item)?;
    let keys = match (stored.jwks, stored.jwks_url) {
        (Some(set), None) => PublicKeys::Set(set),
        (None, Some(url)) => PublicKeys::Url(url.parse().map_err(StoreError::unreadable(&key))?),
        _ => return Err(StoreError::corrupt(&key, "it holds not one of jwks and jwks_url")),
    };
    let deployments: Result<_, _> = stored.deployments.into_iter().map(TryInto::try_into).collect();
    Ok(Registration {
        client: client.clone(),
        role: if stored.role == LMS { Role::Lms } else { Role::Tool },
        name: stored.name,
        enabled: stored.enabled,
        scopes: ScopeSet::from_names(stored.scopes.iter().map(String::as_str)),
        keys,
        deployments: deployments.map_err(StoreError::unreadable(&key))?,
        contact: stored.contact,
        defaults: stored.defaults.into_settings(&key)?,
    })
}

impl Store {
    /// Registers a client, or replaces its registration; whether it did. It does not if the id stands for a client of
    /// the other role.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client_put(&self, client: &Registration) -> Result<bool, StoreError> {
        let key = Key::tool(&client.client);
        let mut values: Item =
            serde_dynamo::to_item(ClientItem::from(client)).map_err(StoreError::unreadable(&key))?;
        let mut changes = Changes::default();
        for name in ["jwks", "jwks_url", "contact"] {
            if !values.contains_key(name) {
                changes.remove(name);
            }
        }
        for (name, value) in values.drain() {
            changes.set(&name, value);
        }
        for (name, value) in keys::index_of_clients(&client.client, client.role) {
            changes.set_text(name, value);
        }
        self.update(key, changes, Some("attribute_not_exists(#role) OR #role = :role")).await
    }
}
