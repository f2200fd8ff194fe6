//! Our private key, as a seam: a file on a laptop, a key that never leaves its service in the cloud.

use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};

use super::BoxFuture;

/// Why a token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the signing key cannot be used: {0}")]
pub struct SignError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Signs access tokens with ES256.
pub trait Signer: Send + Sync {
    /// The name of the key that signs now.
    fn kid(&self) -> &str;

    /// The signature over `message` in JOSE form, base64url without padding.
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<String, SignError>>;
}

/// A P-256 key in memory.
pub struct LocalSigner {
    kid: String,
    key: EncodingKey,
    public: Jwk,
}

impl LocalSigner {
    /// The private key `pem` (PKCS #8); its name is its RFC 7638 thumbprint.
    ///
    /// # Errors
    /// [`SignError`] if it is not a P-256 private key.
    pub fn from_pem(pem: &[u8]) -> Result<Self, SignError> {
        let fail = |error: jsonwebtoken::errors::Error| SignError(error.into());
        let key = EncodingKey::from_ec_pem(pem).map_err(fail)?;
        let mut public = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(fail)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(fail)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { kid, key, public })
    }

    /// The public half, as it is published (AGS 145).
    #[must_use]
    pub fn public_jwk(&self) -> &Jwk {
        &self.public
    }
}

impl Signer for LocalSigner {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<String, SignError>> {
        Box::pin(async move {
            jsonwebtoken::crypto::sign(message, &self.key, Algorithm::ES256)
                .map_err(|error| SignError(error.into()))
        })
    }
}
