//! Where the next page starts, as a text that nobody needs to understand.

use ags_shared::http::{Problem, Query};
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The `cursor` of a URL; it grants nothing: what is listed is decided by the path.
pub(crate) fn encode(position: &impl Serialize) -> String {
    HEXLOWER.encode(&serde_json::to_vec(position).unwrap_or_default())
}

/// What [`encode`] wrote into the `cursor` of the request; `None` on the first page.
///
/// # Errors
/// 400 for anything else.
pub(crate) fn decode<T: DeserializeOwned>(query: &Query) -> Result<Option<T>, Problem> {
    let refused = || Problem::parameter("cursor", "must be taken unchanged from a next link");
    let Some(text) = query.value("cursor")? else { return Ok(None) };
    let json = HEXLOWER.decode(text.as_bytes()).map_err(|_| refused())?;
    serde_json::from_slice(&json).map(Some).map_err(|_| refused())
}
