//! What is on record about a person, and its removal.
//!
//! The index brings the results of a user, and by each of them its history is found. What is on record is the learner's
//! only: who graded, or decided, is named in the learner's record and belongs to it.

mod erasure;
mod export;

pub use erasure::{Erased, Erasure};
pub use export::{Export, Held, Position, Record};

use super::keys::{GSI1_PK, GSI1_SK, PK, SK};
use super::results::attribute::{DECIDED_AT, RECEIVED_AT};

/// When a row was last written: by a score, and by a decision.
const WRITTEN: [&str; 2] = [RECEIVED_AT, DECIDED_AT];

/// Where a row is.
const PLACE: [&str; 4] = [PK, SK, GSI1_PK, GSI1_SK];

/// What of a row is on record: all but where it is, and when it was written.
fn on_record(row: &super::Item) -> impl Iterator<Item = &String> {
    row.keys().filter(|name| !WRITTEN.contains(&name.as_str()) && !PLACE.contains(&name.as_str()))
}
