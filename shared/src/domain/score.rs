//! A score: the tool's latest word on one user and one line item, and every rule that it can break by itself.

use std::fmt;
use std::str::FromStr;

use super::{Decimal, ScoreMaximum, Timestamp, UserId};

/// How far a tool's clock may run ahead (AGS 95), in nanoseconds.
const CLOCK_AHEAD: i128 = 60_000_000_000;
/// The longest comment, in bytes of UTF-8.
const COMMENT_MAX: usize = 64 * 1024;

/// Which rule of a single score is broken, and by which member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// AGS 95: it would block every later score.
    #[error("must not lie more than 60 seconds in the future")]
    TimestampAhead,
    /// Scores are ordered by nanoseconds since 1970.
    #[error("must not lie before 1970")]
    TimestampTooOld,
    /// AGS 96.
    #[error("must not be earlier than submission.startedAt")]
    SubmittedBeforeStarted,
    /// AGS 7: one of five spellings, exact case.
    #[error("must be Initialized, Started, InProgress, Submitted or Completed")]
    ActivityProgress,
    /// AGS 7: one of five spellings, exact case.
    #[error("must be FullyGraded, Pending, PendingManual, Failed or NotReady")]
    GradingProgress,
    /// Beyond 64 KiB.
    #[error("must have at most 65536 bytes")]
    CommentTooLong,
}

impl ScoreError {
    /// The member that breaks the rule.
    #[must_use]
    pub const fn member(self) -> &'static str {
        match self {
            Self::TimestampAhead | Self::TimestampTooOld => "timestamp",
            Self::SubmittedBeforeStarted => "submission.submittedAt",
            Self::ActivityProgress => "activityProgress",
            Self::GradingProgress => "gradingProgress",
            Self::CommentTooLong => "comment",
        }
    }
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident, $error:ident { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// The word as AGS spells it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }
        }

        impl FromStr for $name {
            type Err = ScoreError;

            fn from_str(text: &str) -> Result<Self, ScoreError> {
                match text {
                    $(stringify!($variant) => Ok(Self::$variant),)*
                    _ => Err(ScoreError::$error),
                }
            }
        }
    };
}

vocabulary! {
    /// How far the user has come (AGS 116).
    ActivityProgress, ActivityProgress {
        /// Not started, or reset.
        Initialized,
        /// Begun.
        Started,
        /// A draft, open for comment.
        InProgress,
        /// Handed in at least once; may be handed in again.
        Submitted,
        /// Done.
        Completed,
    }
}

vocabulary! {
    /// How far the grading has come (AGS 108).
    GradingProgress, GradingProgress {
        /// Final.
        FullyGraded,
        /// Not final yet; no person is needed.
        Pending,
        /// Not final; a person must act.
        PendingManual,
        /// Could not be graded.
        Failed,
        /// There is nothing to grade.
        NotReady,
    }
}

/// Points given, and the points that would have been full marks.
///
/// More than full marks is extra credit, legal and kept (AGS 89).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    /// `scoreGiven`. Zero is a grade (AGS 112).
    pub given: Decimal,
    /// `scoreMaximum` of the score, not of the line item.
    pub maximum: ScoreMaximum,
}

impl Score {
    /// When what was scored was handed in, as far as the tool says: else it was there when the score was made.
    #[must_use]
    pub fn handed_in(&self) -> Timestamp {
        self.submission.submitted_at().unwrap_or_else(|| self.time.timestamp())
    }
}

impl Points {
    /// The points on the scale of a line item (AGS 111).
    #[must_use]
    pub fn on_scale_of(&self, line_item: &ScoreMaximum) -> Decimal {
        self.given.scale(&self.maximum, line_item)
    }
}

/// A comment for the learner: plain text, 1 byte to 64 KiB of UTF-8 (AGS 93).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment(String);

impl Comment {
    /// The comment; `None` where it is blank, which clears the one on record (AGS 113).
    ///
    /// # Errors
    /// [`ScoreError::CommentTooLong`] beyond 64 KiB; nothing is ever cut off.
    pub fn parse(text: String) -> Result<Option<Self>, ScoreError> {
        if text.len() > COMMENT_MAX {
            return Err(ScoreError::CommentTooLong);
        }
        Ok((!text.trim().is_empty()).then_some(Self(text)))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// When a score was made: from 1970 on, not ahead of the clock, ordered to the nanosecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScoreTime {
    nanos: i64,
    timestamp: Timestamp,
}

impl ScoreTime {
    /// The `timestamp` of a score that arrives at `now`.
    ///
    /// # Errors
    /// [`ScoreError::TimestampAhead`] more than 60 seconds ahead, [`ScoreError::TimestampTooOld`] before 1970.
    pub fn new(timestamp: Timestamp, now: Timestamp) -> Result<Self, ScoreError> {
        let nanos = timestamp.unix_nanos();
        if nanos > now.unix_nanos() + CLOCK_AHEAD {
            return Err(ScoreError::TimestampAhead);
        }
        if nanos < 0 {
            return Err(ScoreError::TimestampTooOld);
        }
        let nanos = i64::try_from(nanos).map_err(|_| ScoreError::TimestampAhead)?;
        Ok(Self { nanos, timestamp })
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z, never negative: what is compared and stored.
    #[must_use]
    pub const fn unix_nanos(self) -> i64 {
        self.nanos
    }

    /// The instant.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.timestamp
    }
}

impl fmt::Display for ScoreTime {
    /// Nineteen digits, so that the order of the texts is the order of the times.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:019}", self.nanos)
    }
}

