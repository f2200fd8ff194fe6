//! Line items as the LMS sees them: with the deleted ones, which it can restore.

use aws_sdk_dynamodb::types::AttributeValue;

use super::of_link::follow;
use super::stored::{CHANGED_AT, DELETED_AT, kept_line_item_from};
use super::weight;
use crate::domain::{ClientId, ContextId, KeptLineItem, LineItem, LineItemId, Timestamp};
use crate::outgoing::TRIES;
use crate::store::client::{wait_after, within};
use crate::store::expression::Changes;
use crate::store::keys::{self, GSI1_PK, GSI1_SK, Key, PK};
use crate::store::list::{Listing, Page};
use crate::store::transaction::{Expected, Transaction};
use crate::store::{LineItemRef, Store, StoreError, links};

/// What became of a restoration.
#[derive(Debug)]
pub enum RestoreOutcome {
    /// The line item is there, now or all along.
    Live(Box<LineItem>),
    /// It was deleted too long ago.
    TooLate,
    /// Its link is not there.
    WithoutLink,
    /// There is none, or none any more.
    Missing,
}

impl Store {
    /// A line item, deleted or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_kept(&self, item: &LineItemRef<'_>) -> Result<Option<KeptLineItem>, StoreError> {
        let key = Key::line_item(item.context, item.client, item.id);
        self.fetch(&key).await?.map(|item| kept_line_item_from(&key, item)).transpose()
    }

    /// The line items of a tool in a context, deleted or not, oldest first, after the one with the id `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_list_kept(
        &self,
        context: &ContextId,
        client: &ClientId,
        after: Option<LineItemId>,
        limit: usize,
    ) -> Result<Page<KeptLineItem>, StoreError> {
        let listing = Listing {
            partition: keys::placed(context, client),
            prefix: keys::line_item_prefix(),
            after: after.map(|id| Key::line_item(context, client, id)),
            limit,
            read: limit + 1,
        };
        let kept = |key: &Key, item| kept_line_item_from(key, item).map(Some);
        self.list(listing, kept, |kept| weight(&kept.line_item)).await
    }

    /// Puts a deleted line item back into the tool's sight, and its results with it, which count as changed. One of a link
    /// comes back in one transaction with a check that the link is there, and with what the link says then; so whoever
    /// deletes the link, or changes it, finds it, or is found.
    ///
    /// # Errors
    /// [`StoreError`]; the line item may or may not be there again, and the same call again is safe.
    pub async fn line_item_restore(
        &self,
        item: &LineItemRef<'_>,
        now: Timestamp,
    ) -> Result<RestoreOutcome, StoreError> {
        within(2, Box::pin(self.line_item_restore_in_turn(item, now))).await
    }

    async fn line_item_restore_in_turn(
        &self,
        item: &LineItemRef<'_>,
        now: Timestamp,
    ) -> Result<RestoreOutcome, StoreError> {
        for tries in 0..TRIES {
            if tries > 0 {
                wait_after(tries).await;
            }
            let Some(kept) = self.line_item_kept(item).await? else { return Ok(RestoreOutcome::Missing) };
            let Some(deleted_at) = kept.deleted_at else {
                return Ok(RestoreOutcome::Live(Box::new(kept.line_item)));
            };
            if deleted_at.unix_nanos() < KeptLineItem::restorable_since(now) {
                return Ok(RestoreOutcome::TooLate);
            }
            let key = Key::line_item(item.context, item.client, item.id);
            let mut changes = restoration(now);
            let mut parts = Vec::new();
            if let Some(id) = &kept.line_item.resource_link {
                let Some(link) = self.link_fetch(item.context, item.client, id).await? else {
                    return Ok(RestoreOutcome::WithoutLink);
                };
                follow(&key, &kept.line_item, &link, &mut changes)?;
                let link_key = Key::link(item.context, item.client, id);
                parts.push(self.part_check(link_key, Expected::Version(links::VERSION, link.version))?);
            }
            changes.name(PK);
            changes.placeholder(DELETED_AT, AttributeValue::N(deleted_at.unix_nanos().to_string()));
            let is_still = format!("attribute_exists(#{PK}) AND #{DELETED_AT} = :{DELETED_AT}");
            parts.push(self.part_update(key, changes, is_still)?);
            if let Transaction::Done = self.transact(parts).await? {
                let kept = self.line_item_kept(item).await?;
                return Ok(kept
                    .map_or(RestoreOutcome::Missing, |kept| RestoreOutcome::Live(Box::new(kept.line_item))));
            }
            // Somebody else has restored it, or the link has changed, or gone.
        }
        Err(StoreError::Unavailable("the link went on changing".to_owned()))
    }
}

/// What the restoration of a line item changes.
fn restoration(now: Timestamp) -> Changes {
    let mut changes = Changes::default();
    for name in [DELETED_AT, GSI1_PK, GSI1_SK] {
        changes.remove(name);
    }
    changes.set(CHANGED_AT, AttributeValue::N(now.unix_nanos().to_string()));
    changes
}
