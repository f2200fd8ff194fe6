//! Registrations of an LMS, for the operator's program alone: no function serves these routes, and no request over a network
//! can bring the [`Operator`] that each of them wants.

use ags_shared::config::KeyFetchConfig;
use ags_shared::domain::{
    ClientId, Invalid, Label, Members, PublicKeys, Registration, RegistrationChange, Role, Scope, ScopeSet,
    Settings,
};
use ags_shared::http::{JSON, JsonBody, Operator, Problem, ProblemKind, Query, Rest, json, listing};
use ags_shared::services::Services;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cursor;
use crate::place::ClientPlace;
use crate::tools::{keys, one_form_of_keys, public_keys};

/// A registration as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    client_id: &'a str,
    name: &'a str,
    enabled: bool,
    read_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'a str>,
}

impl<'a> From<&'a Registration> for Sent<'a> {
    fn from(lms: &'a Registration) -> Self {
        let (jwks_url, jwks) = public_keys(lms);
        Self {
            client_id: lms.client.as_str(),
            name: &lms.name,
            enabled: lms.enabled,
            read_only: !lms.scopes.iter().any(|scope| scope == Scope::Platform),
            jwks_url,
            jwks,
            contact: lms.contact.as_deref(),
        }
    }
}

fn scopes(read_only: bool) -> ScopeSet {
    if read_only { ScopeSet::from_iter([Scope::PlatformReadOnly]) } else { Role::Lms.scopes() }
}

fn parse(members: &Members<'_>, key_fetch: &KeyFetchConfig) -> Result<RegistrationChange, Invalid> {
    let contact = members.text::<Label>("contact")?;
    Ok(RegistrationChange {
        name: members.text("name")?,
        enabled: members.boolean("enabled")?,
        scopes: members.boolean("read_only")?.map(scopes),
        keys: keys(members, key_fetch)?,
        contact: members.has("contact").then_some(contact),
        ..RegistrationChange::default()
    })
}

/// The LMS `client`; a tool is none.
async fn lms(services: &Services, client: &ClientId) -> Result<Registration, Problem> {
    let found = services.store.tool_fetch(client).await?.map(|(registration, _)| registration);
    found.filter(|client| client.role == Role::Lms).ok_or_else(|| Problem::missing("LMS"))
}

/// `PUT /platform/lms/{client}`.
pub(crate) async fn put(
    State(services): State<Services>,
    State(key_fetch): State<KeyFetchConfig>,
    _: Extension<Operator>,
    ClientPlace { client }: ClientPlace,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let members = Members::parse(&body)?;
    let change = parse(&members, &key_fetch)?;
    let text = |label: Label| label.as_str().to_owned();
    let keys: PublicKeys = change.keys.ok_or_else(one_form_of_keys)?;
    let lms = Registration {
        client,
        role: Role::Lms,
        name: change.name.map(text).ok_or_else(|| members.missing("name"))?,
        enabled: change.enabled.unwrap_or(true),
        scopes: change.scopes.unwrap_or_else(|| scopes(false)),
        keys,
        deployments: [].into(),
        contact: change.contact.flatten().map(text),
        defaults: Settings::default(),
    };
    if !services.store.client_put(&lms).await? {
        return Err(Problem::new(ProblemKind::NotATool, "This client id stands for a tool."));
    }
    json(StatusCode::OK, JSON, &Sent::from(&lms))
}

/// `PATCH /platform/lms/{client}`.
pub(crate) async fn patch(
    State(services): State<Services>,
    State(key_fetch): State<KeyFetchConfig>,
    _: Extension<Operator>,
    ClientPlace { client }: ClientPlace,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let change = parse(&Members::parse(&body)?, &key_fetch)?;
    if !services.store.client_change(Role::Lms, &client, &change).await? {
        return Err(Problem::missing("LMS"));
    }
    json(StatusCode::OK, JSON, &Sent::from(&lms(&services, &client).await?))
}

/// `GET /platform/lms/{client}`.
pub(crate) async fn fetch(
    State(services): State<Services>,
    _: Extension<Operator>,
    ClientPlace { client }: ClientPlace,
) -> Result<Response, Problem> {
    json(StatusCode::OK, JSON, &Sent::from(&lms(&services, &client).await?))
}

/// `GET /platform/lms`.
pub(crate) async fn list(
    State(services): State<Services>,
    _: Extension<Operator>,
    query: Query,
) -> Result<Response, Problem> {
    let limit = cursor::limit(&query)?;
    let after = cursor::after(&query)?;
    let (found, last) = services.store.client_list(Role::Lms, after.as_ref(), limit).await?;
    let url = services.links.platform(&["lms"]);
    let next = |client: &ClientId| cursor::next(&url, limit, &client.as_str());
    let rest = last.map_or(Rest::Complete(None), |last| Rest::Next(next(&last)));
    listing(&found, Sent::from, |lms| next(&lms.client), rest)
}
