//! Line items as they are stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{Dates, Definition, KeptLineItem, LineItem, Timestamp};
use crate::store::keys::{self, Key};
use crate::store::links::RulesItem;
use crate::store::{Item, StoreError, from_item};

pub(super) const VERSION: &str = "version";
/// When the line item was deleted, in nanoseconds since 1970.
pub(super) const DELETED_AT: &str = "deleted_at";
/// What its link says about it.
pub(super) const LINK_RULES: &str = "link_rules";
/// When the line item was last changed, to the nanosecond: by it a call that was answered too late, and sent again by
/// the client library, recognises its own change.
pub(super) const CHANGED_AT: &str = "changed_at";

#[derive(Serialize, Deserialize)]
pub(super) struct LineItemItem {
    #[serde(flatten)]
    pub(super) definition: DefinitionItem,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_link: Option<String>,
    deployment: String,
    coupled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_rules: Option<RulesItem>,
    version: u64,
    created_at: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct DefinitionItem {
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
pub(super) const DEFINITION: [&str; 9] = [
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

impl LineItemItem {
    pub(super) fn new(line_item: &LineItem, created: Timestamp) -> Self {
        Self {
            definition: (&line_item.definition).into(),
            resource_link: line_item.resource_link.as_ref().map(ToString::to_string),
            deployment: line_item.deployment.to_string(),
            coupled: line_item.coupled,
            link_rules: line_item.link_rules.map(Into::into),
            version: line_item.version,
            created_at: created.to_string(),
        }
    }
}

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
pub(in crate::store) fn live_line_item_from(key: &Key, item: Item) -> Result<Option<LineItem>, StoreError> {
    if item.contains_key(DELETED_AT) { Ok(None) } else { line_item_from(key, item).map(Some) }
}

/// The line item that `item` holds, deleted or not, with when.
pub(in crate::store) fn kept_line_item_from(key: &Key, item: Item) -> Result<KeptLineItem, StoreError> {
    let nanos = |name: &str| {
        let number = item.get(name).map(|value| value.as_n().map_or("", String::as_str).parse::<i128>());
        number.transpose().map_err(StoreError::unreadable(key))
    };
    let (changed_at, deleted_at) = (nanos(CHANGED_AT)?, nanos(DELETED_AT)?);
    let deleted_at = deleted_at.map(Timestamp::from_unix_nanos).transpose();
    Ok(KeptLineItem {
        changed_at,
        deleted_at: deleted_at.map_err(StoreError::unreadable(key))?,
        line_item: line_item_from(key, item)?,
    })
}

/// The line item that `item` holds, deleted or not.
pub(super) fn line_item_from(key: &Key, item: Item) -> Result<LineItem, StoreError> {
    let id = key.sk.strip_prefix(keys::line_item_prefix()).unwrap_or_default();
    let id = id.parse().map_err(StoreError::unreadable(key))?;
    let stored: LineItemItem = from_item(key, item)?;
    Ok(LineItem {
        id,
        definition: stored.definition.into_definition(key)?,
        resource_link: stored
            .resource_link
            .map(TryInto::try_into)
            .transpose()
            .map_err(StoreError::unreadable(key))?,
        deployment: stored.deployment.try_into().map_err(StoreError::unreadable(key))?,
        coupled: stored.coupled,
        link_rules: stored.link_rules.map(|rules| rules.into_rules(key)).transpose()?,
        version: stored.version,
    })
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
