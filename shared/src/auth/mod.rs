//! Credentials in, proven facts out. What is not yet proven has `unverified` in its name.
//!
//! [`assertion`] reads what a tool signs to get a token, [`access_token`] what we sign and read back on every request.
//! Two parts reach outside: [`jwks`] to the hosts on which tools publish their keys, and [`Signer`] to our private keys.
//! [`KeyRing`] decides which of ours signs and which are believed.

pub mod access_token;
pub mod assertion;
mod claims;
pub mod jwks;
mod key_ring;
mod keys;
mod known_tokens;
mod signer;

pub use key_ring::{KEPT, KEYS_MAX_AGE, KeyRing, KeyState, PUBLISH_AHEAD};
pub use keys::{KeyError, ToolKeys, jwks_from_pem, jwks_from_set};
pub use known_tokens::KnownTokens;
pub use signer::{LocalSigner, SignError, Signer, public_half};

use std::pin::Pin;

/// What an asynchronous method of a trait object returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How far a tool's clock may be off, in seconds. Replay protection lasts this long beyond `exp`, too: one constant,
/// so that an assertion is never accepted longer than its `jti` is remembered.
pub const LEEWAY_SECONDS: i64 = 60;

/// Splits a compact JWS (RFC 7515 §7.1) into what is signed, its two parts, and the signature.
fn split_compact(token: &str) -> Option<Compact<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let decode = |part: &str| data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).ok();
    Some(Compact { signed, header: decode(header)?, payload: decode(payload)?, signature })
}

struct Compact<'a> {
    signed: &'a str,
    header: Vec<u8>,
    payload: Vec<u8>,
    signature: &'a str,
}
