//! Results: one row for each user and line item, written by scores and, apart from them, by instructors.

use serde::Deserialize;

use super::expression::Changes;
use super::keys::{self, Key, PK};
use super::list::{Listing, Page};
use super::{Item, LineItemRef, Store, StoreError, from_item};
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
    pub(in crate::store) const OVERRIDE_GIVEN: &str = "override_given";
    pub(in crate::store) const OVERRIDE_MAXIMUM: &str = "override_maximum";
    pub(in crate::store) const COMMENT: &str = "comment";
    pub(in crate::store) const SCORING_USER: &str = "scoring_user";
    pub(in crate::store) const STARTED_AT: &str = "started_at";
    pub(in crate::store) const SUBMITTED_AT: &str = "submitted_at";
}

#[derive(Deserialize)]
struct GradeItem {
    final_given: Option<String>,
    final_maximum: Option<String>,
    override_given: Option<String>,
    override_maximum: Option<String>,
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
        override_points: points(stored.override_given, stored.override_maximum)?,
        comment: stored.comment,
        scoring_user: stored
            .scoring_user
            .map(TryInto::try_into)
            .transpose()
            .map_err(StoreError::unreadable(key))?,
    })
}

/// Whether anything is on record: a row whose only content was an instructor's decision stays when that is taken back.
pub(super) fn is_on_record(item: &Item) -> bool {
    [attribute::SCORED_AT, attribute::OVERRIDE_GIVEN].iter().any(|name| item.contains_key(*name))
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

    /// Puts an instructor's points before whatever the tool has sent or will send; the user need not have a score yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn override_put(
        &self,
        item: &LineItemRef<'_>,
        user: &UserId,
        points: &Points,
    ) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        changes.set_text(attribute::OVERRIDE_GIVEN, points.given.to_string());
        changes.set_text(attribute::OVERRIDE_MAXIMUM, points.maximum.to_string());
        for (name, value) in keys::index_of_results(item, user) {
            changes.set_text(name, value);
        }
        self.update(Key::result(item.id, user), changes, None).await?;
        Ok(())
    }

    /// Takes an instructor's points back: the tool's count again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn override_delete(&self, item: LineItemId, user: &UserId) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        changes.remove(attribute::OVERRIDE_GIVEN);
        changes.remove(attribute::OVERRIDE_MAXIMUM);
        changes.name(PK);
        // An update of nothing would leave an empty row.
        self.update(Key::result(item, user), changes, Some("attribute_exists(#pk)")).await?;
        Ok(())
    }
}
