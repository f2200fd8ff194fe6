//! A grade: what is on record for one user and one line item (never called `Result`: that word is Rust's).

use super::{
    ActivityProgress, Comment, Decimal, GradingProgress, Points, Reason, ScoreMaximum, Timestamp, UserId,
};

/// What is on record for one user and one line item.
///
/// Score and result are kept apart (AGS 105): the final value is that of the last score that was `FullyGraded`; a value
/// that is not final is on record too, but never part of a result (AGS 109); what an instructor has decided stands before
/// both, and nothing that the tool sends touches it (AGS 106).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// Whose grade it is.
    pub user: UserId,
    /// The tool's final points.
    pub final_points: Option<Points>,
    /// The tool's points that are not final.
    pub provisional_points: Option<Points>,
    /// What an instructor has given instead.
    pub decided: Option<Override>,
    /// The comment of the last score (AGS 113).
    pub comment: Option<String>,
    /// The instructor's own comment.
    pub instructor_comment: Option<InstructorComment>,
    /// Who graded, by the last score, if a person did (AGS 92).
    pub scoring_user: Option<UserId>,
    /// How far the user has come, by the last score.
    pub activity: Option<ActivityProgress>,
    /// How far the grading has come, by the last score.
    pub grading: Option<GradingProgress>,
    /// When the user began (AGS 114).
    pub started_at: Option<Timestamp>,
    /// When the user handed in (AGS 115).
    pub submitted_at: Option<Timestamp>,
    /// The timestamp of the last score; `None` where there was none.
    pub scored_at: Option<Timestamp>,
    /// When the last score came.
    pub received_at: Option<Timestamp>,
}

/// Points that an instructor has given, with who and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// How many.
    pub points: Points,
    /// Who gave them.
    pub by: UserId,
    /// Why.
    pub reason: Reason,
    /// When.
    pub at: Timestamp,
}

/// A comment that an instructor has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstructorComment {
    /// What it says.
    pub text: Comment,
    /// Who wrote it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

impl Grade {
    /// The points that count: the instructor's, else the tool's.
    fn points(&self) -> Option<&Points> {
        self.decided.as_ref().map(|decided| &decided.points).or(self.final_points.as_ref())
    }

    /// Whether there is a result with points (AGS 121).
    #[must_use]
    pub fn has_result(&self) -> bool {
        self.points().is_some()
    }

    /// Whether there is a result, with points or without: the tool has sent a score, or an instructor has given points. A
    /// comment alone is none.
    #[must_use]
    pub fn is_result(&self) -> bool {
        self.scored_at.is_some() || self.decided.is_some()
    }

    /// Whether anything is on record; not where all that was decided has been taken back.
    #[must_use]
    pub fn is_on_record(&self) -> bool {
        self.is_result() || self.instructor_comment.is_some()
    }

    /// `resultScore` on a line item whose maximum is `line_item` now.
    ///
    /// Scaled when it is read, so that a changed maximum rescales every result without a rewrite (AGS 66, 111).
    #[must_use]
    pub fn result_score(&self, line_item: &ScoreMaximum) -> Option<Decimal> {
        self.points().map(|points| points.on_scale_of(line_item))
    }

    /// `comment` of the result: the instructor's own, else the tool's (AGS 126).
    #[must_use]
    pub fn result_comment(&self) -> Option<&str> {
        let own = self.instructor_comment.as_ref().map(|comment| comment.text.as_str());
        own.or(self.comment.as_deref())
    }

    /// `scoringUserId` of the result: who gave the points that count (AGS 126).
    #[must_use]
    pub fn result_scoring_user(&self) -> Option<&UserId> {
        self.decided.as_ref().map(|decided| &decided.by).or(self.scoring_user.as_ref())
    }
}
