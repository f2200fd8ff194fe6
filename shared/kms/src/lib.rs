//! Signing keys that never leave AWS KMS. Two programs know this crate: the token function, which signs with them, and
//! the operator's, which makes and disables them.

mod der;
mod error;
mod signer;

use ags_shared::auth::{SignError, public_half};
use ags_shared::config::KmsConfig;
use ags_shared::domain::PublicHalf;
use ags_shared::outgoing;
use aws_sdk_kms::Client;
use aws_sdk_kms::config::Builder;
use aws_sdk_kms::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_kms::operation::disable_key::DisableKeyError;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec, Tag};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};

use error::failed;
pub use signer::KmsSigner;

/// The tag that every key of ours has. Its value is the name of the table, so that a policy can tell whose keys they are.
pub const TAG: &str = "lambda-ags:table";

/// The P-256 keys of one account and region.
#[derive(Debug, Clone)]
pub struct Kms(Client);

impl Kms {
    /// KMS as `config` says, and with no other credentials than those. Opens no connection.
    #[must_use]
    pub fn new(config: &KmsConfig) -> Self {
        // As for the table: a process that lived through an outage must have retries left for the next call.
        let no_quota = RetryPartition::custom("kms").token_bucket(TokenBucket::unlimited()).build();
        let service = outgoing::service(&config.region, &config.credentials, config.endpoint.as_deref());
        let settings = Builder::from(&service).retry_partition(no_quota);
        Self(Client::from_conf(settings.build()))
    }

    /// The public half of the key that `key` names by ARN, id or alias; its own ARN stands in it.
    ///
    /// # Errors
    /// [`SignError`], also if the key is not one that signs on P-256.
    pub async fn public_half(&self, key: &str) -> Result<PublicHalf, SignError> {
        let answer = self.0.get_public_key().key_id(key).send().await.map_err(|error| failed(&error))?;
        let point = answer.public_key.as_ref().and_then(|info| der::p256_point(info.as_ref()));
        let signs = answer.key_usage == Some(KeyUsageType::SignVerify);
        let (Some(point), true) = (point, signs) else {
            return Err(SignError::refused(
                "the key of KMS is not for signatures (SIGN_VERIFY) on ECC_NIST_P256",
            ));
        };
        let arn = answer.key_id.ok_or_else(|| SignError::refused("KMS did not say which key it is"))?;
        let public = DecodingKey::from_ec_der(point);
        let jwk = Jwk::from_decoding_key(&public, Some(Algorithm::ES256)).map_err(SignError::refused)?;
        public_half(jwk, Some(arn))
    }

    /// The signature over `message` by the key of this ARN, in JOSE form.
    ///
    /// KMS makes the digest, of at most 4,096 bytes. A token with the longest ids has fewer.
    ///
    /// # Errors
    /// [`SignError`].
    pub async fn sign(&self, arn: &str, message: &[u8]) -> Result<[u8; 64], SignError> {
        let signing = self
            .0
            .sign()
            .key_id(arn)
            .message_type(MessageType::Raw)
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
            .message(Blob::new(message));
        let signature = signing.send().await.map_err(|error| failed(&error))?.signature;
        let jose = signature.as_ref().and_then(|signature| der::jose_signature(signature.as_ref()));
        jose.ok_or_else(|| SignError::refused("KMS sent a signature that cannot be read"))
    }

    /// The policy of the key of this ARN, as JSON: who may sign with it, whatever IAM allows.
    ///
    /// # Errors
    /// [`SignError`].
    pub async fn policy(&self, arn: &str) -> Result<Option<String>, SignError> {
        let policy = self.0.get_key_policy().key_id(arn).policy_name("default").send().await;
        Ok(policy.map_err(|error| failed(&error))?.policy)
    }

    /// Makes a key for the service over `table`, with this policy; its ARN. Without one it has the default: whoever is
    /// allowed by IAM may use it.
    ///
    /// # Errors
    /// [`SignError`].
    pub async fn create_key(&self, table: &str, policy: Option<String>) -> Result<String, SignError> {
        let tag = Tag::builder().tag_key(TAG).tag_value(table).build().map_err(SignError::refused)?;
        let made = self
            .0
            .create_key()
            .key_spec(KeySpec::EccNistP256)
            .key_usage(KeyUsageType::SignVerify)
            .description(format!("signs the access tokens of lambda-ags over the table {table}"))
            .tags(tag)
            .set_policy(policy);
        let made = made.send().await.map_err(|error| failed(&error))?.key_metadata.and_then(|made| made.arn);
        made.ok_or_else(|| SignError::refused("KMS did not say which key it made"))
    }

    /// Disables a key, so that nobody can sign with it; an administrator of KMS can enable it again. One that waits for its
    /// deletion signs nothing either.
    ///
    /// # Errors
    /// [`SignError`].
    pub async fn disable_key(&self, arn: &str) -> Result<(), SignError> {
        match self.0.disable_key().key_id(arn).send().await {
            Err(error)
                if error.as_service_error().is_some_and(DisableKeyError::is_kms_invalid_state_exception) =>
            {
                Ok(())
            }
            disabled => disabled.map(drop).map_err(|error| failed(&error)),
        }
    }
}
