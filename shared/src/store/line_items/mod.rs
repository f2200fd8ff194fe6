//! Line items.

mod creation;
mod of_link;
mod restore;
mod stored;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use crate::domain::{
    ClientId, ContextId, Definition, DeploymentId, LineItem, LineItemFilter, LineItemId, Timestamp,
};
use crate::store::expression::Changes;
use crate::store::keys::{self, Key, PK};
use crate::store::list::{Listing, Page};
use crate::store::transaction::{Expected, Transaction};
use crate::store::{Item, LineItemRef, Store, StoreError, links, to_item};
use stored::{CHANGED_AT, DEFINITION, DELETED_AT, DefinitionItem, LineItemItem, VERSION, line_item_from};

pub use creation::{CreateOutcome, Repeatable};
pub use restore::RestoreOutcome;
pub(in crate::store) use stored::{kept_line_item_from, live_line_item_from};

/// How many items a filtered query reads at least, so that a narrow filter does not take a call for every line item.
const READ_AHEAD: usize = 100;

/// Which versions of a line item a request may change (RFC 9110 §13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Whatever it is now.
    None,
    /// One of these, of which there is at least one.
    Versions(Vec<u64>),
}

/// What became of an update.
#[derive(Debug)]
pub enum UpdateOutcome {
    /// It was applied; this is the line item now.
    Updated(Box<LineItem>),
    /// Another version is there than the request allows.
    Conflict,
    /// There is none, or none any more.
    Missing,
}

