//! Line items as JSON (AGS 4).

use std::collections::BTreeMap;

use ags_shared::domain::{
    ContextId, Dates, Definition, Invalid, LineItem, Members, ResourceLinkId, ScoreMaximum, Timestamp,
};
use ags_shared::links::Links;
use serde::Serialize;
use serde_json::value::RawValue;

/// What a body says: the definition, and the link that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The definition.
    pub definition: Definition,
    /// `resourceLinkId`, which is not part of it.
    pub resource_link: Option<ResourceLinkId>,
}

impl Body {
    /// Reads the body of a POST or PUT. An `id` in it is ignored: the URL names the line item (AGS 60, 64).
    ///
    /// # Errors
    /// [`Invalid`], which names the first member that breaks a rule.
    pub fn parse(body: &[u8]) -> Result<Self, Invalid> {
        let members = Members::parse(body)?;
        let score_maximum =
            members.decimal("scoreMaximum")?.ok_or_else(|| members.missing("scoreMaximum"))?;
        let dates = Dates::new(members.text("startDateTime")?, members.text("endDateTime")?);
        let definition = Definition {
            label: members.required_text("label")?,
            score_maximum: ScoreMaximum::try_from(score_maximum)
                .map_err(|error| Invalid::member("scoreMaximum", error))?,
            resource_id: members.text("resourceId")?,
            tag: members.text("tag")?,
            dates: dates.map_err(|error| Invalid::member("endDateTime", error))?,
            grades_released: members.boolean("gradesReleased")?,
            submission_review: match members.object("submissionReview")? {
                Some(_) => members.kept("submissionReview")?,
                None => None,
            },
            extensions: members.extensions()?,
        };
        Ok(Self { definition, resource_link: members.text("resourceLinkId")? })
    }
}

/// A line item as it is sent: members that are not set are left out, for one client fails on null.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent<'a> {
    id: String,
    label: &'a str,
    score_maximum: &'a ScoreMaximum,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_link_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grades_released: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submission_review: Option<&'a RawValue>,
    #[serde(flatten)]
    extensions: BTreeMap<&'a str, &'a RawValue>,
}

impl<'a> Sent<'a> {
    /// The line item as it is sent from where `links` says.
    #[must_use]
    pub fn new(links: &Links, context: &ContextId, item: &'a LineItem) -> Self {
        let definition = &item.definition;
        // What was stored was JSON when it came in; were it not any more, leaving it out beats failing the whole list.
        let raw = |json: &'a String| serde_json::from_str::<&RawValue>(json).ok();
        Self {
            id: links.line_item(context, item.id),
            label: definition.label.as_str(),
            score_maximum: &definition.score_maximum,
            resource_link_id: item.resource_link.as_ref().map(|link| link.as_str()),
            resource_id: definition.resource_id.as_ref().map(|id| id.as_str()),
            tag: definition.tag.as_ref().map(|tag| tag.as_str()),
            start_date_time: definition.dates.start(),
            end_date_time: definition.dates.end(),
            grades_released: definition.grades_released,
            submission_review: definition.submission_review.as_ref().and_then(raw),
            extensions: definition
                .extensions
                .iter()
                .filter_map(|(name, json)| Some((name.as_str(), raw(json)?)))
                .collect(),
        }
    }
}
