//! Access tokens that this process has found genuine: checking a signature costs more than all else that a request takes
//! of us, and a tool sends the same token for an hour.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

use super::KeyRing;
use super::access_token::{Genuine, Grant, TokenError, verify};
use crate::domain::Timestamp;

/// How many are remembered; an instance that serves one request at a time rarely has more tools at hand.
const REMEMBERED: usize = 64;

/// A token by its digest, so that no comparison tells anything of it.
type Name = [u8; SHA256_OUTPUT_LEN];

/// The tokens found genuine last.
#[derive(Default)]
pub struct KnownTokens(Mutex<VecDeque<(Name, Genuine)>>);

impl KnownTokens {
    /// What `token` proves at the time `now`, as [`verify`] decides it. Of a token that is known the signature alone is not
    /// checked again: a key that is revoked and a time that is over count at once.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(
        &self,
        token: &str,
        ring: &KeyRing,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Grant, TokenError> {
        let name = name_of(token);
        let known =
            self.entries().iter().find(|(known, _)| *known == name).map(|(_, genuine)| genuine.clone());
        if let Some(genuine) = known {
            return genuine.counts(ring, now).map(|()| genuine.grant);
        }
        let genuine = verify(token, ring, issuer, now)?;
        let grant = genuine.grant.clone();
        let mut entries = self.entries();
        entries.truncate(REMEMBERED - 1);
        entries.push_front((name, genuine));
        Ok(grant)
    }

    /// Whole entries stay sound whoever panics beside them.
    fn entries(&self) -> MutexGuard<'_, VecDeque<(Name, Genuine)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name_of(token: &str) -> Name {
    let mut name = Name::default();
    name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    name
}
