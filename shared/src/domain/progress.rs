//! The progress that an LMS reports for a learning object of its own, told as a score.
//!
//! | status | `activityProgress` | `gradingProgress` | points |
//! |---|---|---|---|
//! | `not_attempted` | `Initialized` | `NotReady` | none: a reset, which clears what was on record (AGS 117), unless the link keeps it |
//! | `in_progress` | `InProgress` | `Pending` | the percentage, not final (AGS 109); without one final points stay as they are |
//! | `completed` | `Completed` | `FullyGraded` | the percentage, final |
//! | `failed` | `Completed` | `FullyGraded` | the percentage, final |
//!
//! `failed` is a learner who failed, with a grade to show for it; `gradingProgress` `Failed` would say that the grading
//! failed (AGS 108). Who has come to the end needs a percentage: without one, either a grade would have to be made up, or
//! an earlier one would have to stand as that of this attempt.

use std::str::FromStr;

use super::{ActivityProgress, Decimal, GradingProgress, Points, ScoreMaximum};

/// Why a progress is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProgressError {
    /// None of the words that it may be.
    #[error("must be not_attempted, in_progress, completed or failed")]
    Status,
    /// More than everything.
    #[error("must be from 0 to 100")]
    TooMuch,
    /// At the end, and no word on how it went.
    #[error("is required with completed and failed")]
    Missing,
    /// Points for nothing.
    #[error("must not be above 0 with not_attempted")]
    Unearned,
}

/// The usual states of learning progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressStatus {
    /// Not begun, or reset.
    NotAttempted,
    /// Begun.
    InProgress,
    /// Come to the end.
    Completed,
    /// Come to the end without success.
    Failed,
}

impl FromStr for ProgressStatus {
    type Err = ProgressError;

    fn from_str(text: &str) -> Result<Self, ProgressError> {
        match text {
            "not_attempted" => Ok(Self::NotAttempted),
            "in_progress" => Ok(Self::InProgress),
            "completed" => Ok(Self::Completed),
            "failed" => Ok(Self::Failed),
            _ => Err(ProgressError::Status),
        }
    }
}

/// What a score says of a progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How far the user has come.
    pub activity: ActivityProgress,
    /// How far the grading has come.
    pub grading: GradingProgress,
    /// The points, of a hundred.
    pub points: Option<Points>,
    /// Whether it leaves final points on record as they are, whatever the link does with a score without points.
    pub keeps_points: bool,
}

impl Progress {
    /// Tells a status, and how much of everything has been earned, as a score does: see the table above.
    ///
    /// # Errors
    /// [`ProgressError`] about the percentage.
    pub fn new(status: ProgressStatus, percentage: Option<Decimal>) -> Result<Self, ProgressError> {
        use ProgressStatus::{Completed, Failed, InProgress, NotAttempted};
        let points = percentage.map(of_a_hundred).transpose()?;
        let (activity, grading) = match status {
            NotAttempted => (ActivityProgress::Initialized, GradingProgress::NotReady),
            InProgress => (ActivityProgress::InProgress, GradingProgress::Pending),
            Completed | Failed => (ActivityProgress::Completed, GradingProgress::FullyGraded),
        };
        let keeps_points = status == InProgress && points.is_none();
        let points = match (status, points) {
            (NotAttempted, Some(points)) if !points.given.is_zero() => return Err(ProgressError::Unearned),
            (NotAttempted, _) => None,
            (Completed | Failed, None) => return Err(ProgressError::Missing),
            (InProgress | Completed | Failed, points) => points,
        };
        Ok(Self { activity, grading, points, keeps_points })
    }
}

fn of_a_hundred(percentage: Decimal) -> Result<Points, ProgressError> {
    let maximum = ScoreMaximum::hundred();
    if percentage > *maximum.as_decimal() {
        return Err(ProgressError::TooMuch);
    }
    Ok(Points { given: percentage, maximum })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: &str, percentage: Option<&str>) -> Result<Progress, ProgressError> {
        Progress::new(status.parse()?, percentage.map(|text| text.parse().unwrap()))
    }

    #[test]
    fn a_progress_is_told_as_a_score_ags_108_109_116_117() {
        use ActivityProgress::{Completed, InProgress, Initialized};
        use GradingProgress::{FullyGraded, NotReady, Pending};
        for (status, percentage, activity, grading, given, keeps_points) in [
            ("not_attempted", None, Initialized, NotReady, None, false),
            ("not_attempted", Some("0"), Initialized, NotReady, None, false),
            ("in_progress", None, InProgress, Pending, None, true),
            ("in_progress", Some("0"), InProgress, Pending, Some("0"), false),
            ("in_progress", Some("99.5"), InProgress, Pending, Some("99.5"), false),
            ("completed", Some("100"), Completed, FullyGraded, Some("100"), false),
            ("completed", Some("0"), Completed, FullyGraded, Some("0"), false),
            ("failed", Some("12.5"), Completed, FullyGraded, Some("12.5"), false),
        ] {
            let progress = told(status, percentage).unwrap();
            assert_eq!((progress.activity, progress.grading), (activity, grading), "{status}");
            assert_eq!(progress.keeps_points, keeps_points, "{status} {percentage:?}");
            let points =
                progress.points.map(|Points { given, maximum }| (given.to_string(), maximum.to_string()));
            assert_eq!(points, given.map(|given| (given.to_owned(), "100".to_owned())), "{status}");
        }
    }

    #[test]
    fn no_grade_is_made_up_for_who_came_to_the_end() {
        assert_eq!(told("completed", None), Err(ProgressError::Missing));
        assert_eq!(told("failed", None), Err(ProgressError::Missing));
        assert_eq!(told("not_attempted", Some("0.1")), Err(ProgressError::Unearned));
        assert_eq!(told("completed", Some("100.01")), Err(ProgressError::TooMuch));
        assert_eq!(told("Completed", Some("1")), Err(ProgressError::Status));
    }
}
