//! The end of line items that were deleted too long ago to be restored.

use ags_shared::http::{JSON, Lms, Problem, WritePlatform, json};
use ags_shared::services::Services;
use ags_shared::store::Purge;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

/// What a call removed, as it is sent.
#[derive(Serialize)]
struct Sent {
    removed: Removed,
    done: bool,
}

#[derive(Serialize)]
struct Removed {
    line_items: usize,
    results: usize,
    history: usize,
}

impl From<Purge> for Sent {
    fn from(purge: Purge) -> Self {
        let Purge { line_items, results, history, done } = purge;
        Self { removed: Removed { line_items, results, history }, done }
    }
}

/// `POST /platform/purges`: sent again until it is `done`.
pub(crate) async fn post(
    State(services): State<Services>,
    _: Lms<WritePlatform>,
) -> Result<Response, Problem> {
    let purge = services.store.deleted_purge(services.now()).await?;
    json(StatusCode::OK, JSON, &Sent::from(purge))
}
