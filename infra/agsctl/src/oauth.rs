//! How a client of the service, tool or LMS, gets a token.

use std::time::Duration;

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::services::random;
use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use jsonwebtoken::{Algorithm, Header};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::demo::DemoClient;

/// An HTTP client for a service on this machine, which no proxy stands before. The first call may have to wait for a
/// compiler.
pub(crate) fn client() -> anyhow::Result<Client> {
    Ok(Client::builder().no_proxy().timeout(Duration::from_mins(15)).build()?)
}

/// The request for a token of `client` with the scopes in `scope`.
pub(crate) fn request(
    http: &Client,
    token_url: &str,
    client: &DemoClient,
    scope: &str,
) -> anyhow::Result<RequestBuilder> {
    let key = client.key()?;
    let now = SystemClock.now().unix_seconds();
    let claims = json!({
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": token_url,
        "iat": now,
        "exp": now + 60,
        "jti": format!("agsctl-{}", HEXLOWER.encode(&random::<16>()?)),
    });
    let header = Header { kid: Some(key.kid), ..Header::new(Algorithm::RS256) };
    let assertion = jsonwebtoken::encode(&header, &claims, &key.private)?;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion.as_str()),
        ("scope", scope),
    ];
    Ok(http.post(token_url).form(&form))
}

/// The token in an answer.
pub(crate) fn token_in(answer: &Value) -> anyhow::Result<String> {
    Ok(answer["access_token"].as_str().context("the answer has no access_token")?.to_owned())
}

/// A token of `client` with the scopes in `scope`.
pub(crate) async fn token(
    http: &Client,
    token_url: &str,
    client: &DemoClient,
    scope: &str,
) -> anyhow::Result<String> {
    let answer = request(http, token_url, client, scope)?.send().await?;
    let status = answer.status();
    let body: Value = answer.json().await?;
    if !status.is_success() {
        bail!("{token_url} was answered {status}: {body}");
    }
    token_in(&body)
}
