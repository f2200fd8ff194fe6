//! Line items: a column of the gradebook that belongs to one tool in one context.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{
    DeploymentId, LineItemId, LinkRules, Policy, ResourceLink, ResourceLinkId, ScoreMaximum, ScoreRules,
    Timestamp,
};

/// The longest label, in characters.
const LABEL_MAX: usize = 1_000;
/// The longest `resourceId` and `tag`, in characters (AGS 50).
const MARKER_MAX: usize = 256;

/// For how many days after its deletion a line item can be restored.
pub const RESTORABLE_DAYS: i64 = 30;

/// Why a text of a line item is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Only blanks where something must be shown (AGS 47).
    #[error("must not be blank")]
    Blank,
    /// Longer than this many characters; nothing is ever cut off.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// AGS 54.
    #[error("must not be earlier than startDateTime")]
    EndBeforeStart,
}

/// The heading of the column: not blank, at most 1,000 characters (AGS 47).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        if text.trim().is_empty() {
            return Err(TextError::Blank);
        }
        if text.chars().count() > LABEL_MAX {
            return Err(TextError::TooLong(LABEL_MAX));
        }
        Ok(Self(text.to_owned()))
    }
}

/// `resourceId` or `tag`: the tool's own text, at most 256 characters, never modified (AGS 50, 51).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker(String);

impl Marker {
    /// The text, as the tool sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Marker {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        if text.chars().count() > MARKER_MAX {
            return Err(TextError::TooLong(MARKER_MAX));
        }
        Ok(Self(text.to_owned()))
    }
}

/// When the activity opens and closes (AGS 54).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dates {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Dates {
    /// The two dates, either of which may be unset.
    ///
    /// # Errors
    /// [`TextError::EndBeforeStart`].
    pub fn new(start: Option<Timestamp>, end: Option<Timestamp>) -> Result<Self, TextError> {
        match (start, end) {
            (Some(start), Some(end)) if end < start => Err(TextError::EndBeforeStart),
            _ => Ok(Self { start, end }),
        }
    }

    /// `startDateTime`.
    #[must_use]
    pub const fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// `endDateTime`.
    #[must_use]
    pub const fn end(&self) -> Option<Timestamp> {
        self.end
    }
}

/// What a tool says about its line item, and replaces as a whole with PUT (AGS 63).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The heading.
    pub label: Label,
    /// The points that full marks earn.
    pub score_maximum: ScoreMaximum,
    /// The tool's id of the resource; many line items may share it.
    pub resource_id: Option<Marker>,
    /// The tool's own mark.
    pub tag: Option<Marker>,
    /// When the activity opens and closes.
    pub dates: Dates,
    /// The tool's wish that learners see their results (AGS 56).
    pub grades_released: Option<bool>,
    /// `submissionReview`, an object, as it was written (AGS 57).
    pub submission_review: Option<String>,
    /// Members whose names are URLs, as they were written (AGS 58).
    pub extensions: BTreeMap<String, String>,
}

impl Definition {
    /// A label and a maximum, and nothing else set.
    #[must_use]
    pub fn new(label: Label, score_maximum: ScoreMaximum) -> Self {
        Self {
            label,
            score_maximum,
            resource_id: None,
            tag: None,
            dates: Dates::default(),
            grades_released: None,
            submission_review: None,
            extensions: BTreeMap::new(),
        }
    }
}

/// A line item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItem {
    /// Its id; its URL is made of it.
    pub id: LineItemId,
    /// What the tool says about it.
    pub definition: Definition,
    /// The link it belongs to; never changes (AGS 64).
    pub resource_link: Option<ResourceLinkId>,
    /// The deployment that owns it (AGS 34).
    pub deployment: DeploymentId,
    /// Made by the platform together with its link, so that the tool cannot delete it (AGS 68).
    pub coupled: bool,
    /// What the link says about it; `None` for a line item without a link.
    pub link_rules: Option<LinkRules>,
    /// Counts the definitions it has had, from 1; its entity tag.
    pub version: u64,
}

impl LineItem {
    /// The coupled line item of a link, new under the id `id` (AGS 69).
    #[must_use]
    pub fn coupled(link: &ResourceLink, id: LineItemId) -> Self {
        Self {
            id,
            definition: link.definition.coupled(),
            resource_link: Some(link.id.clone()),
            deployment: link.definition.deployment.clone(),
            coupled: true,
            link_rules: Some(link.definition.rules(link.version)),
            version: 1,
        }
    }

    /// Whether its tool may see it: a line item of a link that is not gradable is out of its reach.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.link_rules.is_none_or(|rules| rules.gradable)
    }

    /// How its scores are taken; as the tool's `defaults` have it, where there is no link.
    #[must_use]
    pub fn score_rules(&self, defaults: Policy) -> ScoreRules {
        let link = self.link_rules;
        ScoreRules {
            policy: link.map_or(defaults, |rules| rules.policy),
            closes: link.and_then(|rules| rules.window.end()).or(self.definition.dates.end()),
        }
    }
}

/// How long a deleted line item can be restored: 30 days, in nanoseconds.
const RESTORABLE: i128 = 30 * 24 * 60 * 60 * 1_000_000_000;

/// A line item as the table keeps it, deleted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLineItem {
    /// The line item.
    pub line_item: LineItem,
    /// When it was last changed, in nanoseconds since 1970; `None` where it is as it was made.
    pub changed_at: Option<i128>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

impl KeptLineItem {
    /// A line item that was deleted before this, in nanoseconds since 1970, is not restored any more.
    #[must_use]
    pub fn restorable_since(now: Timestamp) -> i128 {
        now.unix_nanos() - RESTORABLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_not_blank_and_never_cut_ags_47() {
        assert_eq!("".parse::<Label>(), Err(TextError::Blank));
        assert_eq!(" \u{a0}\t".parse::<Label>(), Err(TextError::Blank));
        assert!("é".repeat(1_000).parse::<Label>().is_ok());
        assert_eq!("é".repeat(1_001).parse::<Label>(), Err(TextError::TooLong(1_000)));
        assert_eq!(" a ".parse::<Label>().unwrap().as_str(), " a ");
    }

    #[test]
    fn a_resource_id_has_at_most_256_characters_ags_50() {
        assert!("é".repeat(256).parse::<Marker>().is_ok());
        assert_eq!("é".repeat(257).parse::<Marker>(), Err(TextError::TooLong(256)));
    }

    #[test]
    fn an_activity_does_not_close_before_it_opens_ags_54() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let (early, late) = (at("2026-11-21T10:00:00Z"), at("2026-11-21T11:00:00+00:00"));
        assert!(Dates::new(early, late).is_ok() && Dates::new(late, None).is_ok());
        assert_eq!(Dates::new(late, early), Err(TextError::EndBeforeStart));
    }
}
