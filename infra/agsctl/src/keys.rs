//! Key pairs for laptops and tests.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::Context;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};

/// A tool's RSA key of 2048 bits.
pub struct ToolKey {
    /// RFC 7638 thumbprint, which several libraries send as `kid`.
    pub kid: String,
    /// Signs assertions.
    pub private: EncodingKey,
    public: Jwk,
    public_pem: String,
}

impl ToolKey {
    /// The key in `pem` (PKCS #8).
    ///
    /// # Errors
    /// If it is not an RSA private key.
    pub fn from_pem(pem: &[u8]) -> anyhow::Result<Self> {
        let private = EncodingKey::from_rsa_pem(pem)?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let pair = aws_lc_rs::rsa::KeyPair::from_pkcs8(pem::parse(pem)?.contents())?;
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key())?;
        let public_pem = pem::encode(&pem::Pem::new("PUBLIC KEY", der.as_ref()));
        Ok(Self { kid, private, public, public_pem })
    }

    /// The public half as a JSON Web Key Set, which is what a tool registers.
    #[must_use]
    pub fn jwks(&self) -> String {
        serde_json::json!({ "keys": [self.public] }).to_string()
    }

    /// The public half in PEM, the other way in which a tool registers.
    #[must_use]
    pub fn public_pem(&self) -> &str {
        &self.public_pem
    }
}

/// A new RSA key of 2048 bits, as PKCS #8 in PEM.
///
/// # Errors
/// If the machine gives no random numbers.
pub fn new_tool_key() -> anyhow::Result<String> {
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048)?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair)?;
    Ok(pem::encode(&pem::Pem::new("PRIVATE KEY", der.as_ref())))
}

/// A new P-256 key, as PKCS #8 in PEM.
///
/// # Errors
/// If the machine gives no random numbers.
pub fn new_signing_key() -> anyhow::Result<String> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    Ok(pem::encode(&pem::Pem::new("PRIVATE KEY", pair.to_pkcs8v1()?.as_ref())))
}

/// The contents of the key file `path`, which is made by `new` where there is none.
///
/// Only the owner can read it, and it is never there half written.
///
/// # Errors
/// If the file can be neither read nor written.
pub fn read_or_create(path: &Path, new: impl Fn() -> anyhow::Result<String>) -> anyhow::Result<Vec<u8>> {
    if !path.exists() {
        write_private(path, new()?.as_bytes())?;
    }
    std::fs::read(path).with_context(|| path.display().to_string())
}

/// Makes sure that `path` is a file that only its owner can read, whatever is in it.
///
/// # Errors
/// If the file can be neither made nor changed.
pub fn keep_private(path: &Path) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let file = options.append(true).create(true).mode(0o600).open(path)?;
    Ok(file.set_permissions(Permissions::from_mode(0o600))?)
}

/// Writes a file that only its owner can read, as a whole or not at all.
///
/// # Errors
/// If the file cannot be written.
pub fn write_private(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    let partial = path.with_extension("partial");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(contents)?;
    file.sync_all()?;
    std::fs::rename(&partial, path).with_context(|| path.display().to_string())
}
