//! A grade: what is on record for one user and one line item (never called `Result`: that word is Rust's).

use super::{Decimal, Points, ScoreMaximum, UserId};

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
    /// The points that an instructor has given instead.
    pub override_points: Option<Points>,
    /// The comment of the last score (AGS 113).
    pub comment: Option<String>,
    /// Who graded, if a person did (AGS 92).
    pub scoring_user: Option<UserId>,
}

impl Grade {
    /// The points that count: the instructor's, else the tool's.
    fn points(&self) -> Option<&Points> {
        self.override_points.as_ref().or(self.final_points.as_ref())
    }

    /// Whether there is a result to show (AGS 121).
    #[must_use]
    pub fn has_result(&self) -> bool {
        self.points().is_some()
    }

    /// `resultScore` on a line item whose maximum is `line_item` now.
    ///
    /// Scaled when it is read, so that a changed maximum rescales every result without a rewrite (AGS 66, 111).
    #[must_use]
    pub fn result_score(&self, line_item: &ScoreMaximum) -> Option<Decimal> {
        self.points().map(|points| points.on_scale_of(line_item))
    }
}
