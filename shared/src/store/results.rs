//! Results: one row for each user and line item, written by scores.

use serde::Deserialize;

use super::keys::{self, Key};
use super::list::{Listing, Page};
use super::{Item, Store, StoreError, from_item};
use crate::domain::{Grade, LineItemId, Points, UserId};

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
    pub(in crate::store) const COMMENT: &str = "comment";
    pub(in crate::store) const SCORING_USER: &str = "scoring_user";
    pub(in crate::store) const STARTED_AT: &str = "started_at";
    pub(in crate::store) const SUBMITTED_AT: &str = "submitted_at";
}

#[derive(Deserialize)]
struct GradeItem {
    final_given: Option<String>,
    final_maximum: Option<String>,
    comment: Option<String>,
    scoring_user: Option<String>,
}

/// The grade that `item` holds.
pub(super) fn grade_from(key: &Key, item: Item) -> Result<Grade, StoreError> {
    let stored: GradeItem = from_item(key, item)?;
    let points = |given: Option<String>, maximum: Option<String>| match (given, maximum) {
        (Some(given), Some(maximum)) => Ok(Some(Points {
            given: given.parse().map_err(StoreError::unreadable(key))?,
            maximum: maximum.parse().map_err(StoreError::unreadable(key))?,
        })),
        (None, None) => Ok(None),
        _ => Err(StoreError::corrupt(key, "points without a maximum, or a maximum without points")),
    };
    let user = key.sk.strip_prefix(keys::result_prefix()).unwrap_or_default();
    Ok(Grade {
        user: keys::unescape(user).parse().map_err(StoreError::unreadable(key))?,
        final_points: points(stored.final_given, stored.final_maximum)?,
        comment: stored.comment,
        scoring_user: stored
            .scoring_user
            .map(TryInto::try_into)
            .transpose()
            .map_err(StoreError::unreadable(key))?,
    })
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
        let weight = |grade: &Grade| grade.comment.as_ref().map_or(0, String::len);
        self.list(
            listing,
            |key, row| grade_from(key, row).map(|grade| Some(grade).filter(Grade::has_result)),
            weight,
        )
        .await
    }
}
