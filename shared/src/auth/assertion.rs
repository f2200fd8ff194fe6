//! Client assertions: what a tool signs to prove who it is (RFC 7523 §3, AGS 135–145).
//!
//! The client is looked up by the unverified `sub`, then the signature is checked with that client's key, then the
//! claims are trusted enough to be checked (AGS 143).

use jsonwebtoken::Algorithm;

use super::{Compact, LEEWAY_SECONDS, ToolKeys, split_compact};
use crate::domain::{ClientId, DeploymentId, Invalid, Members, Timestamp};

/// The longest life from `iat` to `exp` in seconds: what the most generous library sends (AGS 140).
const LIFE_MAX: i64 = 7_200;
/// The longest `jti`, in bytes; it becomes part of a key.
const JTI_MAX: usize = 255;
const DEPLOYMENT_CLAIM: &str = "https://purl.imsglobal.org/spec/lti/claim/deployment_id";

/// Why an assertion proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// Not a compact JWS with a JSON object in it.
    #[error("client_assertion is not a signed JWT")]
    Malformed,
    /// `sub` is missing or cannot be a client id.
    #[error("sub names no client")]
    Subject,
    /// No registered key fits `kid` and `alg` (AGS 135).
    #[error("no registered key fits kid and alg")]
    UnknownKey,
    /// The header names extensions that must be understood.
    #[error("crit names extensions that are not supported")]
    Critical,
    /// The signature is not that key's.
    #[error("the signature is wrong")]
    Signature,
    /// A signed claim is missing or breaks its rule.
    #[error("{0} {1}")]
    Claim(&'static str, &'static str),
}

/// An assertion of which nothing is proven yet.
#[derive(Debug)]
pub struct UnverifiedAssertion<'a> {
    algorithm: Option<Algorithm>,
    kid: Option<String>,
    has_extensions: bool,
    signed: &'a str,
    signature: &'a str,
    payload: Vec<u8>,
    unverified_client: ClientId,
}

impl<'a> UnverifiedAssertion<'a> {
    /// Reads the parts. Of the header only `alg`, `kid` and `crit` are looked at, never a key or the address of one
    /// (AGS 136).
    ///
    /// # Errors
    /// [`AssertionError::Malformed`] or [`AssertionError::Subject`].
    pub fn parse(token: &'a str) -> Result<Self, AssertionError> {
        let malformed = |_: Invalid| AssertionError::Malformed;
        let Compact { signed, header, payload, signature } =
            split_compact(token).ok_or(AssertionError::Malformed)?;
        let header = Members::parse(&header).map_err(malformed)?;
        let algorithm = header.string("alg").map_err(malformed)?.ok_or(AssertionError::Malformed)?;
        let kid = header.string("kid").map_err(malformed)?;
        let has_extensions = header.raw("crit").is_some();
        let claims = Members::parse(&payload).map_err(malformed)?;
        let unverified_client = claims.required_text("sub").map_err(|_| AssertionError::Subject)?;
        // An algorithm without a name here is one that no key fits.
        let algorithm = algorithm.parse().ok();
        Ok(Self { algorithm, kid, has_extensions, signed, signature, payload, unverified_client })
    }

    /// The client it claims to come from.
    #[must_use]
    pub fn unverified_client(&self) -> &ClientId {
        &self.unverified_client
    }

    /// The key it claims to be signed with.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Checks the signature with the client's `keys`, then every claim.
    ///
    /// # Errors
    /// The first [`AssertionError`].
    pub fn verify(
        self,
        keys: &ToolKeys,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<SignedAssertion, AssertionError> {
        // RFC 7515 §4.1.11: what the signer calls critical must be understood, and we understand no extension.
        if self.has_extensions {
            return Err(AssertionError::Critical);
        }
        let algorithm = self.algorithm.ok_or(AssertionError::UnknownKey)?;
        let key = keys.find(self.kid(), algorithm).ok_or(AssertionError::UnknownKey)?;
        let genuine = jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, algorithm);
        if !genuine.unwrap_or(false) {
            return Err(AssertionError::Signature);
        }
        let claims = Members::parse(&self.payload).map_err(|_| AssertionError::Malformed)?;
        SignedAssertion::check(self.unverified_client, &claims, audiences, now)
    }
}

/// What a genuine assertion says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAssertion {
    /// The client that signed it.
    pub client: ClientId,
    /// Its name; each may be used once (AGS 141).
    pub jti: String,
    /// Until when that must be remembered: `exp` plus the leeway, in seconds since 1970.
    pub remember_until: i64,
    /// The deployment it is limited to (AGS 142).
    pub deployment: Option<DeploymentId>,
}

impl SignedAssertion {
    fn check(
        client: ClientId,
        claims: &Members<'_>,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<Self, AssertionError> {
        use AssertionError::Claim;
        let now = now.unix_seconds();

        // CORE §6.2: issuer and subject are both the client (AGS 138).
        if claims.string("iss").ok().flatten().as_deref() != Some(client.as_str()) {
            return Err(Claim("iss", "must equal sub, the client_id"));
        }
        if !audience_fits(claims, audiences) {
            return Err(Claim("aud", "must be the token endpoint or the issuer"));
        }
        let exp = seconds(claims, "exp")?.ok_or(Claim("exp", "is required"))?;
        let iat = seconds(claims, "iat")?.ok_or(Claim("iat", "is required"))?;
        if now > exp + LEEWAY_SECONDS {
            return Err(Claim("exp", "must not have passed"));
        }
        if iat > now + LEEWAY_SECONDS {
            return Err(Claim("iat", "must not lie in the future"));
        }
        if seconds(claims, "nbf")?.is_some_and(|nbf| nbf > now + LEEWAY_SECONDS) {
            return Err(Claim("nbf", "must not lie in the future"));
        }
        if exp - iat > LIFE_MAX + LEEWAY_SECONDS {
            return Err(Claim("exp", "must be at most two hours after iat"));
        }
        let jti = match claims.string("jti") {
            Ok(Some(jti)) if (1..=JTI_MAX).contains(&jti.len()) => jti,
            _ => return Err(Claim("jti", "must be a string of 1 to 255 bytes")),
        };
        let deployment = claims
            .raw(DEPLOYMENT_CLAIM)
            .map(|_| claims.required_text(DEPLOYMENT_CLAIM))
            .transpose()
            .map_err(|_| Claim("deployment_id", "must be the id of a deployment"))?;
        Ok(Self { client, jti, remember_until: exp + LEEWAY_SECONDS, deployment })
    }
}

/// `aud` may be a string or a list, and may name others beside us (AGS 139).
fn audience_fits(claims: &Members<'_>, audiences: &[&str]) -> bool {
    let named = match claims.string("aud") {
        Ok(one) => one.into_iter().collect(),
        Err(_) => claims.strings("aud").ok().flatten().unwrap_or_default(),
    };
    named.iter().any(|name| audiences.contains(&name.as_str()))
}

/// A time in seconds since 1970; RFC 7519 §2 allows a fraction, which is dropped, and no string (AGS 140).
fn seconds(claims: &Members<'_>, name: &'static str) -> Result<Option<i64>, AssertionError> {
    /// Far beyond the year 9999 and far below where sums of seconds overflow.
    const FAR: f64 = 1e12;
    let Some(raw) = claims.raw(name) else { return Ok(None) };
    match serde_json::from_str::<f64>(raw) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "between -FAR and FAR nothing is cut but the fraction"
        )]
        Ok(number) if (-FAR..FAR).contains(&number) => Ok(Some(number.floor() as i64)),
        _ => Err(AssertionError::Claim(name, "must be a number of seconds since 1970")),
    }
}
