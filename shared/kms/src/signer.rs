//! The signer of the cloud.

use ags_shared::auth::{BoxFuture, KeyRing, SignError, Signer};
use ags_shared::domain::{PublicHalf, SigningKey};
use data_encoding::BASE64URL_NOPAD;
use tokio::sync::OnceCell;

use crate::Kms;

/// Signs with the keys of KMS, of which one is the configured one.
#[derive(Debug)]
pub struct KmsSigner {
    kms: Kms,
    own: String,
    own_public: OnceCell<PublicHalf>,
}

impl KmsSigner {
    /// The signer whose configured key is `own`: an ARN, id or alias. Opens no connection.
    #[must_use]
    pub fn new(kms: Kms, own: String) -> Self {
        Self { kms, own, own_public: OnceCell::new() }
    }

    async fn own_public(&self) -> Result<&PublicHalf, SignError> {
        self.own_public.get_or_try_init(|| self.kms.public_half(&self.own)).await
    }
}

impl Signer for KmsSigner {
    fn warm_up(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            // What is read is of use only where the key is configured by another name than its ARN.
            if let Err(error) = self.own_public().await {
                tracing::warn!(%error, "KMS did not answer while this function started");
            }
        })
    }

    fn missing_in<'a>(&'a self, ring: &'a KeyRing) -> BoxFuture<'a, Result<Option<PublicHalf>, SignError>> {
        Box::pin(async {
            // A key that is configured by its ARN is found without a question to KMS.
            if ring.keys().iter().any(|key| key.public.private.as_deref() == Some(&self.own)) {
                return Ok(None);
            }
            let own = self.own_public().await?;
            Ok(ring.find(&own.kid).is_none().then(|| own.clone()))
        })
    }

    fn sign<'a>(
        &'a self,
        key: &'a SigningKey,
        message: &'a [u8],
    ) -> BoxFuture<'a, Result<String, SignError>> {
        Box::pin(async {
            let arn = key.public.private.as_deref();
            let arn = arn.ok_or_else(|| SignError::refused("its private half is not in KMS"))?;
            Ok(BASE64URL_NOPAD.encode(&self.kms.sign(arn, message).await?))
        })
    }
}
