//! The keys with which the signature of an assertion is checked.
//!
//! A set that a tool publishes at an address is fetched by one instance for all (AGS 144): what is known of it is in the
//! table, and [`NextStep`] decides from that alone. So each round here begins with a read, and there is no state in
//! memory that could differ from it.
//!
//! A fetch takes time. By that a stranger who makes up a `kid` can tell a tool that is registered by address from an unknown
//! client, once in a cool-down; nothing else of a refusal differs (AGS 154).

use std::time::Duration;

use ags_shared::auth::ToolKeys;
use ags_shared::auth::assertion::UnverifiedAssertion;
use ags_shared::auth::jwks::Fetched;
use ags_shared::domain::{ClientId, FetchedKeys, FetchedSet, JwksUrl, NextStep, PublicKeys, Registration};
use ags_shared::services::random;
use data_encoding::HEXLOWER;

use crate::Issuer;
use crate::error::TokenError;

/// How long to wait before looking whether another instance has fetched the set.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The tool that an assertion claims to come from, and the keys that it may sign with now.
///
/// Without a tool, and where its keys cannot be had, there are none, and no assertion is good. Why is in the log.
///
/// # Errors
/// [`TokenError::Store`] if the table fails: what a tool's keys are cannot be known then.
pub(crate) async fn tool_with_keys(
    issuer: &Issuer,
    assertion: &UnverifiedAssertion<'_>,
) -> Result<(Option<Registration>, ToolKeys), TokenError> {
    let client = assertion.unverified_client();
    loop {
        let Some((tool, known)) = issuer.services.store.tool_fetch(client).await? else {
            return Ok((None, ToolKeys::default()));
        };
        let url = match &tool.keys {
            PublicKeys::Set(jwks) => {
                let keys = read(jwks);
                return Ok((Some(tool), keys));
            }
            PublicKeys::Url(url) => url,
        };
        let now = issuer.services.now().unix_seconds();
        let set = known.as_ref().and_then(|known| known.usable(now));
        let keys = set.map(|set| read(&set.jwks)).unwrap_or_default();
        let fits = assertion.fits(&keys);
        // Whom the operator disabled makes us send nothing.
        let step = if tool.enabled { NextStep::decide(known.as_ref(), fits, now) } else { NextStep::Use };
        match step {
            NextStep::Use => {
                if !fits {
                    tracing::warn!(keys = set.is_some(), "no key fits, and none is looked for so soon again");
                }
                return Ok((Some(tool), keys));
            }
            NextStep::Fetch => fetch(issuer, client, url, known.as_ref()).await?,
            NextStep::Wait => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}

/// The usable keys of a set; none where the operator or the tool made a mistake.
fn read(jwks: &str) -> ToolKeys {
    ToolKeys::parse(jwks).unwrap_or_else(|error| {
        tracing::error!(cause = %error, "the keys of a tool cannot be used");
        ToolKeys::default()
    })
}

/// Fetches the set at `url`, unless another instance takes the turn, and puts what comes of it on record.
async fn fetch(
    issuer: &Issuer,
    client: &ClientId,
    url: &JwksUrl,
    known: Option<&FetchedKeys>,
) -> Result<(), TokenError> {
    let store = &issuer.services.store;
    let turn = HEXLOWER.encode(&random::<16>()?);
    let now = issuer.services.now();
    if !store.tool_keys_claim(client, url, &turn, known, now).await? {
        return Ok(());
    }
    let set = match issuer.fetcher.fetch(url).await {
        Ok(Fetched { jwks, lifetime }) => {
            Some(FetchedSet { jwks, fresh_until: now.unix_seconds() + lifetime })
        }
        Err(error) => {
            let host = url.host().map(|host| host.to_string());
            tracing::warn!(host, cause = %error, "the key set of a tool cannot be fetched");
            None
        }
    };
    Ok(store.tool_keys_record(client, &turn, set.as_ref()).await?)
}
