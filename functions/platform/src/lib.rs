//! The LMS's side: what it says about courses, links and tools, and what it reads back.
//!
//! Each route needs a token of an LMS: to read, the scope `{base}/scope/platform.readonly` or `{base}/scope/platform`; to change
//! something, the latter. The operator's program sends the same requests to the same router in its own process.
//!
//! `{context}`, `{client}`, `{link}` and `{user}` are the LMS's own ids, escaped as [`segment`](ags_shared::domain::segment)
//! says; `{item}` is the last part of a line item's URL.
//!
//! | route | |
//! |---|---|
//! | `GET`, `PUT /platform/contexts/{context}` | a course |
//! | `GET`, `PUT`, `DELETE /platform/contexts/{context}/tools/{client}` | the place of a tool in it |
//! | `GET /platform/contexts/{context}/tools` | the tools that have, or had, a place in it |
//! | `GET …/tools/{client}/claim` | the claim of a message without a link, such as deep linking |
//! | `GET …/tools/{client}/links` | the links of a tool in a course |
//! | `GET`, `PUT`, `DELETE …/tools/{client}/links/{link}` | a link and its settings |
//! | `GET …/tools/{client}/links/{link}/claim` | the claim of its launches |
//! | `GET /platform/tools` | the tools |
//! | `GET`, `PUT`, `PATCH /platform/tools/{client}` | the registration of a tool |
//! | `GET /platform/contexts/{context}/grades` | all grades of a course, or a user's, or what has changed |
//! | `GET …/tools/{client}/links/{link}/grades` | the same of a link |
//! | `PUT …/tools/{client}/links/{link}/progress/{user}` | how far a user has come with a link of the LMS's own |
//! | `GET …/tools/{client}/lineitems` | the line items of a tool, also the deleted ones |
//! | `POST …/tools/{client}/lineitems/{item}/restore` | a deleted line item is back |
//! | `GET …/tools/{client}/lineitems/{item}/grades` | all grades of a line item |
//! | `GET …/tools/{client}/lineitems/{item}/grades/{user}` | a grade |
//! | `GET …/grades/{user}/history` | how it came about |
//! | `PUT`, `DELETE …/grades/{user}/override` | an instructor's points |
//! | `PUT`, `DELETE …/grades/{user}/comment` | an instructor's comment |
//! | `POST /platform/contexts/{context}/copies` | a copy of a course |
//! | `GET`, `DELETE /platform/users/{user}` | everything on record about a person |
//! | `POST /platform/purges` | the end of what was deleted long ago |

mod claim;
mod contexts;
mod copies;
mod cursor;
mod decisions;
mod grades;
mod history;
mod line_items;
mod links;
mod lms;
mod operator;
mod persons;
mod place;
mod placements;
mod progress;
mod purges;
mod settings;
mod tools;
mod walk;

use std::time::Duration;

use ags_shared::config::KeyFetchConfig;
use ags_shared::http::in_time;
use ags_shared::services::Services;
use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post, put};

pub use operator::operators_router;

/// What this function has.
#[derive(Clone)]
struct Platform {
    services: Services,
    /// Where the key sets of tools may be fetched: one that never could be is not registered.
    key_fetch: KeyFetchConfig,
}

impl FromRef<Platform> for Services {
    fn from_ref(platform: &Platform) -> Self {
        platform.services.clone()
    }
}

impl FromRef<Platform> for KeyFetchConfig {
    fn from_ref(platform: &Platform) -> Self {
        platform.key_fetch.clone()
    }
}

/// How long a request may take. The calls of some of them, each within its own bounds, could take longer together than the
/// 30 seconds after which API Gateway gives a function up.
const DEADLINE: Duration = Duration::from_secs(24);
const _: () = assert!(DEADLINE.as_secs() < 30);

/// The routes above.
pub fn router(services: Services, key_fetch: KeyFetchConfig) -> Router {
    let tool = get(tools::fetch).put(tools::put).patch(tools::patch);
    let placement = get(placements::fetch).put(placements::put).delete(placements::delete);
    let link = get(links::fetch).put(links::put).delete(links::delete);
    let (restore, grade, history) = (post(line_items::restore), get(grades::fetch), get(history::list));
    let points = put(decisions::override_put).delete(decisions::override_delete);
    let comment = put(decisions::comment_put).delete(decisions::comment_delete);
    let router = Router::new()
        .route("/platform/tools", get(tools::list))
        .route("/platform/tools/{client}", tool)
        .route("/platform/contexts/{context}", get(contexts::fetch).put(contexts::put))
        .route("/platform/contexts/{context}/tools", get(placements::list))
        .route("/platform/contexts/{context}/tools/{client}", placement)
        .route("/platform/contexts/{context}/tools/{client}/claim", get(claim::of_context))
        .route("/platform/contexts/{context}/tools/{client}/links", get(links::list))
        .route("/platform/contexts/{context}/tools/{client}/links/{link}", link)
        .route("/platform/contexts/{context}/tools/{client}/links/{link}/claim", get(claim::of_link))
        .route("/platform/contexts/{context}/grades", get(walk::of_context))
        .route("/platform/contexts/{context}/tools/{client}/links/{link}/grades", get(walk::of_link))
        .route("/platform/contexts/{context}/tools/{client}/links/{link}/progress/{user}", put(progress::put))
        .route("/platform/contexts/{context}/tools/{client}/lineitems", get(line_items::list))
        .route("/platform/contexts/{context}/tools/{client}/lineitems/{item}/restore", restore)
        .route("/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades", get(walk::of_line_item))
        .route("/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}", grade)
        .route("/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}/history", history)
        .route("/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}/override", points)
        .route("/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}/comment", comment)
        .route("/platform/contexts/{context}/copies", post(copies::post))
        .route("/platform/users/{user}", get(persons::export).delete(persons::erase))
        .route("/platform/purges", post(purges::post))
        .with_state(Platform { services, key_fetch });
    in_time(router, DEADLINE)
}
