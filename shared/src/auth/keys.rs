//! A tool's public keys. The key decides the algorithm; what the token's header says can only fail to fit (AGS 135).

use std::ops::RangeInclusive;

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// The shortest and the longest RSA modulus, in bytes: 2048 bits, for it must be safe, and 8192, for the work of a
/// signature that anybody can send us grows with it.
const RSA: RangeInclusive<usize> = 256..=1_024;
/// Of a set no more usable keys than this are looked at.
const KEYS_MAX: usize = 32;
/// The members of a key that are needed to use it (RFC 7517 §4, RFC 7518 §6); nothing else of it is read or kept, such as
/// certificates.
const MEMBERS: [&str; 10] = ["kty", "use", "key_ops", "alg", "kid", "n", "e", "crv", "x", "y"];

/// Why key material cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not a JSON Web Key Set, or not PEM of an RSA or EC public key.
    #[error("must be a JSON Web Key Set, or an RSA or EC public key in PEM")]
    Syntax,
    /// No key in it that may sign: RSA from 2048 to 8192 bits, P-256 or P-384.
    #[error("must hold an RSA key of 2048 to 8192 bits, or an EC key on P-256 or P-384")]
    NoUsableKey,
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
        let keys = usable_keys(jwks)?;
        if keys.is_empty() {
            return Err(KeyError::NoUsableKey);
        }
        Ok(Self(keys.into_iter().map(|(_, key)| key).collect()))
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

/// The same set with nothing in it but usable keys, and nothing in these but what is needed. No key may be left: that is
/// how a tool withdraws them.
///
/// # Errors
/// [`KeyError::Syntax`] if it is no set.
pub(super) fn usable_jwks(jwks: &str) -> Result<String, KeyError> {
    let keys: Vec<_> = usable_keys(jwks)?.into_iter().map(|(members, _)| members).collect();
    Ok(serde_json::json!({ "keys": keys }).to_string())
}

/// The usable keys of a set, each as it reads and as it is used.
fn usable_keys(jwks: &str) -> Result<Vec<(Value, ToolKey)>, KeyError> {
    // One strange key among good ones must not lock the tool out, so each is read by itself.
    #[derive(Deserialize)]
    struct RawSet {
        keys: Vec<Value>,
    }
    let set: RawSet = serde_json::from_str(jwks).map_err(|_| KeyError::Syntax)?;
    let usable = |mut raw: Value| {
        raw.as_object_mut()?.retain(|name, _| MEMBERS.contains(&name.as_str()));
        let key = ToolKey::of(&Jwk::deserialize(&raw).ok()?)?;
        Some((raw, key))
    };
    Ok(set.keys.into_iter().filter_map(usable).take(KEYS_MAX).collect())
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
                if !RSA.contains(&modulus.iter().skip_while(|byte| **byte == 0).count()) {
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

/// The JSON Web Key Set `jwks` as it is stored: its usable keys, of which there must be one, and nothing of a private key.
///
/// # Errors
/// [`KeyError`] if it is no set, or no key in it is one that [`ToolKeys`] can use.
pub fn jwks_from_set(jwks: &str) -> Result<String, KeyError> {
    ToolKeys::parse(jwks)?;
    usable_jwks(jwks)
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

    #[test]
    fn rsa_keys_are_neither_too_short_nor_too_long() {
        let rsa = |bytes: usize| {
            let modulus = data_encoding::BASE64URL_NOPAD.encode(&vec![0xff; bytes]);
            keys(&[&format!(r#"{{"kty":"RSA","n":"{modulus}","e":"AQAB"}}"#)]).is_ok()
        };
        assert_eq!([255, 256, 1_024, 1_025].map(rsa), [false, true, true, false]);
    }

    #[test]
    fn of_a_set_only_what_is_needed_of_usable_keys_is_kept() {
        let decorated = P256.replace(r#""kid""#, r#""x5c":["AAAA"],"x5t":1,"ext":"odd","d":"AAAA","kid""#);
        let strange = r#"{"kty":"oct","k":"AAAA"}"#;
        let kept = usable_jwks(&format!(r#"{{"keys":[1,{strange},{decorated}],"more":1}}"#)).unwrap();
        let kept: Value = serde_json::from_str(&kept).unwrap();
        assert_eq!(kept, serde_json::json!({ "keys": [serde_json::from_str::<Value>(P256).unwrap()] }));
        let many = vec![P256; KEYS_MAX + 1].join(",");
        assert_eq!(usable_keys(&format!(r#"{{"keys":[{many}]}}"#)).unwrap().len(), KEYS_MAX);
    }
}
