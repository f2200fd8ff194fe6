//! Registrations of tools and of the LMS.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use aws_sdk_dynamodb::types::AttributeValue;

use super::client::within;
use super::expression::Changes;
use super::keys::{self, Key};
use super::links::SettingsItem;
use super::{Item, Store, StoreError, from_item, number};
use crate::domain::{
    ClientId, Columns, Comments, Label, Late, MissingScore, PublicKeys, Registration, RegistrationChange,
    Role, ScopeSet,
};

const LMS: &str = "lms";
const ROLE: &str = "role";
const DEFAULTS: &str = "defaults";

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

/// The attributes `jwks` and `jwks_url`, of which there is one.
fn key_columns(keys: &PublicKeys) -> (Option<String>, Option<String>) {
    match keys {
        PublicKeys::Set(set) => (Some(set.clone()), None),
        PublicKeys::Url(url) => (None, Some(url.to_string())),
    }
}

impl From<&Registration> for ClientItem {
    fn from(client: &Registration) -> Self {
        let (jwks, jwks_url) = key_columns(&client.keys);
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

/// What a change does to the stored registration.
fn changes_of(role: Role, change: &RegistrationChange) -> Changes {
    let list = |texts: Vec<String>| AttributeValue::L(texts.into_iter().map(AttributeValue::S).collect());
    let mut changes = Changes::default();
    // Never another than it is; but an update must set something.
    changes.set_text(ROLE, role_name(role));
    if let Some(name) = &change.name {
        changes.set_text("name", name.as_str());
    }
    if let Some(enabled) = change.enabled {
        changes.set("enabled", AttributeValue::Bool(enabled));
    }
    if let Some(scopes) = &change.scopes {
        changes.set("scopes", list(scopes.iter().map(|scope| scope.name().to_owned()).collect()));
    }
    if let Some(keys) = &change.keys {
        let (jwks, jwks_url) = key_columns(keys);
        changes.set_or_remove("jwks", jwks);
        changes.set_or_remove("jwks_url", jwks_url);
    }
    if let Some(deployments) = &change.deployments {
        changes.set("deployments", list(deployments.iter().map(ToString::to_string).collect()));
    }
    if let Some(contact) = &change.contact {
        changes.set_or_remove("contact", contact.as_ref().map(Label::as_str));
    }
    let defaults = change.defaults;
    let words = [
        ("columns", defaults.columns.map(Columns::as_str)),
        ("comments", defaults.comments.map(Comments::as_str)),
        ("missing_score", defaults.missing_score.map(MissingScore::as_str)),
        ("late", defaults.late.map(Late::as_str)),
    ];
    for (name, word) in words {
        if let Some(word) = word {
            changes.set_within(DEFAULTS, name, AttributeValue::S(word.to_owned()));
        }
    }
    if let Some(gradable) = defaults.gradable {
        changes.set_within(DEFAULTS, "gradable", AttributeValue::Bool(gradable));
    }
    if let Some(history) = defaults.history {
        changes.set_within(DEFAULTS, "history_days", number(history.days().into()));
    }
    changes
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

    /// Changes of a registration what is given, and nothing else; whether there is such a client of that role.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client_change(
        &self,
        role: Role,
        client: &ClientId,
        change: &RegistrationChange,
    ) -> Result<bool, StoreError> {
        self.update(Key::tool(client), changes_of(role, change), Some("#role = :role")).await
    }

    /// Clients of a role in the order of their keys, after the one `after`; and the one after which the list goes on, if it does. The index
    /// that lists them lags, and what is shown of each is read from the table itself: so there may be fewer than `limit`,
    /// which is at most 100.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn client_list(
        &self,
        role: Role,
        after: Option<&ClientId>,
        limit: usize,
    ) -> Result<(Vec<Registration>, Option<ClientId>), StoreError> {
        let text = AttributeValue::S;
        let start = after.map(|client| {
            let index = keys::index_of_clients(client, role);
            let index = index.map(|(name, value)| (name.to_owned(), text(value)));
            Key::tool(client).into_attributes().into_iter().chain(index).collect()
        });
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::GSI1)
            .key_condition_expression("#index = :index")
            .expression_attribute_names("#index", keys::GSI1_PK)
            .expression_attribute_values(":index", text(keys::index_partition(role).to_owned()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let more = answer.last_evaluated_key.is_some();
        let listed: Vec<Key> = answer.items.unwrap_or_default().iter().filter_map(Key::of).collect();
        if listed.is_empty() {
            return Ok((Vec::new(), None));
        }
        let mut items = within(1, Box::pin(self.batch_fetch(listed.clone()))).await?;
        let (mut clients, mut last) = (Vec::new(), None);
        for key in listed {
            let client = keys::client_of(&key).map_err(StoreError::unreadable(&key))?;
            if let Some(item) = items.remove(&(key.pk, key.sk)) {
                clients.push(registration_from(&client, item)?);
            }
            last = Some(client);
        }
        clients.retain(|client| client.role == role);
        Ok((clients, last.filter(|_| more)))
    }
}
