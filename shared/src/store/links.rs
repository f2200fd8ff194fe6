//! Resource links and their settings.

use serde::{Deserialize, Serialize};

use super::keys::{self, Key};
use super::list::{Listing, Page};
use super::transaction::{Expected, Transaction};
use super::{Item, Put, Store, StoreError, from_item, line_items, to_item};
use crate::domain::{
    ClientId, Column, ContextId, Dates, LineItem, LinkDefinition, LinkRules, Policy, ResourceLink,
    ResourceLinkId, Retention, Settings, Timestamp,
};

/// The attribute that counts the definitions of a link.
pub(super) const VERSION: &str = "version";

/// Settings as they are stored, of a link and of a tool.
#[derive(Serialize, Deserialize)]
pub(super) struct SettingsItem {
    gradable: bool,
    columns: String,
    #[serde(flatten)]
    policy: PolicyItem,
}

#[derive(Serialize, Deserialize)]
struct PolicyItem {
    comments: String,
    missing_score: String,
    late: String,
    history_days: u64,
}

impl From<Policy> for PolicyItem {
    fn from(policy: Policy) -> Self {
        Self {
            comments: policy.comments.as_str().to_owned(),
            missing_score: policy.missing_score.as_str().to_owned(),
            late: policy.late.as_str().to_owned(),
            history_days: policy.history.days().into(),
        }
    }
}

impl PolicyItem {
    fn into_policy(self, key: &Key) -> Result<Policy, StoreError> {
        Ok(Policy {
            comments: read(key, &self.comments)?,
            missing_score: read(key, &self.missing_score)?,
            late: read(key, &self.late)?,
            history: Retention::from_days(self.history_days).map_err(StoreError::unreadable(key))?,
        })
    }
}

impl From<Settings> for SettingsItem {
    fn from(settings: Settings) -> Self {
        let Settings { gradable, columns, policy } = settings;
        Self { gradable, columns: columns.as_str().to_owned(), policy: policy.into() }
    }
}

impl SettingsItem {
    pub(super) fn into_settings(self, key: &Key) -> Result<Settings, StoreError> {
        let columns = read(key, &self.columns)?;
        Ok(Settings { gradable: self.gradable, columns, policy: self.policy.into_policy(key)? })
    }
}

/// What a link says about its line items, as each of them has it.
#[derive(Serialize, Deserialize)]
pub(super) struct RulesItem {
    gradable: bool,
    #[serde(flatten)]
    policy: PolicyItem,
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closes: Option<String>,
    version: u64,
}

impl From<LinkRules> for RulesItem {
    fn from(rules: LinkRules) -> Self {
        let LinkRules { gradable, policy, window, version } = rules;
        let [opens, closes] = [window.start(), window.end()].map(|date| date.map(|date| date.to_string()));
        Self { gradable, policy: policy.into(), opens, closes, version }
    }
}

