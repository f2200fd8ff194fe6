//! What an LMS sets for a resource link, or for all that a tool has: how its scores are taken.

use std::str::FromStr;

use super::{Dates, Timestamp};

/// Why a word or a number of the settings is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// None of the words that it may be.
    #[error("must be {0}")]
    Word(&'static str),
    /// History is kept for 0 to 3,650 days.
    #[error("must be an integer from 0 to 3650")]
    Days,
}

macro_rules! setting {
    (
        $(#[$doc:meta])* $name:ident:
        $(#[$one_doc:meta])* $one:ident = $one_word:literal,
        $(#[$other_doc:meta])* $other:ident = $other_word:literal
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name {
            $(#[$one_doc])*
            #[default]
            $one,
            $(#[$other_doc])*
            $other,
        }

        impl $name {
            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { Self::$one => $one_word, Self::$other => $other_word }
            }
        }

        impl FromStr for $name {
            type Err = SettingError;

            fn from_str(text: &str) -> Result<Self, SettingError> {
                match text {
                    $one_word => Ok(Self::$one),
                    $other_word => Ok(Self::$other),
                    _ => Err(SettingError::Word(concat!($one_word, " or ", $other_word))),
                }
            }
        }
    };
}

setting! {
    /// How many line items a link may have.
    Columns:
    /// The tool may make more of them.
    Multiple = "multiple",
    /// Its coupled line item and no other.
    Single = "single"
}

setting! {
    /// What becomes of the comment of a score.
    Comments:
    /// It shows in the result (AGS 113).
    Keep = "keep",
    /// It is stored nowhere.
    Drop = "drop"
}

setting! {
    /// What a score without `scoreGiven` does to the final value.
    MissingScore:
    /// It clears it (AGS 106).
    Clear = "clear",
    /// It leaves it as it is.
    Keep = "keep"
}

setting! {
    /// What becomes of a score for what was handed in after the end.
    Late:
    /// It counts.
    Accept = "accept",
    /// It is refused.
    Refuse = "refuse"
}

/// How many days history is kept: 0 (none at all) to 3,650.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention(u16);

impl Retention {
    /// So many days.
    ///
    /// # Errors
    /// [`SettingError::Days`].
    pub fn from_days(days: u64) -> Result<Self, SettingError> {
        u16::try_from(days).ok().filter(|days| *days <= 3_650).map(Self).ok_or(SettingError::Days)
    }

    /// The number of days.
    #[must_use]
    pub const fn days(self) -> u16 {
        self.0
    }

    /// The second since 1970 until which an entry that is made `now` is kept; `None` where there is no history.
    #[must_use]
    pub fn ends(self, now: Timestamp) -> Option<i64> {
        (self.0 > 0).then(|| now.unix_seconds() + i64::from(self.0) * 24 * 60 * 60)
    }
}

impl Default for Retention {
    /// 400 days: a year, and the time to dispute its last grade.
    fn default() -> Self {
        Self(400)
    }
}

/// What was handed in after the end is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was handed in after the end")]
pub struct TooLate;

/// How scores are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// What becomes of comments.
    pub comments: Comments,
    /// What a score without points does.
    pub missing_score: MissingScore,
    /// What becomes of late scores.
    pub late: Late,
    /// How long history is kept.
    pub history: Retention,
}

/// The settings of a resource link, and what a tool's links have where the LMS says nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether the link is graded at all: if not, its launches have no claim, and the tool finds no line item of it.
    pub gradable: bool,
    /// How many line items it may have.
    pub columns: Columns,
    /// How scores are taken.
    pub policy: Policy,
}

impl Default for Settings {
    fn default() -> Self {
        Self { gradable: true, columns: Columns::default(), policy: Policy::default() }
    }
}

/// What of the settings somebody sets; the others stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SettingsChange {
    /// Whether a link is graded at all.
    pub gradable: Option<bool>,
    /// How many line items a link may have.
    pub columns: Option<Columns>,
    /// What becomes of comments.
    pub comments: Option<Comments>,
    /// What a score without points does.
    pub missing_score: Option<MissingScore>,
    /// What becomes of late scores.
    pub late: Option<Late>,
    /// How long history is kept.
    pub history: Option<Retention>,
}

impl Settings {
    /// These settings after the change.
    #[must_use]
    pub fn with(self, change: SettingsChange) -> Self {
        let Self { gradable, columns, policy } = self;
        Self {
            gradable: change.gradable.unwrap_or(gradable),
            columns: change.columns.unwrap_or(columns),
            policy: Policy {
                comments: change.comments.unwrap_or(policy.comments),
                missing_score: change.missing_score.unwrap_or(policy.missing_score),
                late: change.late.unwrap_or(policy.late),
                history: change.history.unwrap_or(policy.history),
            },
        }
    }
}

/// What a link says about each of its line items. The line item has a copy, so that a score needs no look at the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkRules {
    /// As in [`Settings`].
    pub gradable: bool,
    /// How scores are taken.
    pub policy: Policy,
    /// When the link opens and closes; its end stands before what the tool says about its line item.
    pub window: Dates,
    /// The version of the link that says so: what an older one says never replaces it.
    pub version: u64,
}

/// How the scores of one line item are taken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreRules {
    /// How scores are taken.
    pub policy: Policy,
    /// When it closes.
    pub closes: Option<Timestamp>,
}

impl ScoreRules {
    /// Whether a score for what was handed in at `submitted` is taken.
    ///
    /// # Errors
    /// [`TooLate`].
    pub fn admit(&self, submitted: Timestamp) -> Result<(), TooLate> {
        let late = self.closes.is_some_and(|closes| submitted > closes);
        if late && self.policy.late == Late::Refuse { Err(TooLate) } else { Ok(()) }
    }
}
