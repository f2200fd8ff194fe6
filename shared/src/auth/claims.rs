//! What a genuine assertion says, once its signature is proven (AGS 137–142).

use super::LEEWAY_SECONDS;
use crate::domain::{ClientId, DeploymentId, Members, Timestamp};

/// The longest life from `iat` to `exp` in seconds: what the most generous library sends (AGS 140).
const LIFE_MAX: i64 = 7_200;
/// The longest `jti`, in bytes; it becomes part of a key.
const JTI_MAX: usize = 255;
const DEPLOYMENT: &str = "https://purl.imsglobal.org/spec/lti/claim/deployment_id";
const MESSAGE_TYPE: &str = "https://purl.imsglobal.org/spec/lti/claim/message_type";

macro_rules! claim_errors {
    ($($(#[$doc:meta])* $kind:ident = $reason:literal, $text:literal;)*) => {
        /// A claim that is missing or breaks its rule. The text tells the tool, whose signature is proven by then.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        pub enum ClaimError { $($(#[$doc])* #[error($text)] $kind,)* }

        impl ClaimError {
            /// The word for it in the audit.
            pub(super) const fn reason(self) -> &'static str {
                match self { $(Self::$kind => $reason,)* }
            }
        }
    };
}

claim_errors! {
    /// A message that passes through a user's browser is signed with the same key.
    Message = "lti_message", "message_type makes it an LTI message, and no client assertion";
    /// Not the subject.
    Issuer = "wrong_issuer", "iss must equal sub, the client_id";
    /// Not for us.
    Audience = "wrong_audience", "aud must be the token endpoint or the issuer";
    /// Missing, or no number.
    ExpiresAt = "bad_exp", "exp must be a number of seconds since 1970";
    /// Missing, or no number.
    IssuedAt = "bad_iat", "iat must be a number of seconds since 1970";
    /// No number.
    NotBefore = "bad_nbf", "nbf must be a number of seconds since 1970";
    /// Past its time.
    Expired = "expired", "exp must not have passed";
    /// From a clock that is ahead.
    IssuedInFuture = "issued_in_future", "iat must not lie in the future";
    /// Not good yet.
    NotYetValid = "not_yet_valid", "nbf must not lie in the future";
    /// Too long, or negative.
    Lifetime = "bad_lifetime", "exp must lie after iat, and by two hours at most";
    /// Missing, or not of the form that can be remembered.
    Jti = "bad_jti", "jti must be a string of 1 to 255 bytes";
    /// There, and no deployment id.
    Deployment = "bad_deployment_id", "deployment_id must be the id of a deployment";
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
    /// Checks the `claims` that `client` signed.
    pub(super) fn check(
        client: ClientId,
        claims: &Members<'_>,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<Self, ClaimError> {
        let now = now.unix_seconds();

        // RFC 8725 §3.12: what the tool signs for another purpose, and hands to a browser, must not pass here.
        if claims.raw(MESSAGE_TYPE).is_some() {
            return Err(ClaimError::Message);
        }
        // CORE §6.2: issuer and subject are both the client (AGS 138).
        if claims.string("iss").ok().flatten().as_deref() != Some(client.as_str()) {
            return Err(ClaimError::Issuer);
        }
        if !audience_fits(claims, audiences) {
            return Err(ClaimError::Audience);
        }
        let exp = seconds(claims, "exp").ok().flatten().ok_or(ClaimError::ExpiresAt)?;
        let iat = seconds(claims, "iat").ok().flatten().ok_or(ClaimError::IssuedAt)?;
        if now > exp + LEEWAY_SECONDS {
            return Err(ClaimError::Expired);
        }
        if iat > now + LEEWAY_SECONDS {
            return Err(ClaimError::IssuedInFuture);
        }
        let nbf = seconds(claims, "nbf").map_err(|NoNumber| ClaimError::NotBefore)?;
        if nbf.is_some_and(|nbf| nbf > now + LEEWAY_SECONDS) {
            return Err(ClaimError::NotYetValid);
        }
        if !(0..=LIFE_MAX + LEEWAY_SECONDS).contains(&(exp - iat)) {
            return Err(ClaimError::Lifetime);
        }
        let jti = match claims.string("jti") {
            Ok(Some(jti)) if (1..=JTI_MAX).contains(&jti.len()) => jti,
            _ => return Err(ClaimError::Jti),
        };
        let deployment = claims
            .raw(DEPLOYMENT)
            .map(|_| claims.required_text(DEPLOYMENT))
            .transpose()
            .map_err(|_| ClaimError::Deployment)?;
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

struct NoNumber;

/// A time in seconds since 1970, if it is there; RFC 7519 §2 allows a fraction, which is dropped, and no string (AGS 140).
fn seconds(claims: &Members<'_>, name: &str) -> Result<Option<i64>, NoNumber> {
    /// Far beyond the year 9999 and far below where sums of seconds overflow.
    const FAR: f64 = 1e12;
    let Some(raw) = claims.raw(name) else { return Ok(None) };
    match serde_json::from_str::<f64>(raw) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "between -FAR and FAR nothing is cut but the fraction"
        )]
        Ok(number) if (-FAR..FAR).contains(&number) => Ok(Some(number.floor() as i64)),
        _ => Err(NoNumber),
    }
}
