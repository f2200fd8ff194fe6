//! A tool's public keys. The key decides the algorithm; what the token's header says can only fail to fit (AGS 135).

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use super::BoxFuture;
use crate::domain::{PublicKeys, Registration};

/// The shortest RSA modulus, in bytes: 2048 bits.
const RSA_MIN: usize = 256;

/// Why key material cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not a JSON Web Key Set, or not PEM of an RSA or EC public key.
    #[error("must be a JSON Web Key Set, or an RSA or EC public key in PEM")]
    Syntax,
    /// No key in it that may sign: RSA from 2048 bits, P-256 or P-384.
    #[error("must hold an RSA key of at least 2048 bits, or an EC key on P-256 or P-384")]
    NoUsableKey,
}

/// Why a tool's keys could not be had; never because of what the tool sent.
#[derive(Debug, thiserror::Error)]
pub enum KeySourceError {
    /// What was registered cannot be read.
    #[error("the registered keys cannot be used")]
    Registered(#[source] KeyError),
}

/// Finds the public keys of a tool.
pub trait KeySource: Send + Sync {
    /// The keys with which `tool` may sign; `kid` is the one its assertion names, so that a source that caches can
    /// look again for a key it does not know.
    fn tool_keys<'a>(
        &'a self,
        tool: &'a Registration,
        kid: Option<&'a str>,
    ) -> BoxFuture<'a, Result<ToolKeys, KeySourceError>>;
}

/// The keys that the operator registered with the tool.
#[derive(Debug, Clone, Copy, Default)]
pub struct RegisteredKeys;

impl KeySource for RegisteredKeys {
    fn tool_keys<'a>(
        &'a self,
        tool: &'a Registration,
        _kid: Option<&'a str>,
    ) -> BoxFuture<'a, Result<ToolKeys, KeySourceError>> {
        Box::pin(async {
            match &tool.keys {
                PublicKeys::Set(set) => ToolKeys::parse(set).map_err(KeySourceError::Registered),
                PublicKeys::Url(_) => Err(KeySourceError::Registered(KeyError::NoUsableKey)),
            }
        })
    }
}

/// Public keys, each with the algorithms it may be used for. By default there is none, as for an unknown client.
#[derive(Debug, Default)]
pub struct ToolKeys(Vec<ToolKey>);

#[derive(Debug)]
struct ToolKey {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl ToolKeys {
    /// Reads a JSON Web Key Set; keys that cannot verify a signature we accept are passed over.
    ///
    /// # Errors
    /// [`KeyError`] if it is none, or no key is left.
    pub fn parse(jwks: &str) -> Result<Self, KeyError> {
        // One strange key among good ones must not lock the tool out, so each is read by itself.
        #[derive(Deserialize)]
        struct RawSet {
            keys: Vec<serde_json::Value>,
        }
        let set: RawSet = serde_json::from_str(jwks).map_err(|_| KeyError::Syntax)?;
        let keys: Vec<_> = set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok())
            .filter_map(|jwk| ToolKey::of(&jwk))
            .collect();
        if keys.is_empty() { Err(KeyError::NoUsableKey) } else { Ok(Self(keys)) }
    }

    /// The key for a signature by `algorithm` under `kid`: the one of that name, else the only one that fits without a
    /// name, which is how a key in PEM is registered and how some tools sign (AGS 144).
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let only = |named: Option<&str>| {
            let mut fitting = self.0.iter().filter(|candidate| {
                candidate.algorithms.contains(&algorithm)
                    && (kid.is_none() || candidate.kid.as_deref() == named)
            });
            fitting.next().filter(|_| fitting.next().is_none())
        };
        only(kid).or_else(|| only(None)).map(|found| &found.key)
    }
}

