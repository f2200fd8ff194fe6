//! Changing a link, and with it its line items: see the protocol in `line_items::of_link`.

use super::client::{wait_after, within};
use super::keys::Key;
use super::{Store, StoreError};
use crate::domain::{
    ClientId, ContextId, LineItem, LineItemId, LinkDefinition, ResourceLink, ResourceLinkId, Timestamp,
};
use crate::outgoing::TRIES;

/// How many steps the change of a link may take, however many line items it has: what is missing then, the same request
/// again does.
const STEPS: u32 = 2;

impl Store {
    /// Makes a link, or replaces what the LMS says about it, and sees to it that its line items follow. A gradable link that has
    /// no coupled line item gets one in the same transaction, with the id `new_item` (AGS 69).
    ///
    /// # Errors
    /// [`StoreError`]; the same call again does what is missing.
    pub async fn link_define(
        &self,
        context: &ContextId,
        client: &ClientId,
        id: &ResourceLinkId,
        definition: &LinkDefinition,
        new_item: LineItemId,
        now: Timestamp,
    ) -> Result<ResourceLink, StoreError> {
        let definition = (id, definition);
        within(STEPS, Box::pin(self.link_define_in_turn(context, client, definition, new_item, now))).await
    }

    async fn link_define_in_turn(
        &self,
        context: &ContextId,
        client: &ClientId,
        (id, definition): (&ResourceLinkId, &LinkDefinition),
        new_item: LineItemId,
        now: Timestamp,
    ) -> Result<ResourceLink, StoreError> {
        for tries in 0..TRIES {
            if tries > 0 {
                wait_after(tries).await;
            }
            let found = self.link_fetch(context, client, id).await?;
            let line_item = found.as_ref().and_then(|link| link.line_item);
            let makes_one = definition.settings.gradable && line_item.is_none();
            let link = match &found {
                Some(same) if same.definition == *definition && !makes_one => same.clone(),
                _ => {
                    let last = match &found {
                        Some(link) => link.version,
                        None => self.line_items_of_link_delete(context, client, id, now).await?,
                    };
                    let line_item = line_item.or(makes_one.then_some(new_item));
                    let link = ResourceLink {
                        id: id.clone(),
                        definition: definition.clone(),
                        line_item,
                        version: last + 1,
                    };
                    let coupled = makes_one.then(|| LineItem::coupled(&link, new_item));
                    let replaces = found.map(|link| link.version);
                    if !self.link_write(context, client, &link, replaces, coupled.as_ref(), now).await? {
                        continue;
                    }
                    link
                }
            };
            self.link_rules_pass_on(context, client, &link).await?;
            return Ok(link);
        }
        Err(StoreError::Unavailable("somebody else went on changing the link".to_owned()))
    }

    /// Deletes a link and its line items (AGS 72).
    ///
    /// # Errors
    /// [`StoreError`]; the same call again does what is missing.
    pub async fn link_delete(
        &self,
        context: &ContextId,
        client: &ClientId,
        id: &ResourceLinkId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let deletion = async {
            self.remove(Key::link(context, client, id)).await?;
            self.line_items_of_link_delete(context, client, id, now).await.map(drop)
        };
        within(STEPS, Box::pin(deletion)).await
    }
}