impl Store {
    /// Stores a new line item; whether it did. One that names a link is not stored if the link has another version than that
    /// whose rules the line item has: then they are old, or the link is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_create(
        &self,
        context: &ContextId,
        client: &ClientId,
        line_item: &LineItem,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let item = new_item(context, client, line_item, now)?;
        // The id was made for this request: what has it already is this line item, stored by a call that was answered
        // too late and sent again by the client library.
        let (Some(link), Some(rules)) = (&line_item.resource_link, line_item.link_rules) else {
            self.put_new(item).await?;
            return Ok(true);
        };
        // Whoever changes the link passes its rules on to the line items that are there then. With its version held, there is
        // no line item that comes too late for that and has the rules of before.
        let link = Key::link(context, client, link);
        let parts = vec![
            self.part_put(item, Expected::Nothing)?,
            self.part_check(link, Expected::Version(links::VERSION, rules.version))?,
        ];
        match self.transact(parts).await? {
            Transaction::Done => Ok(true),
            Transaction::Refused(there) => Ok(there.first().is_some_and(Option::is_some)),
        }
    }

    /// The line items of a tool in a context, oldest first, after the one with the id `after`; those of one `deployment`,
    /// or of all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_list(
        &self,
        context: &ContextId,
        client: &ClientId,
        filter: &LineItemFilter,
        deployment: Option<&DeploymentId>,
        after: Option<LineItemId>,
        limit: usize,
    ) -> Result<Page<LineItem>, StoreError> {
        let filtered = *filter != LineItemFilter::default() || deployment.is_some();
        let listing = Listing {
            partition: keys::placed(context, client),
            prefix: keys::line_item_prefix(),
            after: after.map(|id| Key::line_item(context, client, id)),
            limit,
            read: if filtered { limit.max(READ_AHEAD) } else { limit } + 1,
        };
        let wanted = |line_item: &LineItem| {
            let is_seen = deployment.is_none_or(|own| *own == line_item.deployment);
            line_item.is_open() && is_seen && filter.matches(line_item)
        };
        self.list(listing, |key, item| Ok(live_line_item_from(key, item)?.filter(wanted)), weight).await
    }

    /// Replaces the definition of a line item (AGS 63) in one conditional write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_update(
        &self,
        context: &ContextId,
        client: &ClientId,
        id: LineItemId,
        definition: &Definition,
        precondition: &Precondition,
        now: Timestamp,
    ) -> Result<UpdateOutcome, StoreError> {
        let key = Key::line_item(context, client, id);
        let stored = DefinitionItem::from(definition);
        let mut values: Item = serde_dynamo::to_item(&stored).map_err(StoreError::unreadable(&key))?;
        let mut changes = Changes::default();
        for name in DEFINITION {
            match values.remove(name) {
                Some(value) => changes.set(name, value),
                None => changes.remove(name),
            }
        }
        changes.count(VERSION);
        self.line_item_change(&key, changes, precondition, now).await
    }

    /// Takes a line item out of the tool's sight. The item itself stays, so that the operator can restore it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_delete(
        &self,
        context: &ContextId,
        client: &ClientId,
        id: LineItemId,
        precondition: &Precondition,
        now: Timestamp,
    ) -> Result<UpdateOutcome, StoreError> {
        let key = Key::line_item(context, client, id);
        let changes = deletion(&LineItemRef { context, client, id }, now);
        self.line_item_change(&key, changes, precondition, now).await
    }

    async fn line_item_change(
        &self,
        key: &Key,
        mut changes: Changes,
        precondition: &Precondition,
        now: Timestamp,
    ) -> Result<UpdateOutcome, StoreError> {
        let changed_at = AttributeValue::N(now.unix_nanos().to_string());
        changes.set(CHANGED_AT, changed_at.clone());
        changes.name(PK);
        changes.name(DELETED_AT);
        // The last part stops a call that was carried out, and is sent again because its answer was lost. It knows the
        // call by what is there now: if another change has come between the two, a PUT without `If-Match` is the later
        // one, and one with it is refused.
        let mut condition = format!(
            "attribute_exists(#{PK}) AND attribute_not_exists(#{DELETED_AT}) AND NOT #{CHANGED_AT} = :{CHANGED_AT}"
        );
        if let Precondition::Versions(versions) = precondition {
            changes.name(VERSION);
            let allowed: Vec<_> = versions.iter().map(|version| format!("allowed_{version}")).collect();
            for (name, version) in allowed.iter().zip(versions) {
                changes.placeholder(name, AttributeValue::N(version.to_string()));
            }
            condition = format!("{condition} AND #{VERSION} IN (:{})", allowed.join(", :"));
        }
        let expression = changes.finish();
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.clone().into_attributes()))
            .update_expression(expression.update)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let updated = |item: Item| Ok(UpdateOutcome::Updated(Box::new(line_item_from(key, item)?)));
        match update {
            Ok(answer) => updated(answer.attributes.unwrap_or_default()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failure)) => match failure.item() {
                    Some(item) if item.get(CHANGED_AT) == Some(&changed_at) => updated(item.clone()),
                    Some(item) if !item.contains_key(DELETED_AT) => Ok(UpdateOutcome::Conflict),
                    _ => Ok(UpdateOutcome::Missing),
                },
                _ => Err(error.into()),
            },
        }
    }
}

/// What the deletion of a line item changes.
fn deletion(line_item: &LineItemRef<'_>, now: Timestamp) -> Changes {
    let mut changes = Changes::default();
    changes.set(DELETED_AT, AttributeValue::N(now.unix_nanos().to_string()));
    for (name, value) in keys::index_of_deleted(line_item, now) {
        changes.set_text(name, value);
    }
    changes
}

/// The item of a new line item.
pub(in crate::store) fn new_item(
    context: &ContextId,
    client: &ClientId,
    line_item: &LineItem,
    now: Timestamp,
) -> Result<Item, StoreError> {
    to_item(Key::line_item(context, client, line_item.id), &LineItemItem::new(line_item, now))
}

/// About how many bytes of JSON a line item makes; never more than it does, so that no page ends too early.
fn weight(line_item: &LineItem) -> usize {
    let definition = &line_item.definition;
    let extensions = definition.extensions.iter().map(|(name, value)| name.len() + value.len());
    definition.label.as_str().len()
        + definition.submission_review.as_ref().map_or(0, String::len)
        + extensions.sum::<usize>()
}
