//! The handlers.

use std::time::Duration;

use ags_shared::auth::access_token::{Grant, LIFE_SECONDS};
use ags_shared::auth::assertion::UnverifiedAssertion;
use ags_shared::domain::Scope;
use ags_shared::http::{Ending, JSON, Outcome, Problem, json, record};
use ags_shared::services::random;
use ags_shared::store::BurnOutcome;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::timeout;

use crate::error::{TokenError, no_store};
use crate::form::{FormError, TokenRequest};
use crate::tool_keys::tool_with_keys;
use crate::{Issuer, signing};

#[derive(Serialize)]
struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
}

/// How long a request may take: a function must answer before API Gateway gives it up after 30 seconds.
const DEADLINE: Duration = Duration::from_secs(24);
const _: () = assert!(DEADLINE.as_secs() < 30);

/// `POST /token`.
pub(crate) async fn token(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let issued = timeout(DEADLINE, issue(&issuer, &headers, body)).await;
    match issued.unwrap_or(Err(TokenError::Deadline)) {
        Ok(token) => no_store(StatusCode::OK, &token).map_or_else(Problem::into_response, |mut response| {
            response.extensions_mut().insert(Ending::from(Outcome::Issued));
            response
        }),
        Err(error) => error.into_response(),
    }
}

fn check_headers(headers: &HeaderMap) -> Result<(), FormError> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(FormError::ContentType);
    }
    if headers.contains_key(AUTHORIZATION) {
        return Err(FormError::SecondCredential("an Authorization header"));
    }
    Ok(())
}

/// Every check that needs no write comes first; then the assertion is used up; then the token is made.
async fn issue(
    issuer: &Issuer,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<TokenResponse, TokenError> {
    let services = &issuer.services;
    check_headers(headers)?;
    let request = TokenRequest::parse(&body.map_err(|_| FormError::TooLong)?, services.links.issuer())?;
    let unverified = UnverifiedAssertion::parse(&request.unverified_assertion)?;
    let kid = unverified.kid().map(str::to_owned);
    record::claimed(unverified.unverified_client(), kid.as_deref());

    // An unknown client is one without keys until the signature was checked: it costs what a forged one costs (AGS 154).
    let (tool, keys) = tool_with_keys(issuer, &unverified).await?;
    let token_url = services.links.token();
    let now = services.now();
    let verified = unverified.verify(&keys, &[&token_url, services.links.issuer()], now);
    let tool = tool.ok_or(TokenError::UnknownClient)?;
    let signed = verified?;
    record::proven(&signed.client, kid.as_deref());

    if !tool.enabled {
        return Err(TokenError::Disabled);
    }
    if !request.may_come_from(signed.client.as_str()) {
        return Err(TokenError::ClientId);
    }
    if signed.deployment.as_ref().is_some_and(|named| !tool.deployments.contains(named)) {
        return Err(TokenError::Deployment);
    }
    let scopes = tool.grant(&request.scopes);
    if scopes.is_empty() {
        return Err(TokenError::Scope);
    }

    // Whatever else can fail before the assertion is used up.
    let ring = signing::key_ring::<TokenError>(issuer).await?;
    let token_id = data_encoding::HEXLOWER.encode(&random::<16>()?);
    let (client, jti, until) = (&signed.client, &signed.jti, signed.remember_until);
    if services.store.assertion_burn(client, jti, &token_id, until, now).await? == BurnOutcome::AlreadyUsed {
        return Err(TokenError::Replayed);
    }
    let grant = Grant { client: signed.client, scopes, deployment: signed.deployment, token_id };
    let access_token = signing::mint(issuer, &ring, &grant, now).await?;
    let scope = grant.scopes.at(services.links.issuer());
    record::issued(&grant, &scope);
    Ok(TokenResponse { access_token, token_type: "Bearer", expires_in: LIFE_SECONDS, scope })
}

/// How long others may keep our keys and metadata: `KEYS_MAX_AGE`, which the rotation of keys reckons with.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// `GET /.well-known/jwks.json`.
pub(crate) async fn jwks(State(issuer): State<Issuer>) -> Result<Response, Problem> {
    #[derive(Serialize)]
    struct KeySet {
        keys: Vec<serde_json::Value>,
    }
    let ring = signing::key_ring::<Problem>(&issuer).await?;
    let published = ring.published(issuer.services.now().unix_seconds());
    let keys: Result<_, _> = published.map(|key| serde_json::from_str(&key.public.jwk)).collect();
    let mut response = json(StatusCode::OK, JSON, &KeySet { keys: keys.map_err(Problem::internal)? })?;
    response.headers_mut().insert(CACHE_CONTROL, CACHE);
    Ok(response)
}

/// `GET /.well-known/oauth-authorization-server`.
pub(crate) async fn metadata(State(issuer): State<Issuer>) -> Result<Response, Problem> {
    #[derive(Serialize)]
    struct Metadata<'a> {
        issuer: &'a str,
        token_endpoint: String,
        jwks_uri: String,
        scopes_supported: [&'a str; 4],
        response_types_supported: [&'a str; 0],
        grant_types_supported: [&'a str; 1],
        token_endpoint_auth_methods_supported: [&'a str; 1],
        token_endpoint_auth_signing_alg_values_supported: [&'a str; 5],
    }
    let links = &issuer.services.links;
    let metadata = Metadata {
        issuer: links.issuer(),
        token_endpoint: links.token(),
        jwks_uri: links.jwks(),
        // Those of an LMS are not for everybody who reads this.
        scopes_supported: Scope::OF_TOOLS.map(Scope::name),
        response_types_supported: [],
        grant_types_supported: ["client_credentials"],
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported: ["RS256", "RS384", "RS512", "ES256", "ES384"],
    };
    let mut response = json(StatusCode::OK, JSON, &metadata)?;
    response.headers_mut().insert(CACHE_CONTROL, CACHE);
    Ok(response)
}
