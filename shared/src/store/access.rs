//! Registrations, placements and links, and the one read at the start of every request.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::{Deserialize, Serialize};

use super::client::{wait_after, within};
use super::keys::{self, Key};
use super::line_items::live_line_item_from;
use super::results::{grade_from, is_on_record};
use super::{Item, Store, StoreError, from_item, to_item};
use crate::domain::{
    ClientId, ContextId, Grade, LineItem, LineItemId, Placement, PublicKeys, Registration, ResourceLink,
    ResourceLinkId, UserId,
};
use crate::outgoing::TRIES;

/// What a request is about, beside the tool and its placement.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// The context alone.
    Context,
    /// A resource link.
    Link(&'a ResourceLinkId),
    /// A line item.
    LineItem(LineItemId),
    /// A line item, and one user's grade on it.
    Grade(LineItemId, &'a UserId),
}

/// What the one read found. Whatever is `None` does not exist under that tool and context.
#[derive(Debug, Default)]
pub struct Found {
    /// The tool's registration.
    pub tool: Option<Registration>,
    /// Its placement in the context.
    pub placement: Option<Placement>,
    /// The link that was wanted.
    pub link: Option<ResourceLink>,
    /// The line item that was wanted, unless it was deleted.
    pub line_item: Option<LineItem>,
    /// The grade that was wanted.
    pub grade: Option<Grade>,
}

#[derive(Serialize, Deserialize)]
struct ToolItem {
    name: String,
    enabled: bool,
    scopes: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_url: Option<String>,
    deployments: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
struct PlacementItem {
    deployment: String,
}

#[derive(Serialize, Deserialize)]
struct LinkItem {
    deployment: String,
    title: String,
}

pub(super) fn registration_from(client: &ClientId, item: Item) -> Result<Registration, StoreError> {
    let key = Key::tool(client);
    let stored: ToolItem = from_item(&key, item)?;
    let keys = match (stored.jwks, stored.jwks_url) {
        (Some(set), None) => PublicKeys::Set(set),
        (None, Some(url)) => PublicKeys::Url(url.parse().map_err(StoreError::unreadable(&key))?),
        _ => return Err(StoreError::corrupt(&key, "it holds not one of jwks and jwks_url")),
    };
    let deployments: Result<_, _> = stored.deployments.into_iter().map(TryInto::try_into).collect();
    Ok(Registration {
        client: client.clone(),
        name: stored.name,
        enabled: stored.enabled,
        // No scopes at all is a registration that may do nothing, not a broken one.
        scopes: stored.scopes.parse().unwrap_or_default(),
        keys,
        deployments: deployments.map_err(StoreError::unreadable(&key))?,
    })
}

impl Store {
    /// Reads, in one call, the tool, its placement in the context, and what the request is about.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn access_fetch(
        &self,
        client: &ClientId,
        context: &ContextId,
        wanted: Wanted<'_>,
    ) -> Result<Found, StoreError> {
        let (tool, placement) = (Key::tool(client), Key::placement(context, client));
        let mut wanted_keys = vec![tool.clone(), placement.clone()];
        match wanted {
            Wanted::Context => {}
            Wanted::Link(link) => wanted_keys.push(Key::link(context, client, link)),
            Wanted::LineItem(id) => wanted_keys.push(Key::line_item(context, client, id)),
            Wanted::Grade(id, user) => {
                wanted_keys.extend([Key::line_item(context, client, id), Key::result(id, user)]);
            }
        }
        let mut items = within(1, Box::pin(self.batch_fetch(wanted_keys))).await?;
        let mut take = |key: &Key| items.remove(&(key.pk.clone(), key.sk.clone()));

        let mut found = Found {
            tool: take(&tool).map(|item| registration_from(client, item)).transpose()?,
            ..Found::default()
        };
        if let Some(item) = take(&placement) {
            let stored: PlacementItem = from_item(&placement, item)?;
            let deployment = stored.deployment.try_into().map_err(StoreError::unreadable(&placement))?;
            found.placement = Some(Placement { deployment });
        }
        if let Wanted::Link(id) = wanted {
            let key = Key::link(context, client, id);
            if let Some(item) = take(&key) {
                let stored: LinkItem = from_item(&key, item)?;
                let deployment = stored.deployment.try_into().map_err(StoreError::unreadable(&key))?;
                found.link = Some(ResourceLink { id: id.clone(), deployment, title: stored.title });
            }
        }
        if let Wanted::LineItem(id) | Wanted::Grade(id, _) = wanted {
            let key = Key::line_item(context, client, id);
            found.line_item = take(&key).map(|item| live_line_item_from(&key, item)).transpose()?.flatten();
        }
        if let Wanted::Grade(id, user) = wanted {
            let key = Key::result(id, user);
            found.grade = take(&key).filter(is_on_record).map(|item| grade_from(&key, item)).transpose()?;
        }
        Ok(found)
    }

    async fn batch_fetch(&self, wanted: Vec<Key>) -> Result<HashMap<(String, String), Item>, StoreError> {
        let wanted = wanted.into_iter().map(|key| Some(key.into_attributes())).collect();
        let keys = KeysAndAttributes::builder().set_keys(wanted).consistent_read(true).build();
        let keys = keys.map_err(|error| StoreError::Refused(error.to_string()))?;
        let mut request = HashMap::from([(self.table.clone(), keys)]);
        let mut items = HashMap::new();
        for tries in 0..TRIES {
            if tries > 0 {
                wait_after(tries).await;
            }
            let answer = self.client.batch_get_item().set_request_items(Some(request)).send().await?;
            let found = answer.responses.into_iter().flatten().flat_map(|(_, items)| items);
            items.extend(found.filter_map(|item| Key::of(&item).map(|key| ((key.pk, key.sk), item))));
            // A busy table answers a part of a batch with success; taking that for the whole would make a tool, or a
            // line item, seem not to exist.
            request = answer.unprocessed_keys.unwrap_or_default();
            if request.is_empty() {
                return Ok(items);
            }
        }
        Err(StoreError::Unavailable("a batch was left unfinished".to_owned()))
    }

    /// Registers a tool, or replaces its registration.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tool_put(&self, tool: &Registration) -> Result<(), StoreError> {
        let (jwks, jwks_url) = match &tool.keys {
            PublicKeys::Set(set) => (Some(set.clone()), None),
            PublicKeys::Url(url) => (None, Some(url.to_string())),
        };
        let stored = ToolItem {
            name: tool.name.clone(),
            enabled: tool.enabled,
            scopes: tool.scopes.to_string(),
            jwks,
            jwks_url,
            deployments: tool.deployments.iter().map(ToString::to_string).collect(),
        };
        let item = to_item(Key::tool(&tool.client), &stored)?;
        self.item_put(item, keys::index_of_tools(&tool.client)).await
    }

    /// Places a tool in a context.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn placement_put(
        &self,
        context: &ContextId,
        client: &ClientId,
        placement: &Placement,
    ) -> Result<(), StoreError> {
        let stored = PlacementItem { deployment: placement.deployment.to_string() };
        let item = to_item(Key::placement(context, client), &stored)?;
        self.item_put(item, keys::index_of_placements(context, client)).await
    }

    /// Takes a tool out of a context; what it has there stays, out of its reach.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn placement_delete(&self, context: &ContextId, client: &ClientId) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(Key::placement(context, client).into_attributes()))
            .send()
            .await?;
        Ok(())
    }

    /// Makes a resource link of a tool known, or replaces what is known of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn link_put(
        &self,
        context: &ContextId,
        client: &ClientId,
        link: &ResourceLink,
    ) -> Result<(), StoreError> {
        let stored = LinkItem { deployment: link.deployment.to_string(), title: link.title.clone() };
        let item = to_item(Key::link(context, client, &link.id), &stored)?;
        self.item_put(item, []).await
    }

    async fn item_put<const N: usize>(
        &self,
        mut item: Item,
        index: [(&'static str, String); N],
    ) -> Result<(), StoreError> {
        item.extend(index.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(())
    }
}
