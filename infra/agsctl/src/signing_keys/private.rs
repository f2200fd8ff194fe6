//! Where private keys are made and disabled: in KMS, or in the file of a directory.
#![expect(clippy::print_stdout, reason = "it talks to a person at a terminal")]

use std::fs::File;
use std::path::{Path, PathBuf};

use ags_kms::Kms;
use ags_shared::auth::{KeyRing, LocalSigner, SignError};
use ags_shared::clock::{Clock, SystemClock};
use ags_shared::config::KmsConfig;
use ags_shared::domain::{PublicHalf, SigningKey};
use anyhow::bail;

use crate::keys;
use crate::place::SIGNING_KEYS;

/// The place of the private keys of one table.
pub(super) enum PrivateKeys {
    Kms { kms: Kms, table: String },
    Directory(PathBuf),
}

impl PrivateKeys {
    pub(super) fn in_kms(config: &KmsConfig, table: &str) -> Self {
        Self::Kms { kms: Kms::new(config), table: table.to_owned() }
    }

    pub(super) fn in_directory(dir: &Path) -> Self {
        Self::Directory(dir.to_owned())
    }

    /// A key that is not in the ring: the one that `kms_key` names, else a new one.
    pub(super) async fn next(&self, ring: &KeyRing, kms_key: Option<&str>) -> anyhow::Result<PublicHalf> {
        match (self, kms_key) {
            (Self::Kms { kms, .. }, Some(key)) => Ok(kms.public_half(key).await?),
            (Self::Kms { kms, table }, None) => {
                let policy = policy_of_the_present(kms, ring).await?;
                let arn = kms.create_key(table, policy).await?;
                // Told before anything else can fail, so that it can be used or deleted.
                println!("made the KMS key {arn}");
                Ok(kms.public_half(&arn).await?)
            }
            (Self::Directory(dir), None) => next_in(dir, ring),
            (Self::Directory(_), Some(_)) => bail!("the keys of a directory are in a file, not in KMS"),
        }
    }

    /// Makes sure that nobody can sign with the key any more, where that is for its place to say: a file is the
    /// operator's own.
    pub(super) async fn disable(&self, key: &SigningKey) -> anyhow::Result<()> {
        if let (Self::Kms { kms, .. }, Some(arn)) = (self, &key.public.private) {
            kms.disable_key(arn).await?;
            println!("disabled the KMS key {arn}");
        }
        Ok(())
    }
}

/// What the next key's policy is to be: that of the key that signs now, so that who may sign stays the same. A key that is
/// gone has none, and another one is needed all the same.
async fn policy_of_the_present(kms: &Kms, ring: &KeyRing) -> anyhow::Result<Option<String>> {
    let present = ring.signer(SystemClock.now().unix_seconds()).and_then(|key| key.public.private.as_deref());
    let Some(arn) = present else { return Ok(None) };
    match kms.policy(arn).await {
        Err(SignError::Refused(reason)) => {
            println!(
                "the policy of {arn} cannot be had, so whoever IAM allows may sign with the next key: {reason}"
            );
            Ok(None)
        }
        policy => Ok(policy?),
    }
}

/// The first key in the file of `dir` that the ring lacks, which an interrupted rotation left there; else a new one,
/// which is added to the file.
fn next_in(dir: &Path, ring: &KeyRing) -> anyhow::Result<PublicHalf> {
    // Two that write the file at once would lose one of their keys.
    let turn = File::open(dir)?;
    turn.lock()?;
    let file = dir.join(SIGNING_KEYS);
    let mut pem = std::fs::read(&file)?;
    let left = LocalSigner::public_halves(&pem)?.into_iter().find(|key| ring.find(&key.kid).is_none());
    if let Some(left) = left {
        return Ok(left);
    }
    let new = keys::new_signing_key()?;
    pem.extend_from_slice(new.as_bytes());
    keys::write_private(&file, &pem)?;
    Ok(LocalSigner::from_pem(new.as_bytes())?.public_half().clone())
}
