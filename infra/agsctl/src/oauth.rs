//! How a client of the service, tool or LMS, gets a token.

use std::time::Duration;

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::services::random;
use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// A client, and what it signs its assertions with.
pub(crate) struct Signer {
    pub(crate) client_id: String,
    /// Which of the client's keys it is; none where one fits without.
    pub(crate) kid: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: EncodingKey,
}

impl Signer {
    /// A client whose private key is in `pem`: RSA, or on P-256.
    pub(crate) fn from_pem(client_id: &str, kid: Option<String>, pem: &[u8]) -> anyhow::Result<Self> {
        let rsa = EncodingKey::from_rsa_pem(pem).map(|key| (Algorithm::RS256, key));
        let any = rsa.or_else(|_| EncodingKey::from_ec_pem(pem).map(|key| (Algorithm::ES256, key)));
        let (algorithm, key) = any.ok().context("neither an RSA private key nor one on P-256, in PEM")?;
        Ok(Self { client_id: client_id.to_owned(), kid, algorithm, key })
    }
}

/// An HTTP client for a service on this machine, which no proxy stands before. The first call may have to wait for a
/// compiler.
pub(crate) fn client() -> anyhow::Result<Client> {
    Ok(Client::builder().no_proxy().timeout(Duration::from_mins(15)).build()?)
}

/// The request for a token of `client` with the scopes in `scope`.
pub(crate) fn request(
    http: &Client,
    token_url: &str,
    client: &Signer,
    scope: &str,
) -> anyhow::Result<RequestBuilder> {
    let now = SystemClock.now().unix_seconds();
    let claims = json!({
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": token_url,
        "iat": now,
        "exp": now + 60,
        "jti": format!("agsctl-{}", HEXLOWER.encode(&random::<16>()?)),
    });
    let header = Header { kid: client.kid.clone(), ..Header::new(client.algorithm) };
    Ok(request_with(http, token_url, &jsonwebtoken::encode(&header, &claims, &client.key)?, scope))
}

/// The request for a token with this assertion.
pub(crate) fn request_with(http: &Client, token_url: &str, assertion: &str, scope: &str) -> RequestBuilder {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
        ("scope", scope),
    ];
    http.post(token_url).form(&form)
}

/// The token in an answer.
pub(crate) fn token_in(answer: &Value) -> anyhow::Result<String> {
    Ok(answer["access_token"].as_str().context("the answer has no access_token")?.to_owned())
}

/// A token of `client` with the scopes in `scope`.
pub(crate) async fn token(
    http: &Client,
    token_url: &str,
    client: &Signer,
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
