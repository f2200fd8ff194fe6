//! Contexts, and the tools that are placed in them.
//!
//! That a tool has a place in a context is in the partition of the two, where each of its requests reads it. That it has, or once
//! had, one is in the context's own partition, too: whatever the LMS asks about a whole context starts there. The second is
//! written first and never removed, so that nothing of a tool can be there and not be found.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::client::within;
use super::keys::{self, Key};
use super::list::{Listing, Page};
use super::{Item, Store, StoreError, from_item, to_item};
use crate::domain::{ClientId, ContextId, Course, Placement};

#[derive(Serialize, Deserialize)]
struct ContextItem {
    id: String,
    title: String,
}

#[derive(Serialize, Deserialize)]
struct PlacementItem {
    deployment: String,
}

pub(super) fn placement_from(key: &Key, item: Item) -> Result<Placement, StoreError> {
    let stored: PlacementItem = from_item(key, item)?;
    Ok(Placement { deployment: stored.deployment.try_into().map_err(StoreError::unreadable(key))? })
}

fn context_item(course: &Course) -> Result<Item, StoreError> {
    let stored = ContextItem { id: course.id.to_string(), title: course.title.as_str().to_owned() };
    to_item(Key::context(&ContextId::of(&course.id)), &stored)
}

fn placement_item(context: &ContextId, client: &ClientId, placement: &Placement) -> Result<Item, StoreError> {
    let stored = PlacementItem { deployment: placement.deployment.to_string() };
    let mut item = to_item(Key::placement(context, client), &stored)?;
    let index = keys::index_of_placements(context, client);
    item.extend(index.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))));
    Ok(item)
}

impl Store {
    /// Makes a context known, or replaces what is known of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn context_put(&self, course: &Course) -> Result<(), StoreError> {
        self.put(context_item(course)?).await
    }

    /// Makes a context known, unless it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn context_add(&self, course: &Course) -> Result<(), StoreError> {
        self.put_new(context_item(course)?).await?;
        Ok(())
    }

    /// What is known of a context.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn context_fetch(&self, context: &ContextId) -> Result<Option<Course>, StoreError> {
        let key = Key::context(context);
        let Some(item) = self.fetch(&key).await? else { return Ok(None) };
        let stored: ContextItem = from_item(&key, item)?;
        let id = stored.id.try_into().map_err(StoreError::unreadable(&key))?;
        let title = stored.title.parse().map_err(StoreError::unreadable(&key))?;
        Ok(Some(Course { id, title }))
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
        self.put(Key::guest(context, client).into_attributes()).await?;
        self.put(placement_item(context, client, placement)?).await
    }

    /// Places a tool in a context, unless it has a place there.
    pub(super) async fn placement_add(
        &self,
        context: &ContextId,
        client: &ClientId,
        placement: &Placement,
    ) -> Result<(), StoreError> {
        self.put(Key::guest(context, client).into_attributes()).await?;
        self.put_new(placement_item(context, client, placement)?).await?;
        Ok(())
    }

    /// The placement of a tool in a context.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn placement_fetch(
        &self,
        context: &ContextId,
        client: &ClientId,
    ) -> Result<Option<Placement>, StoreError> {
        let key = Key::placement(context, client);
        self.fetch(&key).await?.map(|item| placement_from(&key, item)).transpose()
    }

    /// The placements of these tools in a context, in the same order; of at most 100.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn placements_fetch(
        &self,
        context: &ContextId,
        clients: &[ClientId],
    ) -> Result<Vec<Option<Placement>>, StoreError> {
        if clients.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = clients.iter().map(|client| Key::placement(context, client)).collect();
        let mut items = within(1, Box::pin(self.batch_fetch(keys.clone()))).await?;
        let placement = |key: Key| {
            let item = items.remove(&(key.pk.clone(), key.sk.clone()));
            item.map(|item| placement_from(&key, item)).transpose()
        };
        keys.into_iter().map(placement).collect()
    }

    /// Takes a tool out of a context; what it has there stays, out of its reach.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn placement_delete(&self, context: &ContextId, client: &ClientId) -> Result<(), StoreError> {
        self.remove(Key::placement(context, client)).await
    }

    /// The tools that have, or once had, a place in a context, in the order of their keys, after the tool `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn guest_list(
        &self,
        context: &ContextId,
        after: Option<&ClientId>,
        limit: usize,
    ) -> Result<Page<ClientId>, StoreError> {
        let listing = Listing {
            partition: keys::context(context),
            prefix: keys::guest_prefix(),
            after: after.map(|client| Key::guest(context, client)),
            limit,
            read: limit + 1,
        };
        let client = |key: &Key, _: Item| {
            let escaped = key.sk.strip_prefix(keys::guest_prefix()).unwrap_or_default();
            keys::unescape(escaped).parse().map(Some).map_err(StoreError::unreadable(key))
        };
        self.list(listing, client, |_| 0).await
    }
}
