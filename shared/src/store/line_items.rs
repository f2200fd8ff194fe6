//! Line items.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use serde::{Deserialize, Serialize};

use super::expression::Changes;
use super::keys::{self, Key, PK};
use super::list::{Listing, Page};
use super::{Item, Store, StoreError, from_item, to_item};
use crate::domain::{
    ClientId, ContextId, Dates, Definition, DeploymentId, LineItem, LineItemFilter, LineItemId, Timestamp,
};

const VERSION: &str = "version";
const DELETED_AT: &str = "deleted_at";
/// When the line item was last changed, to the nanosecond: by it a call that was answered too late, and sent again by
/// the client library, recognises its own change.
const CHANGED_AT: &str = "changed_at";
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

#[derive(Serialize, Deserialize)]
struct LineItemItem {
    #[serde(flatten)]
    definition: DefinitionItem,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_link: Option<String>,
    deployment: String,
    coupled: bool,
    version: u64,
    created_at: String,
}

#[derive(Serialize, Deserialize)]
struct DefinitionItem {
    label: String,
    score_maximum: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grades_released: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submission_review: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<String, String>,
}

/// The attributes of [`DefinitionItem`]: those that a PUT sets or removes.
const DEFINITION: [&str; 9] = [
    "label",
    "score_maximum",
    "resource_id",
    "tag",
    "start_date_time",
    "end_date_time",
    "grades_released",
    "submission_review",
    "extensions",
];

impl From<&Definition> for DefinitionItem {
    fn from(definition: &Definition) -> Self {
        let text = |instant: Timestamp| instant.to_string();
        Self {
            label: definition.label.as_str().to_owned(),
            score_maximum: definition.score_maximum.to_string(),
            resource_id: definition.resource_id.as_ref().map(|id| id.as_str().to_owned()),
            tag: definition.tag.as_ref().map(|tag| tag.as_str().to_owned()),
            start_date_time: definition.dates.start().map(text),
            end_date_time: definition.dates.end().map(text),
            grades_released: definition.grades_released,
            submission_review: definition.submission_review.clone(),
            extensions: definition.extensions.clone(),
        }
    }
}

impl DefinitionItem {
    fn into_definition(self, key: &Key) -> Result<Definition, StoreError> {
        fn read<T: std::str::FromStr<Err: std::fmt::Display>>(
            key: &Key,
            text: &str,
        ) -> Result<T, StoreError> {
            text.parse().map_err(StoreError::unreadable(key))
        }
        let instant = |text: Option<String>| text.map(|text| read(key, &text)).transpose();
        Ok(Definition {
            label: read(key, &self.label)?,
            score_maximum: read(key, &self.score_maximum)?,
            resource_id: self.resource_id.map(|id| read(key, &id)).transpose()?,
            tag: self.tag.map(|tag| read(key, &tag)).transpose()?,
            dates: Dates::new(instant(self.start_date_time)?, instant(self.end_date_time)?)
                .map_err(StoreError::unreadable(key))?,
            grades_released: self.grades_released,
            submission_review: self.submission_review,
            extensions: self.extensions,
        })
    }
}

/// The line item that `item` holds; `None` if it was deleted.
pub(super) fn line_item_from(key: &Key, item: Item) -> Result<Option<LineItem>, StoreError> {
    if item.contains_key(DELETED_AT) {
        return Ok(None);
    }
    let id = key.sk.strip_prefix(keys::line_item_prefix()).unwrap_or_default();
    let id = id.parse().map_err(StoreError::unreadable(key))?;
    let stored: LineItemItem = from_item(key, item)?;
    Ok(Some(LineItem {
        id,
        definition: stored.definition.into_definition(key)?,
        resource_link: stored
            .resource_link
            .map(TryInto::try_into)
            .transpose()
            .map_err(StoreError::unreadable(key))?,
        deployment: stored.deployment.try_into().map_err(StoreError::unreadable(key))?,
        coupled: stored.coupled,
        version: stored.version,
    }))
}

impl Store {
    /// Stores a new line item.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line_item_create(
        &self,
        context: &ContextId,
        client: &ClientId,
        line_item: &LineItem,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let stored = LineItemItem {
            definition: (&line_item.definition).into(),
            resource_link: line_item.resource_link.as_ref().map(ToString::to_string),
            deployment: line_item.deployment.to_string(),
            coupled: line_item.coupled,
            version: line_item.version,
            created_at: now.to_string(),
        };
        let item = to_item(Key::line_item(context, client, line_item.id), &stored)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PK)
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // The id was made for this request: what has it already is this line item, stored by a call that was
                // answered too late and sent again by the client library.
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
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
            filter.matches(line_item) && deployment.is_none_or(|own| *own == line_item.deployment)
        };
        self.list(listing, |key, item| Ok(line_item_from(key, item)?.filter(wanted)), weight).await
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
        let mut changes = Changes::default();
        changes.set_text(DELETED_AT, now.to_string());
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
        let mut condition = format!("attribute_exists(#{PK}) AND attribute_not_exists(#{DELETED_AT})");
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
        let updated = |mut item: Item| {
            item.remove(DELETED_AT);
            let line_item = line_item_from(key, item)?;
            Ok(line_item.map_or(UpdateOutcome::Missing, |item| UpdateOutcome::Updated(Box::new(item))))
        };
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

/// About how many bytes of JSON a line item makes; never more than it does, so that no page ends too early.
fn weight(line_item: &LineItem) -> usize {
    let definition = &line_item.definition;
    let extensions = definition.extensions.iter().map(|(name, value)| name.len() + value.len());
    definition.label.as_str().len()
        + definition.submission_review.as_ref().map_or(0, String::len)
        + extensions.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_put_sets_or_removes_every_attribute_of_a_definition_ags_63() {
        let full = DefinitionItem {
            label: String::new(),
            score_maximum: String::new(),
            resource_id: Some(String::new()),
            tag: Some(String::new()),
            start_date_time: Some(String::new()),
            end_date_time: Some(String::new()),
            grades_released: Some(true),
            submission_review: Some(String::new()),
            extensions: BTreeMap::from([(String::new(), String::new())]),
        };
        let item: Item = serde_dynamo::to_item(full).unwrap();
        let mut names: Vec<_> = item.keys().map(String::as_str).collect();
        names.sort_unstable();
        let mut listed = DEFINITION;
        listed.sort_unstable();
        assert_eq!(names, listed);
    }
}
