//! What becomes of the line items of a link when the link changes, or goes.
//!
//! # Protocol
//!
//! Each line item has a copy of what its link says, so that a score needs no look at the link.
//!
//! - The link's row is written first, on condition of its version, which counts up. Then each of its line items is given
//!   the new copy, on condition that the one that it has is of an older version. Only then is the LMS answered.
//! - A new line item is put in one transaction with a check that the link still has the version whose rules it has. So it
//!   is either there when the line items are looked up, or refused.
//! - A link is deleted before its line items, each of which goes in one transaction with a check that there is no link: one
//!   that was made anew in the meantime keeps what it has.
//! - A deleted line item comes back in one transaction with a check that the link still has the version whose rules it
//!   gets with that.
//! - A link that is made starts by completing that deletion, and counts on from the last version that a line item, deleted
//!   or not, has a copy of.
//!
//! A process that dies between two steps has not answered; the same request again does what is missing.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use super::deletion;
use super::stored::{DELETED_AT, LINK_RULES, VERSION, line_item_from};
use crate::domain::{ClientId, ContextId, LineItem, LinkRules, ResourceLink, ResourceLinkId, Timestamp};
use crate::store::expression::Changes;
use crate::store::keys::{self, Key, PK};
use crate::store::links::RulesItem;
use crate::store::list::Listing;
use crate::store::transaction::{Expected, Transaction};
use crate::store::{LineItemRef, Store, StoreError};

/// How many items the first query for the line items of a link reads.
const READ: usize = 1_000;

/// A line item of a link, deleted or not.
struct Column {
    line_item: LineItem,
    is_deleted: bool,
}

impl Store {
    /// The line items of a link, also the deleted ones, which may be restored.
    async fn line_items_of_link(
        &self,
        context: &ContextId,
        client: &ClientId,
        link: &ResourceLinkId,
    ) -> Result<Vec<Column>, StoreError> {
        let listing = Listing {
            partition: keys::placed(context, client),
            prefix: keys::line_item_prefix(),
            after: None,
            limit: usize::MAX,
            read: READ,
        };
        let of_link = |key: &Key, item: crate::store::Item| {
            let is_deleted = item.contains_key(DELETED_AT);
            let line_item = line_item_from(key, item)?;
            let is_wanted = line_item.resource_link.as_ref() == Some(link);
            Ok(is_wanted.then_some(Column { line_item, is_deleted }))
        };
        Ok(self.list(listing, of_link, |_| 0).await?.entries)
    }

    /// Gives every line item of `link` what the link says, unless it has that already, or a later word.
    pub(in crate::store) async fn link_rules_pass_on(
        &self,
        context: &ContextId,
        client: &ClientId,
        link: &ResourceLink,
    ) -> Result<(), StoreError> {
        let rules = link.definition.rules(link.version);
        for Column { line_item, .. } in self.line_items_of_link(context, client, &link.id).await? {
            let old = line_item.link_rules;
            if old.is_some_and(|old| old.version >= rules.version) {
                continue;
            }
            let key = Key::line_item(context, client, line_item.id);
            let mut changes = Changes::default();
            follow(&key, &line_item, link, &mut changes)?;
            changes.name(PK);
            changes.rename("rules_version", "version");
            changes.placeholder("rules_version", AttributeValue::N(rules.version.to_string()));
            let is_older = format!(
                "attribute_exists(#{PK}) AND (attribute_not_exists(#{LINK_RULES}.#rules_version) \
                 OR #{LINK_RULES}.#rules_version < :rules_version)"
            );
            self.update(key, changes, Some(&is_older)).await?;
        }
        Ok(())
    }

    /// Deletes the line items of a link that is not there any more (AGS 72); the last version that one of them, deleted or
    /// not, has a copy of. It stops where there is such a link again.
    pub(in crate::store) async fn line_items_of_link_delete(
        &self,
        context: &ContextId,
        client: &ClientId,
        link: &ResourceLinkId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let columns = self.line_items_of_link(context, client, link).await?;
        let version = |column: &Column| column.line_item.link_rules.map(|rules: LinkRules| rules.version);
        let last = columns.iter().filter_map(version).max().unwrap_or_default();
        for Column { line_item, .. } in columns.into_iter().filter(|column| !column.is_deleted) {
            let line_item = LineItemRef { context, client, id: line_item.id };
            let parts = vec![
                self.part_check(Key::link(context, client, link), Expected::Nothing)?,
                self.part_delete(&line_item, now)?,
            ];
            // One that somebody else has deleted is deleted, too.
            if let Transaction::Refused(there) = self.transact(parts).await?
                && there.first().is_some_and(Option::is_some)
            {
                break;
            }
        }
        Ok(last)
    }

    /// A part of a transaction: deletes a line item that is not deleted yet.
    fn part_delete(
        &self,
        line_item: &LineItemRef<'_>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = Key::line_item(line_item.context, line_item.client, line_item.id);
        let mut changes = deletion(line_item, now);
        changes.name(PK);
        let is_there = format!("attribute_exists(#{PK}) AND attribute_not_exists(#{DELETED_AT})");
        self.part_update(key, changes, is_there)
    }
}

/// What a line item takes over from its link.
pub(super) fn follow(
    key: &Key,
    line_item: &LineItem,
    link: &ResourceLink,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let rules = link.definition.rules(link.version);
    let copy: AttributeValue =
        serde_dynamo::to_attribute_value(RulesItem::from(rules)).map_err(StoreError::unreadable(key))?;
    changes.set(LINK_RULES, copy);
    changes.set_text("deployment", link.definition.deployment.as_str());
    // The dates are the tool's to change as well; they follow the link when the link's own change (AGS 54).
    if line_item.coupled && line_item.link_rules.is_none_or(|old| old.window != rules.window) {
        changes.set_or_remove("start_date_time", rules.window.start().map(|date| date.to_string()));
        changes.set_or_remove("end_date_time", rules.window.end().map(|date| date.to_string()));
        changes.count(VERSION);
    }
    Ok(())
}
