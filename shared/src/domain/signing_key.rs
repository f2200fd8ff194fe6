//! Our own signing keys, as they are kept.

/// What everybody may know of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicHalf {
    /// The key's name: the RFC 7638 thumbprint of [`jwk`](Self::jwk).
    pub kid: String,
    /// The JSON Web Key, as JSON.
    pub jwk: String,
    /// What the service that holds the private half calls it, for example the ARN of a KMS key; `None` for a key in a
    /// file, which is found by its `kid`.
    pub private: Option<String>,
}

/// A key of the ring. All that becomes of it follows from these numbers and those of the other keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// What is published.
    pub public: PublicHalf,
    /// From when on it signs, until the next key does, in seconds since 1970.
    pub signs_from: i64,
    /// When it was revoked, in seconds since 1970.
    pub revoked_at: Option<i64>,
}

impl PublicHalf {
    /// The key of the ring that signs from this second on.
    #[must_use]
    pub const fn signing_from(self, second: i64) -> SigningKey {
        SigningKey { public: self, signs_from: second, revoked_at: None }
    }
}
