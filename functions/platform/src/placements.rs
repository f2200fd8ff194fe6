//! The places of tools in courses.

use ags_shared::domain::{ClientId, ContextId, Invalid, Members, Placement, Registration, Role};
use ags_shared::http::{
    JSON, JsonBody, Lms, Problem, Query, ReadPlatform, Rest, WritePlatform, json, listing,
};
use ags_shared::services::Services;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::cursor;
use crate::place::{CoursePlace, ToolPlace};

/// A placement as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    tool: &'a str,
    /// Not there where the tool was taken out.
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment: Option<&'a str>,
}

impl<'a> Sent<'a> {
    fn new(client: &'a ClientId, placement: Option<&'a Placement>) -> Self {
        let deployment = placement.map(|placement| placement.deployment.as_str());
        Self { tool: client.as_str(), deployment }
    }
}

fn send(client: &ClientId, placement: &Placement) -> Result<Response, Problem> {
    json(StatusCode::OK, JSON, &Sent::new(client, Some(placement)))
}

/// The tool `client`; an LMS is none.
///
/// # Errors
/// 404 or 503.
pub(crate) async fn tool(services: &Services, client: &ClientId) -> Result<Registration, Problem> {
    only_tool(services.store.tool_fetch(client).await?.map(|(registration, _)| registration))
}

/// The client that was found, if it is a tool.
///
/// # Errors
/// 404.
pub(crate) fn only_tool(found: Option<Registration>) -> Result<Registration, Problem> {
    found.filter(|client| client.role == Role::Tool).ok_or_else(|| Problem::missing("tool"))
}

/// `PUT /platform/contexts/{context}/tools/{client}`: the tool finds the context from its next request on.
pub(crate) async fn put(
    State(services): State<Services>,
    _: Lms<WritePlatform>,
    ToolPlace { context, client }: ToolPlace,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let members = Members::parse(&body)?;
    let placement = Placement { deployment: members.required_text("deployment")? };
    if !tool(&services, &client).await?.deployments.contains(&placement.deployment) {
        return Err(Invalid::member("deployment", "must be one of the tool's").into());
    }
    if services.store.context_fetch(&context).await?.is_none() {
        return Err(Problem::missing("context"));
    }
    services.store.placement_put(&context, &client, &placement).await?;
    send(&client, &placement)
}

/// `GET /platform/contexts/{context}/tools`: also those that were taken out, whose grades are still there.
pub(crate) async fn list(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    CoursePlace { course }: CoursePlace,
    query: Query,
) -> Result<Response, Problem> {
    let context = ContextId::of(&course);
    let (limit, after) = (cursor::limit(&query)?, cursor::after(&query)?);
    if services.store.context_fetch(&context).await?.is_none() {
        return Err(Problem::missing("context"));
    }
    let guests = services.store.guest_list(&context, after.as_ref(), limit).await?;
    let placements = services.store.placements_fetch(&context, &guests.entries).await?;
    let url = services.links.platform(&["contexts", course.as_str(), "tools"]);
    let next = |client: &ClientId| cursor::next(&url, limit, &client.as_str());
    let last = guests.entries.last().filter(|_| guests.more);
    let rest = last.map_or(Rest::Complete(None), |last| Rest::Next(next(last)));
    let entries: Vec<_> = guests.entries.iter().zip(&placements).collect();
    listing(
        &entries,
        |(client, placement)| Sent::new(client, placement.as_ref()),
        |(client, _)| next(client),
        rest,
    )
}

/// `GET /platform/contexts/{context}/tools/{client}`.
pub(crate) async fn fetch(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    ToolPlace { context, client }: ToolPlace,
) -> Result<Response, Problem> {
    let placement = services.store.placement_fetch(&context, &client).await?;
    send(&client, &placement.ok_or_else(|| Problem::missing("placement"))?)
}

/// `DELETE /platform/contexts/{context}/tools/{client}`: what the tool has there stays, out of its reach from its next
/// request on.
pub(crate) async fn delete(
    State(services): State<Services>,
    _: Lms<WritePlatform>,
    ToolPlace { context, client }: ToolPlace,
) -> Result<Response, Problem> {
    services.store.placement_delete(&context, &client).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
