//! JSON Web Tokens taken apart and put together by hand, as an attacker does it.

use ags_shared::auth::access_token::{self, Grant};
use ags_shared::auth::{BoxFuture, KeyRing, LocalSigner, SignError, Signer};
use ags_shared::domain::{PublicHalf, Scope, SigningKey, Timestamp};
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
    with_signature(signer, &signing_input(header, claims)).await
}

/// A token of what is to be signed, signed by `signer`.
pub async fn with_signature(signer: &dyn Signer, message: &str) -> String {
    let signature = signer.sign(&own_key(signer).await, message.as_bytes()).await.expect("a signature");
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

/// The key that the signer would bring into an empty ring.
async fn own_key(signer: &dyn Signer) -> SigningKey {
    let own = signer.missing_in(&KeyRing::default()).await.expect("a key");
    own.expect("nothing is in an empty ring").signing_from(0)
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
    fn missing_in<'a>(&'a self, _ring: &'a KeyRing) -> BoxFuture<'a, Result<Option<PublicHalf>, SignError>> {
        let own = PublicHalf { kid: self.kid.clone(), ..self.key.public_half().clone() };
        Box::pin(async { Ok(Some(own)) })
    }

    fn sign<'a>(
        &'a self,
        _key: &'a SigningKey,
        message: &'a [u8],
    ) -> BoxFuture<'a, Result<String, SignError>> {
        Box::pin(async { self.key.sign(&own_key(&self.key).await, message).await })
    }
}

/// An access token of `client` with every scope, of tools and of an LMS, made now as the service makes it, by another signer or issuer.
pub async fn mint(world: &World, signer: &dyn Signer, issuer: &str, client: &str) -> String {
    let grant = Grant {
        client: client.parse().expect("a client id"),
        scopes: Scope::OF_TOOLS.into_iter().chain(Scope::OF_LMS).collect(),
        deployment: None,
        token_id: "1".to_owned(),
    };
    mint_grant(signer, issuer, &grant, world.services.now()).await
}

/// The access token for `grant` as the service makes it, by any signer.
pub async fn mint_grant(signer: &dyn Signer, issuer: &str, grant: &Grant, now: Timestamp) -> String {
    let key = own_key(signer).await;
    access_token::mint(signer, &key, issuer, grant, now).await.expect("a signature")
}
