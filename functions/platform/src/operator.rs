//! What the operator's program has beside the routes of the function: no function serves this.

use ags_shared::config::KeyFetchConfig;
use ags_shared::services::Services;
use axum::Router;
use axum::routing::get;

use crate::{Platform, lms, router};

/// The routes of [`router`], and those by which the operator's program registers an LMS: `GET /platform/lms` and `GET`, `PUT`,
/// `PATCH /platform/lms/{client}`.
pub fn operators_router(services: Services, key_fetch: KeyFetchConfig) -> Router {
    let lms = Router::new()
        .route("/platform/lms", get(lms::list))
        .route("/platform/lms/{client}", get(lms::fetch).put(lms::put).patch(lms::patch))
        .with_state(Platform { services: services.clone(), key_fetch: key_fetch.clone() });
    router(services, key_fetch).merge(lms)
}
