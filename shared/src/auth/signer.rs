//! Our private keys, as a seam: a file on a laptop, keys that never leave their service in the cloud.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};

use super::{BoxFuture, KeyRing};
use crate::domain::{PublicHalf, SigningKey};

/// Why a token could not be signed. The texts are for the log.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The service that holds the key is busy or away: trying again later may help.
    #[error("the signing key is not available: {0}")]
    Unavailable(String),
    /// The key cannot be used: it is gone, disabled, of another kind, or not ours to use.
    #[error("the signing key cannot be used: {0}")]
    Refused(String),
}

impl SignError {
    /// For `map_err`, where trying again does not help.
    pub fn refused(reason: impl std::fmt::Display) -> Self {
        Self::Refused(reason.to_string())
    }
}

/// Signs access tokens with ES256. Only the process that issues tokens holds one.
pub trait Signer: Send + Sync {
    /// Opens the connection to where the keys are, if they are elsewhere, before there is a token to sign. If that
    /// fails, signing does it again.
    fn warm_up(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// The key that this process was configured with, unless it is in `ring`.
    fn missing_in<'a>(&'a self, ring: &'a KeyRing) -> BoxFuture<'a, Result<Option<PublicHalf>, SignError>>;

    /// The signature over `message` by `key`, which may be another than the configured one, in JOSE form (RFC 7518
    /// §3.4), base64url without padding.
    fn sign<'a>(&'a self, key: &'a SigningKey, message: &'a [u8])
    -> BoxFuture<'a, Result<String, SignError>>;
}

/// The public half of a P-256 key as it is published: with its RFC 7638 thumbprint as `kid`, `alg` and `use` (AGS 145).
///
/// # Errors
/// [`SignError::Refused`] if `jwk` has no thumbprint or no JSON.
pub fn public_half(mut jwk: Jwk, private: Option<String>) -> Result<PublicHalf, SignError> {
    let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(SignError::refused)?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.key_algorithm = Some(KeyAlgorithm::ES256);
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    let jwk = serde_json::to_string(&jwk).map_err(SignError::refused)?;
    Ok(PublicHalf { kid, jwk, private })
}

/// P-256 keys in a file, of which the first is the configured one.
pub struct LocalSigner {
    /// `None` where the keys came from memory.
    file: Option<PathBuf>,
    own: PublicHalf,
    keys: Mutex<HashMap<String, EncodingKey>>,
}

impl LocalSigner {
    /// The private keys in `pem` (PKCS #8), of which there is at least one.
    ///
    /// # Errors
    /// [`SignError::Refused`] if one of them is not a P-256 private key.
    pub fn from_pem(pem: &[u8]) -> Result<Self, SignError> {
        let keys = read_pem(pem)?;
        let own = keys.first().map(|(public, _)| public.clone());
        let own = own.ok_or_else(|| SignError::refused("there is no key in PEM"))?;
        Ok(Self { file: None, own, keys: Mutex::new(by_kid(keys)) })
    }

    /// The private keys in `file`, which is read again for a key that was added to it later.
    ///
    /// # Errors
    /// As [`from_pem`](Self::from_pem), and if the file cannot be read.
    pub fn open(file: PathBuf) -> Result<Self, SignError> {
        let pem = std::fs::read(&file).map_err(SignError::refused)?;
        Ok(Self { file: Some(file), ..Self::from_pem(&pem)? })
    }

    /// The public half of the first key, as it is published.
    #[must_use]
    pub const fn public_half(&self) -> &PublicHalf {
        &self.own
    }

    /// The public halves of the keys in `pem`, in their order.
    ///
    /// # Errors
    /// As [`from_pem`](Self::from_pem).
    pub fn public_halves(pem: &[u8]) -> Result<Vec<PublicHalf>, SignError> {
        Ok(read_pem(pem)?.into_iter().map(|(public, _)| public).collect())
    }

    fn private(&self, kid: &str) -> Result<EncodingKey, SignError> {
        // A map of whole entries stays sound whoever panics beside it.
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let (false, Some(file)) = (keys.contains_key(kid), &self.file) {
            let pem = std::fs::read(file).map_err(SignError::refused)?;
            *keys = by_kid(read_pem(&pem)?);
        }
        keys.get(kid).cloned().ok_or_else(|| SignError::refused("it is not among the keys of this process"))
    }
}

impl Signer for LocalSigner {
    fn missing_in<'a>(&'a self, ring: &'a KeyRing) -> BoxFuture<'a, Result<Option<PublicHalf>, SignError>> {
        let missing = ring.find(&self.own.kid).is_none().then(|| self.own.clone());
        Box::pin(async { Ok(missing) })
    }

    fn sign<'a>(
        &'a self,
        key: &'a SigningKey,
        message: &'a [u8],
    ) -> BoxFuture<'a, Result<String, SignError>> {
        Box::pin(async move {
            let private = self.private(&key.public.kid)?;
            jsonwebtoken::crypto::sign(message, &private, Algorithm::ES256).map_err(SignError::refused)
        })
    }
}

/// Each private key with its public half.
fn read_pem(pem: &[u8]) -> Result<Vec<(PublicHalf, EncodingKey)>, SignError> {
    let blocks = pem::parse_many(pem).map_err(SignError::refused)?;
    let key = |block: &pem::Pem| {
        let private = EncodingKey::from_ec_pem(pem::encode(block).as_bytes()).map_err(SignError::refused)?;
        let jwk = Jwk::from_encoding_key(&private, Algorithm::ES256).map_err(SignError::refused)?;
        Ok((public_half(jwk, None)?, private))
    };
    blocks.iter().map(key).collect()
}

fn by_kid(keys: Vec<(PublicHalf, EncodingKey)>) -> HashMap<String, EncodingKey> {
    keys.into_iter().map(|(public, private)| (public.kid, private)).collect()
}