impl RulesItem {
    pub(super) fn into_rules(self, key: &Key) -> Result<LinkRules, StoreError> {
        Ok(LinkRules {
            gradable: self.gradable,
            policy: self.policy.into_policy(key)?,
            window: window_from(key, self.opens.as_ref(), self.closes.as_ref())?,
            version: self.version,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct LinkItem {
    deployment: String,
    title: String,
    #[serde(flatten)]
    settings: SettingsItem,
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    score_maximum: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grades_released: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_item: Option<String>,
    version: u64,
}

impl From<&ResourceLink> for LinkItem {
    fn from(link: &ResourceLink) -> Self {
        let LinkDefinition { deployment, title, settings, window, column } = &link.definition;
        let instant = |instant: Timestamp| instant.to_string();
        Self {
            deployment: deployment.to_string(),
            title: title.as_str().to_owned(),
            settings: (*settings).into(),
            opens: window.start().map(instant),
            closes: window.end().map(instant),
            label: column.label.as_ref().map(|label| label.as_str().to_owned()),
            score_maximum: column.score_maximum.to_string(),
            resource_id: column.resource_id.as_ref().map(|id| id.as_str().to_owned()),
            tag: column.tag.as_ref().map(|tag| tag.as_str().to_owned()),
            grades_released: column.grades_released,
            line_item: link.line_item.map(|id| id.to_string()),
            version: link.version,
        }
    }
}

fn read<T: std::str::FromStr<Err: std::fmt::Display>>(key: &Key, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(StoreError::unreadable(key))
}

fn read_option<T: std::str::FromStr<Err: std::fmt::Display>>(
    key: &Key,
    text: Option<&String>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| read(key, text)).transpose()
}

fn window_from(key: &Key, opens: Option<&String>, closes: Option<&String>) -> Result<Dates, StoreError> {
    let window = Dates::new(read_option(key, opens)?, read_option(key, closes)?);
    window.map_err(StoreError::unreadable(key))
}

/// The link that `item` holds.
pub(super) fn link_from(key: &Key, item: Item) -> Result<ResourceLink, StoreError> {
    let id = keys::unescape(key.sk.strip_prefix(keys::link_prefix()).unwrap_or_default());
    let stored: LinkItem = from_item(key, item)?;
    Ok(ResourceLink {
        id: read(key, &id)?,
        definition: LinkDefinition {
            deployment: read(key, &stored.deployment)?,
            title: read(key, &stored.title)?,
            settings: stored.settings.into_settings(key)?,
            window: window_from(key, stored.opens.as_ref(), stored.closes.as_ref())?,
            column: Column {
                label: read_option(key, stored.label.as_ref())?,
                score_maximum: read(key, &stored.score_maximum)?,
                resource_id: read_option(key, stored.resource_id.as_ref())?,
                tag: read_option(key, stored.tag.as_ref())?,
                grades_released: stored.grades_released,
            },
        },
        line_item: read_option(key, stored.line_item.as_ref())?,
        version: stored.version,
    })
}

impl Store {
    /// Stores a resource link of a tool if the version that is there is `replaces` (`None`: if there is none), and with it
    /// its `coupled` line item, if that is new; whether it did. It does not where somebody else has changed the link.
    ///
    /// # Errors
    /// [`StoreError`]; both may or may not be there, and the same call again is safe.
    pub async fn link_write(
        &self,
        context: &ContextId,
        client: &ClientId,
        link: &ResourceLink,
        replaces: Option<u64>,
        coupled: Option<&LineItem>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let item = to_item(Key::link(context, client, &link.id), &LinkItem::from(link))?;
        let expected = replaces.map_or(Expected::Nothing, |version| Expected::Version(VERSION, version));
        let there = match coupled {
            Some(line_item) => {
                let column = line_items::new_item(context, client, line_item, now)?;
                let parts =
                    vec![self.part_put(item.clone(), expected)?, self.part_put(column, Expected::Nothing)?];
                match self.transact(parts).await? {
                    Transaction::Done => return Ok(true),
                    Transaction::Refused(there) => there.into_iter().next().flatten(),
                }
            }
            None => match self.put_expected(item.clone(), expected).await? {
                Put::New => return Ok(true),
                Put::Existing(there) => Some(there),
            },
        };
        // What is there may be of this very call: its answer was lost, and the client library sent it again.
        Ok(there == Some(item))
    }

    /// A resource link of a tool.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn link_fetch(
        &self,
        context: &ContextId,
        client: &ClientId,
        link: &ResourceLinkId,
    ) -> Result<Option<ResourceLink>, StoreError> {
        let key = Key::link(context, client, link);
        self.fetch(&key).await?.map(|item| link_from(&key, item)).transpose()
    }

    /// The resource links of a tool in a context, in the order of their keys, after the link `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn link_list(
        &self,
        context: &ContextId,
        client: &ClientId,
        after: Option<&ResourceLinkId>,
        limit: usize,
    ) -> Result<Page<ResourceLink>, StoreError> {
        let listing = Listing {
            partition: keys::placed(context, client),
            prefix: keys::link_prefix(),
            after: after.map(|link| Key::link(context, client, link)),
            limit,
            read: limit + 1,
        };
        self.list(listing, |key, item| link_from(key, item).map(Some), |_| 0).await
    }
}
