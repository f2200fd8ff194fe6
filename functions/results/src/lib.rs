//! Results.
//!
//! | route | scope |
//! |---|---|
//! | `GET /contexts/{context}/lineitems/{item}/results` | `result.readonly` |
//! | `GET /contexts/{context}/lineitems/{item}/results/{user}` | `result.readonly` |

mod handlers;
mod wire;

use ags_shared::services::Services;
use axum::Router;
use axum::routing::get;

/// The routes above.
pub fn router(services: Services) -> Router {
    Router::new()
        .route("/contexts/{context}/lineitems/{item}/results", get(handlers::list))
        .route("/contexts/{context}/lineitems/{item}/results/{user}", get(handlers::fetch))
        .with_state(services)
}
