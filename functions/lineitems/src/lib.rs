//! Line items.
//!
//! | route | scope |
//! |---|---|
//! | `GET /contexts/{context}/lineitems` | `lineitem` or `lineitem.readonly` |
//! | `POST /contexts/{context}/lineitems` | `lineitem` |
//! | `GET /contexts/{context}/lineitems/{item}` | `lineitem` or `lineitem.readonly` |
//! | `PUT`, `DELETE /contexts/{context}/lineitems/{item}` | `lineitem` |

mod handlers;
pub mod wire;

use ags_shared::services::Services;
use axum::Router;
use axum::routing::get;

/// The routes above.
pub fn router(services: Services) -> Router {
    let container = get(handlers::list).post(handlers::create);
    let item = get(handlers::fetch).put(handlers::replace).delete(handlers::delete);
    Router::new()
        .route("/contexts/{context}/lineitems", container)
        .route("/contexts/{context}/lineitems/{item}", item)
        .with_state(services)
}
