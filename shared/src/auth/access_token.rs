//! Access tokens: JWTs that we sign with ES256 and read back on every request (RFC 9068).
//!
//! A token belongs to a client, not to a context (AGS 31): where it may be used is looked up on each request.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, Serialize};

use super::{KeyRing, SignError, Signer, split_compact};
use crate::domain::{ClientId, DeploymentId, ScopeSet, SigningKey, Timestamp};

/// The life of a token in seconds: what every library expects (AGS 150).
pub const LIFE_SECONDS: i64 = 3_600;

/// The header's `typ` (RFC 9068 §2.1): an id token or a client assertion never passes for an access token.
const TYPE: &str = "at+jwt";

/// The longest token that is looked at, in bytes. The longest that we issue, with ids of 255 characters that are all
/// escaped in JSON, has about 2,500.
const TOKEN_MAX: usize = 4 * 1024;

/// What a valid access token proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who holds it.
    pub client: ClientId,
    /// The scopes it was issued with.
    pub scopes: ScopeSet,
    /// The only deployment it may see; `None` for all of the client's (AGS 142).
    pub deployment: Option<DeploymentId>,
    /// Its own name, for the record of who did what.
    pub token_id: String,
}

/// The token is missing, ill-formed, forged, expired, or not ours. Which one is for the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a compact JWS of ours.
    #[error("the access token is malformed")]
    Malformed,
    /// Signed by a key that is not published.
    #[error("the access token names an unknown key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature of the access token is wrong")]
    Signature,
    /// From another issuer, or for another audience.
    #[error("the access token was issued by or for another service")]
    Foreign,
    /// Past its time.
    #[error("the access token has expired")]
    Expired,
}

impl TokenError {
    /// The word for it in the audit: stable, and one for each cause.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "malformed_token",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "bad_signature",
            Self::Foreign => "foreign_token",
            Self::Expired => "expired",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    scope: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment_id: Option<String>,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// Makes the token for `grant`, signed with `key`, valid for [`LIFE_SECONDS`] from `now`.
///
/// # Errors
/// [`SignError`] if the key cannot be used.
pub async fn mint(
    signer: &dyn Signer,
    key: &SigningKey,
    issuer: &str,
    grant: &Grant,
    now: Timestamp,
) -> Result<String, SignError> {
    let iat = now.unix_seconds();
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: issuer.to_owned(),
        sub: grant.client.to_string(),
        scope: grant.scopes.at(issuer),
        iat,
        exp: iat + LIFE_SECONDS,
        jti: grant.token_id.clone(),
        deployment_id: grant.deployment.as_ref().map(ToString::to_string),
    };
    let part = |json: serde_json::Result<Vec<u8>>| {
        json.map(|json| BASE64URL_NOPAD.encode(&json)).map_err(SignError::refused)
    };
    let header = part(serde_json::to_vec(&Header { alg: "ES256", typ: TYPE, kid: &key.public.kid }))?;
    let message = format!("{header}.{}", part(serde_json::to_vec(&claims))?);
    let signature = signer.sign(key, message.as_bytes()).await?;
    Ok(format!("{message}.{signature}"))
}

/// A genuine token of ours. Whether it still counts is a question of the key and of the time.
#[derive(Debug, Clone)]
pub struct Genuine {
    /// What it proves as long as it counts.
    pub grant: Grant,
    kid: String,
    expires_at: i64,
}

impl Genuine {
    /// Checks that its key is published and its time not over.
    ///
    /// # Errors
    /// [`TokenError::UnknownKey`] or [`TokenError::Expired`].
    pub fn counts(&self, ring: &KeyRing, now: Timestamp) -> Result<(), TokenError> {
        let now = now.unix_seconds();
        if !ring.published(now).any(|key| key.public.kid == self.kid) {
            return Err(TokenError::UnknownKey);
        }
        // No leeway: the clock that issued it is ours.
        if now >= self.expires_at { Err(TokenError::Expired) } else { Ok(()) }
    }
}

/// Checks a token that was presented at the time `now` (RFC 9068 §4).
///
/// # Errors
/// [`TokenError`]; [`TokenError::UnknownKey`] may be worth another look at the published keys.
pub fn verify(token: &str, ring: &KeyRing, issuer: &str, now: Timestamp) -> Result<Genuine, TokenError> {
    if token.len() > TOKEN_MAX {
        return Err(TokenError::Malformed);
    }
    let compact = split_compact(token).ok_or(TokenError::Malformed)?;
    let header: jsonwebtoken::Header =
        serde_json::from_slice(&compact.header).map_err(|_| TokenError::Malformed)?;
    if header.alg != Algorithm::ES256 || header.typ.as_deref() != Some(TYPE) {
        return Err(TokenError::Malformed);
    }
    let kid = header.kid.ok_or(TokenError::Malformed)?;
    let key = published_key(ring, &kid, now).ok_or(TokenError::UnknownKey)?;
    let genuine =
        jsonwebtoken::crypto::verify(compact.signature, compact.signed.as_bytes(), &key, header.alg);
    if !genuine.unwrap_or(false) {
        return Err(TokenError::Signature);
    }
    let claims: Claims = serde_json::from_slice(&compact.payload).map_err(|_| TokenError::Malformed)?;
    if claims.iss != issuer || claims.aud != issuer {
        return Err(TokenError::Foreign);
    }
    let grant = Grant {
        client: claims.sub.try_into().map_err(|_| TokenError::Malformed)?,
        scopes: ScopeSet::parse(&claims.scope, issuer).map_err(|_| TokenError::Malformed)?,
        deployment: claims
            .deployment_id
            .map(TryInto::try_into)
            .transpose()
            .map_err(|_| TokenError::Malformed)?,
        token_id: claims.jti,
    };
    let genuine = Genuine { grant, kid, expires_at: claims.exp };
    genuine.counts(ring, now)?;
    Ok(genuine)
}

fn published_key(ring: &KeyRing, kid: &str, now: Timestamp) -> Option<DecodingKey> {
    let published = ring.published(now.unix_seconds()).find(|key| key.public.kid == kid)?;
    let jwk: Jwk = serde_json::from_str(&published.public.jwk).ok()?;
    DecodingKey::from_jwk(&jwk).ok()
}