impl ToolKey {
    fn of(jwk: &Jwk) -> Option<Self> {
        if jwk.common.public_key_use.as_ref().is_some_and(|usage| *usage != PublicKeyUse::Signature) {
            return None;
        }
        // RFC 7517 §4.3; "sign" is what remains where a tool publishes its private key's description.
        let is_to_sign = |uses: &Vec<_>| {
            [KeyOperations::Verify, KeyOperations::Sign].iter().any(|operation| uses.contains(operation))
        };
        if jwk.common.key_operations.as_ref().is_some_and(|uses| !is_to_sign(uses)) {
            return None;
        }
        let mut algorithms = match &jwk.algorithm {
            AlgorithmParameters::RSA(rsa) => {
                let modulus = data_encoding::BASE64URL_NOPAD.decode(rsa.n.as_bytes()).ok()?;
                if modulus.iter().skip_while(|byte| **byte == 0).count() < RSA_MIN {
                    return None;
                }
                vec![Algorithm::RS256, Algorithm::RS384, Algorithm::RS512]
            }
            AlgorithmParameters::EllipticCurve(ec) => match ec.curve {
                EllipticCurve::P256 => vec![Algorithm::ES256],
                EllipticCurve::P384 => vec![Algorithm::ES384],
                _ => return None,
            },
            _ => return None,
        };
        if let Some(only) = jwk.common.key_algorithm {
            algorithms.retain(|algorithm| KeyAlgorithm::from(*algorithm) == only);
        }
        if algorithms.is_empty() {
            return None;
        }
        let key = DecodingKey::from_jwk(jwk).ok()?;
        Some(Self { kid: jwk.common.key_id.clone(), algorithms, key })
    }
}

/// The JSON Web Key Set of one public key in PEM, without a `kid`, so that there is one form of stored keys.
///
/// # Errors
/// [`KeyError`] if it is not a public key that [`ToolKeys`] can use.
pub fn jwks_from_pem(pem: &str) -> Result<String, KeyError> {
    let key = DecodingKey::from_rsa_pem(pem.as_bytes())
        .or_else(|_| DecodingKey::from_ec_pem(pem.as_bytes()))
        .map_err(|_| KeyError::Syntax)?;
    let jwk = Jwk::from_decoding_key(&key, None).map_err(|_| KeyError::Syntax)?;
    let jwks = serde_json::to_string(&JwkSet { keys: vec![jwk] }).map_err(|_| KeyError::Syntax)?;
    ToolKeys::parse(&jwks)?;
    Ok(jwks)
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256: &str = r#"{"kty":"EC","crv":"P-256","kid":"a","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;

    fn keys(members: &[&str]) -> Result<ToolKeys, KeyError> {
        ToolKeys::parse(&format!(r#"{{"keys":[{}]}}"#, members.join(",")))
    }

    #[test]
    fn the_key_decides_the_algorithm_ags_135() {
        let keys = keys(&[P256]).unwrap();
        assert!(keys.find(Some("a"), Algorithm::ES256).is_some());
        for other in [Algorithm::HS256, Algorithm::RS256, Algorithm::ES384] {
            assert!(keys.find(Some("a"), other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn no_kid_is_needed_when_one_key_fits_and_a_wrong_one_fits_none_ags_144() {
        let unnamed = P256.replace(r#""kid":"a","#, "");
        let named = keys(&[P256]).unwrap();
        assert!(named.find(None, Algorithm::ES256).is_some());
        assert!(named.find(Some("b"), Algorithm::ES256).is_none());
        let both = keys(&[P256, &unnamed]).unwrap();
        assert!(both.find(Some("a"), Algorithm::ES256).is_some());
        assert!(both.find(Some("b"), Algorithm::ES256).is_some(), "the unnamed key fits any kid");
        assert!(both.find(None, Algorithm::ES256).is_none(), "two keys fit");
    }

    #[test]
    fn keys_that_may_not_sign_are_passed_over() {
        let short = r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#;
        let encrypting = P256.replace(r#""kid""#, r#""use":"enc","kid""#);
        assert!(matches!(keys(&[short]), Err(KeyError::NoUsableKey)));
        assert!(matches!(keys(&[&encrypting]), Err(KeyError::NoUsableKey)));
        assert!(matches!(keys(&[]), Err(KeyError::NoUsableKey)));
        assert!(matches!(ToolKeys::parse("{}"), Err(KeyError::Syntax)));
        let strange = r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#;
        assert!(keys(&[strange, short, P256]).is_ok());
        assert!(matches!(jwks_from_pem("nonsense"), Err(KeyError::Syntax)));
    }
}
