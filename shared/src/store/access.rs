//! The one read at the start of every request of a tool.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::client::{wait_after, within};
use super::clients::registration_from;
use super::contexts::placement_from;
use super::keys::Key;
use super::line_items::live_line_item_from;
use super::links::link_from;
use super::results::grade_from;
use super::{Item, Store, StoreError};
use crate::domain::{
    ClientId, ContextId, Grade, LineItem, LineItemId, Placement, Registration, ResourceLink, ResourceLinkId,
    UserId,
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
    /// The grade that was wanted; a row whose only content was a decision stays when that is taken back, and is none.
    pub grade: Option<Grade>,
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
        found.placement = take(&placement).map(|item| placement_from(&placement, item)).transpose()?;
        if let Wanted::Link(id) = wanted {
            let key = Key::link(context, client, id);
            found.link = take(&key).map(|item| link_from(&key, item)).transpose()?;
        }
        if let Wanted::LineItem(id) | Wanted::Grade(id, _) = wanted {
            let key = Key::line_item(context, client, id);
            found.line_item = take(&key).map(|item| live_line_item_from(&key, item)).transpose()?.flatten();
        }
        if let Wanted::Grade(id, user) = wanted {
            let key = Key::result(id, user);
            let grade = take(&key).map(|item| grade_from(&key, item)).transpose()?;
            found.grade = grade.filter(Grade::is_on_record);
        }
        Ok(found)
    }

    pub(super) async fn batch_fetch(
        &self,
        wanted: Vec<Key>,
    ) -> Result<HashMap<(String, String), Item>, StoreError> {
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
}
