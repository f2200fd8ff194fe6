//! Scores.
//!
//! | route | scope |
//! |---|---|
//! | `POST /contexts/{context}/lineitems/{item}/scores` | `score` |

mod handlers;
pub mod wire;

use ags_shared::services::Services;
use axum::Router;
use axum::routing::post;

/// The route above.
pub fn router(services: Services) -> Router {
    Router::new()
        .route("/contexts/{context}/lineitems/{item}/scores", post(handlers::record))
        .with_state(services)
}
