//! The places of tools in courses.

use ags_shared::domain::{ClientId, Invalid, Members, Placement, Registration, Role};
use ags_shared::http::{JSON, JsonBody, Lms, Problem, ReadPlatform, WritePlatform, json};
use ags_shared::services::Services;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::place::ToolPlace;

/// A placement as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    tool: &'a str,
    deployment: &'a str,
}

fn send(client: &ClientId, placement: &Placement) -> Result<Response, Problem> {
    let sent = Sent { tool: client.as_str(), deployment: placement.deployment.as_str() };
    json(StatusCode::OK, JSON, &sent)
}

/// The tool `client`; an LMS is none.
///
/// # Errors
/// 404 or 503.
pub(crate) async fn tool(services: &Services, client: &ClientId) -> Result<Registration, Problem> {
    let found = services.store.tool_fetch(client).await?.map(|(registration, _)| registration);
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
