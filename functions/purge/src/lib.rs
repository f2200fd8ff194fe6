//! The end of line items that were deleted more than 30 days ago, once a day.
//!
//! A timer starts it; it serves no route. What `POST /platform/purges` does when an LMS asks for it, this does until nothing is
//! left, or its time is up: then it goes on with the next event. It may run beside itself and be broken off at any point.
//!
//! Each run leaves one line in the log: its `outcome`, `purged` or `failed`, how much it removed, and whether it is `done`.

use std::time::{Duration, Instant};

use ags_shared::domain::Timestamp;
use ags_shared::store::{Purge, Store, StoreError};

/// Removes line items that could not be restored any more at `now`, with all that is on record for them, part by part. A part
/// is begun within `time`; the first one in any case.
///
/// # Errors
/// [`StoreError`]; what was removed until then is gone, and the next run goes on.
pub async fn purge(store: &Store, now: Timestamp, time: Duration) -> Result<(), StoreError> {
    let started = Instant::now();
    let mut removed = Purge::default();
    let ended = loop {
        match store.deleted_purge(now).await {
            Ok(part) => removed += part,
            Err(error) => break Err(error),
        }
        if removed.done || started.elapsed() >= time {
            break Ok(());
        }
    };
    let Purge { line_items, results, history, done } = removed;
    match &ended {
        Ok(()) => tracing::info!(outcome = "purged", line_items, results, history, done, "purge"),
        Err(error) => {
            let cause = error.to_string();
            tracing::error!(outcome = "failed", line_items, results, history, done, cause, "purge failed");
        }
    }
    ended
}
