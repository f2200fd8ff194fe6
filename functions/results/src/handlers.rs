//! The handlers.

use ags_shared::domain::{Grade, ResultCursor, UserId};
use ags_shared::http::{
    Authorized, LineItemPath, Problem, Query, RESULT, RESULT_CONTAINER, ReadResults, ResultPath, json, page,
};
use ags_shared::services::Services;
use ags_shared::store::Page;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::wire::Sent;

/// `GET …/lineitems/{item}/results`.
pub(crate) async fn list(
    State(services): State<Services>,
    caller: Authorized<ReadResults>,
    LineItemPath { context, item: id }: LineItemPath,
    query: Query,
) -> Result<Response, Problem> {
    let (limit, user, after) = match query.value("cursor")? {
        // A next link carries everything; a filter that a client adds to it changes nothing (AGS 81).
        Some(cursor) => {
            let cursor = ResultCursor::decode(cursor).map_err(|error| Problem::parameter("cursor", error))?;
            (cursor.limit, None, Some(cursor.after))
        }
        None => (query.limit()?, query.value("user_id")?.map(str::parse::<UserId>), None),
    };
    let (item, found) = match user {
        Some(Ok(user)) => {
            let (item, grade) = caller.grade(&services, &context, id, &user).await?;
            (item, Page::of(grade.filter(Grade::has_result)))
        }
        // A user that nobody can be is an empty list, like one whom nobody knows (AGS 77).
        Some(Err(_)) => (caller.line_item(&services, &context, id).await?, Page::of(None)),
        None => {
            let item = caller.line_item(&services, &context, id).await?;
            (item, services.store.result_list(id, after.as_ref(), limit.get()).await?)
        }
    };
    let next = |last: &Grade| {
        let cursor = ResultCursor { limit, after: last.user.clone() };
        format!("{}?cursor={}", services.links.results(&context, id), cursor.encode())
    };
    page(RESULT_CONTAINER, &found, |grade| Sent::new(&services.links, &context, &item, grade), next)
}

/// `GET …/lineitems/{item}/results/{user}`: 404 for a user of whom nothing is on record.
pub(crate) async fn fetch(
    State(services): State<Services>,
    caller: Authorized<ReadResults>,
    ResultPath { context, item, user }: ResultPath,
) -> Result<Response, Problem> {
    let (item, grade) = caller.grade(&services, &context, item, &user).await?;
    let grade = grade.ok_or_else(Problem::not_found)?;
    json(StatusCode::OK, RESULT, &Sent::new(&services.links, &context, &item, &grade))
}
