//! Registrations of tools. An LMS is registered by the operator's program alone; nothing here makes or shows one.

use std::collections::BTreeSet;

use ags_shared::auth::{jwks, jwks_from_pem, jwks_from_set};
use ags_shared::config::KeyFetchConfig;
use ags_shared::domain::{
    ClientId, DeploymentId, Invalid, JwksUrl, Label, Members, PublicKeys, Registration, RegistrationChange,
    Role, Scope, ScopeSet, Settings,
};
use ags_shared::http::{
    JSON, JsonBody, Lms, Problem, ProblemKind, Query, ReadPlatform, Rest, WritePlatform, json, listing,
};
use ags_shared::services::Services;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::place::ClientPlace;
use crate::placements::tool;
use crate::{cursor, settings};

/// The forms in which the public keys of a tool are registered.
const KEYS: [&str; 3] = ["jwks_url", "jwks", "public_key_pem"];

/// A registration as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    client_id: &'a str,
    name: &'a str,
    enabled: bool,
    scopes: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<&'a RawValue>,
    deployments: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'a str>,
    defaults: settings::Sent,
}

impl<'a> From<&'a Registration> for Sent<'a> {
    fn from(tool: &'a Registration) -> Self {
        let (jwks_url, jwks) = public_keys(tool);
        Self {
            client_id: tool.client.as_str(),
            name: &tool.name,
            enabled: tool.enabled,
            scopes: tool.scopes.iter().map(Scope::name).collect(),
            jwks_url,
            jwks,
            deployments: tool.deployments.iter().map(DeploymentId::as_str).collect(),
            contact: tool.contact.as_deref(),
            defaults: tool.defaults.into(),
        }
    }
}

/// `jwks_url` and `jwks`, one of which there is.
pub(crate) fn public_keys(client: &Registration) -> (Option<&str>, Option<&RawValue>) {
    match &client.keys {
        PublicKeys::Url(url) => (Some(url.as_str()), None),
        PublicKeys::Set(set) => (None, serde_json::from_str(set).ok()),
    }
}

/// Reads the members that are given. One that may be absent and is null is taken back.
fn parse(members: &Members<'_>, key_fetch: &KeyFetchConfig) -> Result<RegistrationChange, Invalid> {
    let contact = members.text::<Label>("contact")?;
    let defaults = members.object("defaults")?.map(|defaults| settings::parse(&defaults)).transpose()?;
    Ok(RegistrationChange {
        name: members.text("name")?,
        enabled: members.boolean("enabled")?,
        scopes: members.strings("scopes")?.map(|names| scopes(&names)).transpose()?,
        keys: keys(members, key_fetch)?,
        deployments: members.strings("deployments")?.map(deployments).transpose()?,
        contact: members.has("contact").then_some(contact),
        defaults: defaults.unwrap_or_default(),
    })
}

/// Scopes of AGS and no others, so that no tool ever gets a scope of an LMS.
fn scopes(names: &[String]) -> Result<ScopeSet, Invalid> {
    let scope = |name: &String| {
        let found = Scope::OF_TOOLS.into_iter().find(|scope| scope.name() == name);
        found.ok_or_else(|| Invalid::member("scopes", "must be a list of the scopes of AGS"))
    };
    names.iter().map(scope).collect()
}

fn deployments(ids: Vec<String>) -> Result<BTreeSet<DeploymentId>, Invalid> {
    if ids.is_empty() {
        return Err(Invalid::member("deployments", "must name at least one"));
    }
    let id =
        |id: String| id.try_into().map_err(|error| Invalid::member("deployments", format!("each {error}")));
    ids.into_iter().map(id).collect()
}

