//! Results: one row for each user and line item, written by scores and, apart from them, by instructors.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::keys::{self, Key};
use super::list::{Listing, Page};
use super::{Item, Store, StoreError, from_item};
use crate::domain::{Comment, Grade, InstructorComment, LineItemId, Override, Points, Timestamp, UserId};

/// The attributes of a result.
pub(super) mod attribute {
    pub(in crate::store) const SCORED_AT: &str = "scored_at";
    pub(in crate::store) const FINGERPRINT: &str = "fingerprint";
    pub(in crate::store) const RECEIVED_AT: &str = "received_at";
    pub(in crate::store) const ACTIVITY: &str = "activity";
    pub(in crate::store) const GRADING: &str = "grading";
    pub(in crate::store) const FINAL_GIVEN: &str = "final_given";
    pub(in crate::store) const FINAL_MAXIMUM: &str = "final_maximum";
    pub(in crate::store) const PROVISIONAL_GIVEN: &str = "provisional_given";
    pub(in crate::store) const PROVISIONAL_MAXIMUM: &str = "provisional_maximum";
    pub(in crate::store) const OVERRIDE_GIVEN: &str = "override_given";
    pub(in crate::store) const OVERRIDE_MAXIMUM: &str = "override_maximum";
    pub(in crate::store) const OVERRIDE_BY: &str = "override_by";
    pub(in crate::store) const OVERRIDE_REASON: &str = "override_reason";
    /// What tells the last decision about the points from another, and when it was made; also that of a removal.
    pub(in crate::store) const OVERRIDE_DECISION: &str = "override_decision";
    pub(in crate::store) const OVERRIDE_AT: &str = "override_at";
    pub(in crate::store) const INSTRUCTOR_COMMENT: &str = "instructor_comment";
    pub(in crate::store) const INSTRUCTOR_COMMENT_BY: &str = "instructor_comment_by";
    /// The same of the instructor's comment.
    pub(in crate::store) const INSTRUCTOR_COMMENT_DECISION: &str = "instructor_comment_decision";
    pub(in crate::store) const INSTRUCTOR_COMMENT_AT: &str = "instructor_comment_at";
    /// When an instructor decided anything last.
    pub(in crate::store) const DECIDED_AT: &str = "decided_at";
    pub(in crate::store) const COMMENT: &str = "comment";
    pub(in crate::store) const SCORING_USER: &str = "scoring_user";
    pub(in crate::store) const STARTED_AT: &str = "started_at";
    pub(in crate::store) const SUBMITTED_AT: &str = "submitted_at";
}

#[derive(Deserialize)]
struct GradeItem {
    scored_at: Option<i64>,
    received_at: Option<i64>,
    activity: Option<String>,
    grading: Option<String>,
    final_given: Option<String>,
    final_maximum: Option<String>,
    provisional_given: Option<String>,
    provisional_maximum: Option<String>,
    override_given: Option<String>,
    override_maximum: Option<String>,
    override_by: Option<String>,
    override_reason: Option<String>,
    override_at: Option<i64>,
    instructor_comment: Option<String>,
    instructor_comment_by: Option<String>,
    instructor_comment_at: Option<i64>,
    comment: Option<String>,
    scoring_user: Option<String>,
    started_at: Option<String>,
    submitted_at: Option<String>,
}

/// Reads the attributes of the row under a key.
struct Reader<'a>(&'a Key);

impl Reader<'_> {
    fn text<T: FromStr<Err: fmt::Display>>(&self, text: Option<String>) -> Result<Option<T>, StoreError> {
        text.map(|text| text.parse()).transpose().map_err(StoreError::unreadable(self.0))
    }

    fn instant(&self, nanos: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
        let instant = |nanos: i64| Timestamp::from_unix_nanos(nanos.into());
        nanos.map(instant).transpose().map_err(StoreError::unreadable(self.0))
    }

    fn points(&self, given: Option<String>, maximum: Option<String>) -> Result<Option<Points>, StoreError> {
        match (self.text(given)?, self.text(maximum)?) {
            (Some(given), Some(maximum)) => Ok(Some(Points { given, maximum })),
            (None, None) => Ok(None),
            _ => Err(StoreError::corrupt(self.0, "points without a maximum, or a maximum without points")),
        }
    }
}

/// The grade that `item` holds.
pub(super) fn grade_from(key: &Key, item: Item) -> Result<Grade, StoreError> {
    let stored: GradeItem = from_item(key, item)?;
    let read = Reader(key);
    let decided = match read.points(stored.override_given, stored.override_maximum)? {
        Some(points) => Some(Override {
            points,
            by: required(key, read.text(stored.override_by)?)?,
            reason: required(key, read.text(stored.override_reason)?)?,
            at: required(key, read.instant(stored.override_at)?)?,
        }),
        None => None,
    };
    let text = stored.instructor_comment.map(Comment::parse).transpose();
    let instructor_comment = match text.map_err(StoreError::unreadable(key))?.flatten() {
        Some(text) => Some(InstructorComment {
            text,
            by: required(key, read.text(stored.instructor_comment_by)?)?,
            at: required(key, read.instant(stored.instructor_comment_at)?)?,
        }),
        None => None,
    };
    Ok(Grade {
        user: keys::user_of(key)?,
        final_points: read.points(stored.final_given, stored.final_maximum)?,
        provisional_points: read.points(stored.provisional_given, stored.provisional_maximum)?,
        decided,
        comment: stored.comment,
        instructor_comment,
        scoring_user: read.text(stored.scoring_user)?,
        activity: read.text(stored.activity)?,
        grading: read.text(stored.grading)?,
        started_at: read.text(stored.started_at)?,
        submitted_at: read.text(stored.submitted_at)?,
        scored_at: read.instant(stored.scored_at)?,
        received_at: read.instant(stored.received_at)?,
    })
}

fn required<T>(key: &Key, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::corrupt(key, "a decision without who, why or when"))
}

/// About how many bytes of JSON a grade makes; never more than it does, so that no page ends too early.
pub(super) fn weight(grade: &Grade) -> usize {
    grade.result_comment().map_or(0, str::len)
}

impl Store {
    /// The grades on a line item that have a result (AGS 121), after that of the user `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn result_list(
        &self,
        item: LineItemId,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Page<Grade>, StoreError> {
        let listing = Listing {
            partition: keys::results(item),
            prefix: keys::result_prefix(),
            after: after.map(|user| Key::result(item, user)),
            limit,
            read: limit + 1,
        };
        self.list(
            listing,
            |key, row| grade_from(key, row).map(|grade| Some(grade).filter(Grade::has_result)),
            weight,
        )
        .await
    }
}
