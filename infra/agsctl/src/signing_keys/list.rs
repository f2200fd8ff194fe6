//! The ring as it is shown.

use std::fmt::Write as _;

use ags_shared::auth::{KEPT, KeyRing, KeyState};
use ags_shared::domain::SigningKey;
use serde::Serialize;

use super::instant;

/// A key, and what it is good for.
#[derive(Serialize)]
pub(super) struct Row {
    kid: String,
    state: &'static str,
    /// Since when it is that.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// Until when it is that, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<String>,
}

/// Every key, in the order in which they sign.
pub(super) fn rows(ring: &KeyRing, now: i64) -> Vec<Row> {
    let row = |key: &SigningKey| {
        let (end, last) = (ring.superseded_at(key), ring.superseded_at(key).map(|end| end + KEPT));
        let (state, since, until) = match ring.state(key, now) {
            KeyState::Next => ("next", None, Some(key.signs_from)),
            KeyState::Signing => ("signing", Some(key.signs_from), end),
            KeyState::Published => ("published", end, last),
            KeyState::Retired => ("retired", last, None),
            KeyState::Revoked => ("revoked", key.revoked_at, None),
        };
        Row {
            kid: key.public.kid.clone(),
            state,
            // The first key of an earlier version has no time.
            since: since.filter(|second| *second > 0).map(instant),
            until: until.map(instant),
            private: key.public.private.clone(),
        }
    };
    ring.keys().iter().map(row).collect()
}

/// A table for people.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<43}  {:<9}  {:<20}  {:<20}  PRIVATE KEY", "KID", "STATE", "SINCE", "UNTIL");
    for row in rows {
        let (since, until) = (row.since.as_deref().unwrap_or("-"), row.until.as_deref().unwrap_or("-"));
        let private = row.private.as_deref().unwrap_or("in a file");
        _ = write!(text, "\n{:<43}  {:<9}  {since:<20}  {until:<20}  {private}", row.kid, row.state);
    }
    text
}
