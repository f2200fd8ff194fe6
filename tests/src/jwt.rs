//! JSON Web Tokens taken apart and put together by hand, as an attacker does it.

use ags_shared::auth::access_token::{self, Grant};
use ags_shared::auth::{BoxFuture, LocalSigner, SignError, Signer};
use ags_shared::domain::ScopeSet;
use agsctl::keys::new_signing_key;
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use crate::World;

/// What is signed: header and claims, encoded and joined.
pub fn signing_input(header: &Value, claims: &Value) -> String {
    encoded(&header.to_string(), &claims.to_string())
}

/// Texts for header and claims, encoded and joined.
pub fn encoded(header: &str, claims: &str) -> String {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// A token with any header and any claims, signed by `signer`.
pub async fn signed(signer: &dyn Signer, header: &Value, claims: &Value) -> String {
    let message = signing_input(header, claims);
    let signature = signer.sign(message.as_bytes()).await.expect("a signature");
    format!("{message}.{signature}")
}

/// The header and the claims of a token.
pub fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| {
        let json = BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64url without padding");
        serde_json::from_slice(&json).unwrap_or_default()
    });
    (parts.next().expect("a header"), parts.next().expect("claims"))
}

/// The token with a claim changed and its old signature.
pub fn tampered(token: &str, claim: &str, value: impl Into<Value>) -> String {
    let (header, mut claims) = parts(token);
    let signature = token.rsplit('.').next().expect("a signature");
    claims[claim] = value.into();
    format!("{}.{signature}", signing_input(&header, &claims))
}

/// A signer that the service does not know.
pub fn new_signer() -> LocalSigner {
    LocalSigner::from_pem(new_signing_key().expect("a key").as_bytes()).expect("a P-256 key")
}

/// Signs with another key under the name of ours.
pub struct Impostor {
    /// The name.
    pub kid: String,
    /// The key.
    pub key: LocalSigner,
}

impl Signer for Impostor {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<String, SignError>> {
        self.key.sign(message)
    }
}

/// An access token of `client` with every scope, made now as the service makes it, by another signer or issuer.
pub async fn mint(world: &World, signer: &dyn Signer, issuer: &str, client: &str) -> String {
    let grant = Grant {
        client: client.parse().expect("a client id"),
        scopes: ScopeSet::all(),
        deployment: None,
        token_id: "1".to_owned(),
    };
    access_token::mint(signer, issuer, &grant, world.services.now()).await.expect("a signature")
}
