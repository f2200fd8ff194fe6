//! Client assertions: what a tool signs to prove who it is (RFC 7523 §3, AGS 135–145).
//!
//! The client is looked up by the unverified `sub`, then the signature is checked with that client's key, then the
//! claims are trusted enough to be checked (AGS 143).
//!
//! Whoever has no key learns nothing about who is registered, neither from an answer nor from the work behind it
//! (AGS 154): what [`UnverifiedAssertion::parse`] refuses is refused whoever it names, and
//! [`UnverifiedAssertion::verify`] checks exactly one signature, with a decoy where no key fits. Only looking for a
//! key at a tool's address takes time that tells the two apart.

use std::sync::LazyLock;

use jsonwebtoken::Algorithm;

pub use super::claims::{ClaimError, SignedAssertion};
use super::{Compact, ToolKeys, split_compact};
use crate::domain::{ClientId, Invalid, Members, Timestamp};

/// The longest assertion, in bytes: room for a chain of certificates in the header, which is not looked at.
const ASSERTION_MAX: usize = 16 * 1024;
/// The longest `kid`, in bytes.
const KID_MAX: usize = 255;
/// The type of a header that says what it is for (RFC 8725 §3.11).
const TYPE: &str = "client-authentication+jwt";
/// What may sign an assertion (AGS 135). Nothing else reaches a key.
const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::ES256, Algorithm::ES384];

/// A public key for each algorithm, which belongs to nobody.
static DECOYS: LazyLock<ToolKeys> =
    LazyLock::new(|| ToolKeys::parse(include_str!("decoys.json")).unwrap_or_default());

/// Why an assertion proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// More than 16 KiB.
    #[error("client_assertion is longer than 16 KiB")]
    TooLong,
    /// Not a compact JWS with a JSON object in it.
    #[error("client_assertion is not a signed JWT")]
    Malformed,
    /// The header calls it another kind of token (RFC 8725 §3.11).
    #[error("typ is that of another kind of token")]
    Type,
    /// The header names extensions that must be understood.
    #[error("crit names extensions that are not supported")]
    Critical,
    /// None that may sign an assertion: no signature at all, a shared secret, or an unknown name (AGS 135).
    #[error("alg is not one that may sign an assertion")]
    Algorithm,
    /// Longer than any key's name.
    #[error("kid is longer than 255 bytes")]
    KeyName,
    /// `sub` is missing or cannot be a client id.
    #[error("sub names no client")]
    Subject,
    /// No registered key fits `kid` and `alg` (AGS 135).
    #[error("no registered key fits kid and alg")]
    UnknownKey,
    /// The signature is not that key's.
    #[error("the signature is wrong")]
    Signature,
    /// A signed claim is missing or breaks its rule.
    #[error(transparent)]
    Claim(#[from] ClaimError),
}

impl AssertionError {
    /// The word for it in the audit: stable, and one for each cause.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooLong => "assertion_too_long",
            Self::Malformed => "malformed_assertion",
            Self::Type => "wrong_type",
            Self::Critical => "critical_extension",
            Self::Algorithm => "algorithm",
            Self::KeyName => "kid_too_long",
            Self::Subject => "no_client_id",
            Self::UnknownKey => "no_key_fits",
            Self::Signature => "bad_signature",
            Self::Claim(claim) => claim.reason(),
        }
    }
}

/// An assertion of which nothing is proven yet.
#[derive(Debug)]
pub struct UnverifiedAssertion<'a> {
    algorithm: Algorithm,
    kid: Option<String>,
    signed: &'a str,
    signature: &'a str,
    payload: Vec<u8>,
    unverified_client: ClientId,
}

