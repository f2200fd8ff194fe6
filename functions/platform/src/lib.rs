//! The LMS's side: what it says about courses, links and tools, and what it reads back.
//!
//! Each route needs a token of an LMS: to read, the scope `{base}/scope/platform.readonly` or `{base}/scope/platform`; to change
//! something, the latter. The operator's program sends the same requests to the same router in its own process.
//!
//! `{context}`, `{client}`, `{link}` and `{user}` are the LMS's own ids, percent-encoded; `{item}` is the last part of a
//! line item's URL.
//!
//! | route | |
//! |---|---|
//! | `GET`, `PUT /platform/contexts/{context}` | a course |
//! | `GET`, `PUT`, `DELETE /platform/contexts/{context}/tools/{client}` | the place of a tool in it |

mod contexts;
mod cursor;
mod place;
mod placements;

use ags_shared::services::Services;
use axum::Router;
use axum::routing::get;

/// The routes above.
pub fn router(services: Services) -> Router {
    Router::new()
        .route("/platform/contexts/{context}", get(contexts::fetch).put(contexts::put))
        .route(
            "/platform/contexts/{context}/tools/{client}",
            get(placements::fetch).put(placements::put).delete(placements::delete),
        )
        .with_state(services)
}