/// The times of a submission, where the tool sent them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Submission {
    started_at: Option<Timestamp>,
    submitted_at: Option<Timestamp>,
}

impl Submission {
    /// The two times, either of which may be missing.
    ///
    /// # Errors
    /// [`ScoreError::SubmittedBeforeStarted`] (AGS 96).
    pub fn new(started_at: Option<Timestamp>, submitted_at: Option<Timestamp>) -> Result<Self, ScoreError> {
        match (started_at, submitted_at) {
            (Some(started), Some(submitted)) if submitted < started => {
                Err(ScoreError::SubmittedBeforeStarted)
            }
            _ => Ok(Self { started_at, submitted_at }),
        }
    }

    /// `submission.startedAt`.
    #[must_use]
    pub const fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// `submission.submittedAt`.
    #[must_use]
    pub const fn submitted_at(&self) -> Option<Timestamp> {
        self.submitted_at
    }
}

/// A score; it can only be made of parts that obey every rule of a single score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Whose score it is.
    pub user: UserId,
    /// When the tool made it.
    pub time: ScoreTime,
    /// How far the user has come.
    pub activity: ActivityProgress,
    /// How far the grading has come.
    pub grading: GradingProgress,
    /// The points; `None` clears what the tool sent before (AGS 106).
    pub points: Option<Points>,
    /// The comment; `None` clears the tool's (AGS 113).
    pub comment: Option<Comment>,
    /// Who graded; `None` for a machine (AGS 92).
    pub scoring_user: Option<UserId>,
    /// Submission times that the tool sent.
    pub submission: Submission,
}

/// What became of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreOutcome {
    /// It is the latest on record now.
    Recorded,
    /// The same score was the latest on record already: a retry.
    Replayed,
    /// A later one is on record; nothing changed (AGS 99).
    Stale,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_timestamp_may_run_60_seconds_ahead_and_no_more_ags_95() {
        let now = at("2026-11-21T10:00:00Z");
        assert!(ScoreTime::new(at("2026-11-21T10:01:00Z"), now).is_ok());
        let ahead = ScoreTime::new(at("2026-11-21T10:01:00.000000001Z"), now);
        assert_eq!(ahead, Err(ScoreError::TimestampAhead));
        assert_eq!(ScoreTime::new(at("1969-12-31T23:59:59Z"), now), Err(ScoreError::TimestampTooOld));
        assert_eq!(
            ScoreTime::new(at("1970-01-01T00:00:00.5Z"), now).unwrap().to_string(),
            "0000000000500000000"
        );
    }

    #[test]
    fn a_submission_does_not_end_before_it_starts_ags_96() {
        let (early, late) = (Some(at("2026-11-21T10:00:00Z")), Some(at("2026-11-21T11:00:00Z")));
        assert!(Submission::new(early, late).is_ok());
        assert!(Submission::new(early, early).is_ok());
        assert!(Submission::new(None, early).is_ok());
        assert_eq!(Submission::new(late, early), Err(ScoreError::SubmittedBeforeStarted));
    }

    #[test]
    fn progress_words_are_matched_in_exact_case_ags_7() {
        assert_eq!("InProgress".parse(), Ok(ActivityProgress::InProgress));
        assert_eq!("inprogress".parse::<ActivityProgress>(), Err(ScoreError::ActivityProgress));
        assert_eq!("PendingManual".parse(), Ok(GradingProgress::PendingManual));
        assert_eq!("pendingManual".parse::<GradingProgress>(), Err(ScoreError::GradingProgress));
    }

    #[test]
    fn a_blank_comment_is_none_and_a_long_one_is_never_cut_ags_113() {
        assert_eq!(Comment::parse("  \n".to_owned()), Ok(None));
        assert!(Comment::parse("x".repeat(65_536)).unwrap().is_some());
        assert_eq!(Comment::parse("x".repeat(65_537)), Err(ScoreError::CommentTooLong));
    }
}