impl<'a> UnverifiedAssertion<'a> {
    /// Reads the parts. Of the header only `alg`, `kid`, `typ` and `crit` are looked at, never a key or the address of
    /// one (AGS 136).
    ///
    /// # Errors
    /// Every [`AssertionError`] that does not depend on whom it names.
    pub fn parse(token: &'a str) -> Result<Self, AssertionError> {
        if token.len() > ASSERTION_MAX {
            return Err(AssertionError::TooLong);
        }
        let malformed = |_: Invalid| AssertionError::Malformed;
        let Compact { signed, header, payload, signature } =
            split_compact(token).ok_or(AssertionError::Malformed)?;
        let header = Members::parse(&header).map_err(malformed)?;
        let claims = Members::parse(&payload).map_err(malformed)?;
        let algorithm = header.string("alg").map_err(malformed)?.ok_or(AssertionError::Malformed)?;
        let kid = header.string("kid").map_err(malformed)?;
        if header.string("typ").map_err(malformed)?.is_some_and(|typ| is_of_another_kind(&typ)) {
            return Err(AssertionError::Type);
        }
        // RFC 7515 §4.1.11: what the signer calls critical must be understood, and we understand no extension.
        if header.raw("crit").is_some() {
            return Err(AssertionError::Critical);
        }
        let algorithm = algorithm.parse().ok().filter(|algorithm| ALGORITHMS.contains(algorithm));
        let algorithm = algorithm.ok_or(AssertionError::Algorithm)?;
        if kid.as_ref().is_some_and(|kid| kid.len() > KID_MAX) {
            return Err(AssertionError::KeyName);
        }
        let unverified_client = claims.required_text("sub").map_err(|_| AssertionError::Subject)?;
        Ok(Self { algorithm, kid, signed, signature, payload, unverified_client })
    }

    /// The client it claims to come from.
    #[must_use]
    pub fn unverified_client(&self) -> &ClientId {
        &self.unverified_client
    }

    /// The key it claims to be signed with: any text of at most 255 bytes.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether one of the `keys` may have signed it, by what it says of itself: its `kid` and its algorithm.
    #[must_use]
    pub fn fits(&self, keys: &ToolKeys) -> bool {
        keys.find(self.kid(), self.algorithm).is_some()
    }

    /// Checks the signature with the client's `keys`, then every claim. Without a key that fits, which is always so for
    /// an unknown client, a signature is checked all the same, and refused whatever it is.
    ///
    /// # Errors
    /// The first [`AssertionError`].
    pub fn verify(
        self,
        keys: &ToolKeys,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<SignedAssertion, AssertionError> {
        match self.signed_with(keys) {
            (Whose::Nobodys, _) => return Err(AssertionError::UnknownKey),
            (Whose::Clients, false) => return Err(AssertionError::Signature),
            (Whose::Clients, true) => {}
        }
        let claims = Members::parse(&self.payload).map_err(|_| AssertionError::Malformed)?;
        Ok(SignedAssertion::check(self.unverified_client, &claims, audiences, now)?)
    }

    /// Whose key the signature was checked with, one of the client's `keys` or a decoy, and whether it is that key's.
    fn signed_with(&self, keys: &ToolKeys) -> (Whose, bool) {
        let own = keys.find(self.kid(), self.algorithm);
        let whose = if own.is_some() { Whose::Clients } else { Whose::Nobodys };
        let genuine = own.or_else(|| DECOYS.find(None, self.algorithm)).is_some_and(|key| {
            jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, self.algorithm)
                .unwrap_or(false)
        });
        (whose, genuine)
    }
}

/// Whose key a signature was checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// One of the client's own.
    Clients,
    /// A decoy, which no client has.
    Nobodys,
}

/// Whether a header's `typ` sets a token apart for something else; most libraries write `JWT`, some nothing.
fn is_of_another_kind(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    typ.ends_with("+jwt") && typ != TYPE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoy_stands_in_for_a_key_of_every_algorithm_ags_154() {
        for algorithm in ALGORITHMS {
            assert!(DECOYS.find(None, algorithm).is_some(), "{algorithm:?}");
        }
    }

    /// Signed with the P-256 decoy, in the last minute of its private half.
    #[test]
    fn a_genuine_signature_of_a_decoy_opens_nothing_ags_154() {
        const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ0b29sIiwic3ViIjoidG9vbCIsImF1ZCI6InVzIiwiaWF0IjoxNzk1MjYyNDAwLCJleHAiOjE3OTUyNjI0NjAsImp0aSI6IjEifQ.Bs255EIp6gS-jBw9VNxoTb968lN79qud_MHxnlA6Cuvvl0QS0RAhWh_9brKEyeY25B-dEif8TUCdIfqhlMskcQ";
        let at: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let verify = |keys: &ToolKeys| UnverifiedAssertion::parse(SIGNED)?.verify(keys, &["us"], at);
        assert_eq!(verify(&ToolKeys::default()), Err(AssertionError::UnknownKey));
        assert!(verify(&DECOYS).is_ok(), "it is genuine");
        let unverified = UnverifiedAssertion::parse(SIGNED).unwrap();
        assert_eq!(unverified.signed_with(&ToolKeys::default()), (Whose::Nobodys, true), "it was checked");
    }
}
