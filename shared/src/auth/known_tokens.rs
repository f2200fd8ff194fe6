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

/// The tokens of one issuer that were found genuine last.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::LocalSigner;
    use crate::auth::access_token::mint;
    use crate::domain::{Role, SigningKey};
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

    const ISSUER: &str = "https://ags.example.edu";

    fn signer() -> LocalSigner {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let pem = pem::encode(&pem::Pem::new("PRIVATE KEY", der.as_ref()));
        LocalSigner::from_pem(pem.as_bytes()).unwrap()
    }

    async fn token(signer: &LocalSigner, key: &SigningKey, id: usize, now: Timestamp) -> String {
        let grant = Grant {
            client: "tool".parse().unwrap(),
            scopes: Role::Tool.scopes(),
            deployment: None,
            token_id: id.to_string(),
        };
        mint(signer, key, ISSUER, &grant, now).await.unwrap()
    }

    #[tokio::test]
    async fn the_tokens_found_genuine_last_are_remembered_and_no_others() {
        let (signer, now) = (signer(), Timestamp::from_unix_nanos(0).unwrap());
        let key = signer.public_half().clone().signing_from(0);
        let ring = KeyRing::new(vec![key.clone()]);
        let known = KnownTokens::default();
        for id in 0..=REMEMBERED {
            let token = token(&signer, &key, id, now).await;
            for _ in 0..2 {
                assert_eq!(known.verify(&token, &ring, ISSUER, now).unwrap().token_id, id.to_string());
            }
        }
        let ids =
            || known.entries().iter().map(|(_, known)| known.grant.token_id.clone()).collect::<Vec<_>>();
        let expected: Vec<_> = (1..=REMEMBERED).rev().map(|id| id.to_string()).collect();
        assert_eq!(ids(), expected);

        let (one, other) = (token(&signer, &key, 0, now).await, token(&signer, &key, 1, now).await);
        let (signed, signature) = (one.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
        assert!(known.verify(&format!("{signed}.{signature}"), &ring, ISSUER, now).is_err());
        assert_eq!(ids(), expected);
    }
}
