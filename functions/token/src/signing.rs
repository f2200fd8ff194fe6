//! The key that signs now, and how a configured key becomes known.

use std::sync::Arc;

use ags_shared::auth::access_token::{self, Grant};
use ags_shared::auth::{KeyRing, SignError};
use ags_shared::domain::{SigningKey, Timestamp};
use ags_shared::store::StoreError;

use crate::Issuer;
use crate::error::TokenError;

/// The ring, with the key in it that this process was configured with.
///
/// Any number of processes may add it at once. One that is there stays what it is: a retired or revoked key does not
/// come back because it is still configured.
pub(crate) async fn key_ring<E>(issuer: &Issuer) -> Result<Arc<KeyRing>, E>
where
    E: From<StoreError> + From<SignError>,
{
    let Issuer { services, signer, .. } = issuer;
    let ring = services.key_ring().await?;
    let now = services.now().unix_seconds();
    match signer.missing_in(&ring).await {
        Ok(None) => Ok(ring),
        Ok(Some(own)) => Ok(services.key_ring_with(&ring.join(own, now)).await?),
        Err(error) if ring.signer(now).is_some() => {
            tracing::warn!(%error, "the configured signing key is left aside; the ring has another");
            Ok(ring)
        }
        Err(error) => Err(error.into()),
    }
}

/// The access token for `grant`.
///
/// If the key of `ring` cannot be used, it was perhaps revoked since that was read. If it still signs, its private half is
/// gone, or nothing signs yet; then the next key does, which is published already: better early than no token at all.
pub(crate) async fn mint(
    issuer: &Issuer,
    ring: &Arc<KeyRing>,
    grant: &Grant,
    now: Timestamp,
) -> Result<String, TokenError> {
    let second = now.unix_seconds();
    let mut minted = mint_with(issuer, ring.signer(second), grant, now).await;
    if let Err(SignError::Refused(_)) = minted {
        let ring = issuer.services.key_ring_anew().await?;
        for key in [ring.signer(second), ring.next(second)] {
            if let Err(SignError::Refused(reason)) = &minted {
                tracing::error!(cause = %reason, "a signing key cannot be used");
                minted = mint_with(issuer, key, grant, now).await;
            }
        }
    }
    Ok(minted?)
}

async fn mint_with(
    Issuer { services, signer, .. }: &Issuer,
    key: Option<&SigningKey>,
    grant: &Grant,
    now: Timestamp,
) -> Result<String, SignError> {
    let key = key.ok_or_else(|| SignError::refused("no key of the ring signs now"))?;
    access_token::mint(signer.as_ref(), key, services.links.issuer(), grant, now).await
}
