//! Tools that sign with elliptic curves.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;

/// A tool's EC key.
pub struct EcKey {
    /// Signs assertions.
    pub private: EncodingKey,
    /// The public half in PEM.
    pub public_pem: String,
    /// The public half as a JSON Web Key Set, under the `kid` `ec`.
    pub jwks: String,
}

impl EcKey {
    /// A new key for ES384, or else for ES256.
    pub fn new(algorithm: Algorithm) -> Self {
        let curve = match algorithm {
            Algorithm::ES384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
            _ => &ECDSA_P256_SHA256_FIXED_SIGNING,
        };
        let pair = EcdsaKeyPair::generate(curve).expect("random numbers");
        let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().expect("PKCS #8").as_ref());
        let mut public = Jwk::from_encoding_key(&private, algorithm).expect("an EC key");
        public.common.key_id = Some("ec".to_owned());
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).expect("a public key");
        let public_pem = pem::encode(&pem::Pem::new("PUBLIC KEY", der.as_ref()));
        Self { private, public_pem, jwks: json!({ "keys": [public] }).to_string() }
    }
}