/// Where the public keys are, in one form at most.
pub(crate) fn keys(members: &Members<'_>, key_fetch: &KeyFetchConfig) -> Result<Option<PublicKeys>, Invalid> {
    if KEYS.iter().filter(|name| members.raw(name).is_some()).count() > 1 {
        return Err(one_form_of_keys());
    }
    if let Some(url) = members.text::<JwksUrl>("jwks_url")? {
        let checked = jwks::check(key_fetch, &url);
        checked.map_err(|error| Invalid::member("jwks_url", format!("must be fetched some day: {error}")))?;
        return Ok(Some(PublicKeys::Url(url)));
    }
    let set = match (members.raw("jwks"), members.string("public_key_pem")?) {
        (Some(jwks), _) => jwks_from_set(jwks).map_err(|error| Invalid::member("jwks", error))?,
        (None, Some(pem)) => jwks_from_pem(&pem).map_err(|error| Invalid::member("public_key_pem", error))?,
        (None, None) => return Ok(None),
    };
    Ok(Some(PublicKeys::Set(set)))
}

pub(crate) fn one_form_of_keys() -> Invalid {
    Invalid::member("jwks_url", "must be given, or jwks, or public_key_pem, and only one of the three")
}

/// The registration of a tool that is made of `change` alone.
fn registration(
    client: ClientId,
    change: RegistrationChange,
    members: &Members<'_>,
) -> Result<Registration, Invalid> {
    let text = |label: Label| label.as_str().to_owned();
    Ok(Registration {
        client,
        role: Role::Tool,
        name: change.name.map(text).ok_or_else(|| members.missing("name"))?,
        enabled: change.enabled.unwrap_or(true),
        scopes: change.scopes.unwrap_or_else(|| Role::Tool.scopes()),
        keys: change.keys.ok_or_else(one_form_of_keys)?,
        deployments: change.deployments.ok_or_else(|| members.missing("deployments"))?,
        contact: change.contact.flatten().map(text),
        defaults: Settings::default().with(change.defaults),
    })
}

/// `PUT /platform/tools/{client}`.
pub(crate) async fn put(
    State(services): State<Services>,
    State(key_fetch): State<KeyFetchConfig>,
    _: Lms<WritePlatform>,
    ClientPlace { client }: ClientPlace,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let members = Members::parse(&body)?;
    let tool = registration(client, parse(&members, &key_fetch)?, &members)?;
    if !services.store.client_put(&tool).await? {
        let detail = "This client id stands for an LMS, which only the operator's program registers.";
        return Err(Problem::new(ProblemKind::NotATool, detail));
    }
    json(StatusCode::OK, JSON, &Sent::from(&tool))
}

/// `PATCH /platform/tools/{client}`: what is given changes, and nothing else, whoever changes that at the same time.
pub(crate) async fn patch(
    State(services): State<Services>,
    State(key_fetch): State<KeyFetchConfig>,
    _: Lms<WritePlatform>,
    ClientPlace { client }: ClientPlace,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let change = parse(&Members::parse(&body)?, &key_fetch)?;
    if !services.store.client_change(Role::Tool, &client, &change).await? {
        return Err(Problem::missing("tool"));
    }
    json(StatusCode::OK, JSON, &Sent::from(&tool(&services, &client).await?))
}

/// `GET /platform/tools/{client}`.
pub(crate) async fn fetch(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    ClientPlace { client }: ClientPlace,
) -> Result<Response, Problem> {
    json(StatusCode::OK, JSON, &Sent::from(&tool(&services, &client).await?))
}

/// `GET /platform/tools`.
pub(crate) async fn list(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    query: Query,
) -> Result<Response, Problem> {
    let limit = cursor::limit(&query)?;
    let after = cursor::after(&query)?;
    let (tools, last) = services.store.client_list(Role::Tool, after.as_ref(), limit).await?;
    let url = services.links.platform(&["tools"]);
    let next = |client: &ClientId| cursor::next(&url, limit, &client.as_str());
    let rest = last.map_or(Rest::Complete(None), |last| Rest::Next(next(&last)));
    listing(&tools, Sent::from, |tool| next(&tool.client), rest)
}
