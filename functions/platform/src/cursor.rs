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
    let Some(text) = query.value("cursor")? else { return Ok(None) };
    let json = HEXLOWER.decode(text.as_bytes()).map_err(|_| refused())?;
    serde_json::from_slice(&json).map(Some).map_err(|_| refused())
}

/// The most entries of a page.
const LIMIT: usize = 100;

/// How many entries a page has at most: as the request says, and no more than a hundred.
///
/// # Errors
/// 400 if it does not say a positive integer.
pub(crate) fn limit(query: &Query) -> Result<usize, Problem> {
    Ok(query.limit()?.get().min(LIMIT))
}

/// The id after which the list goes on.
///
/// # Errors
/// As [`decode`].
pub(crate) fn after<T: TryFrom<String>>(query: &Query) -> Result<Option<T>, Problem> {
    let id = |text: String| text.try_into().map_err(|_| refused());
    decode::<String>(query)?.map(id).transpose()
}

/// The URL of the page of the list `url` that starts after `position`.
pub(crate) fn next(url: &str, limit: usize, position: &impl Serialize) -> String {
    format!("{url}?limit={limit}&cursor={}", encode(position))
}

/// The answer to a cursor that nobody was given.
pub(crate) fn refused() -> Problem {
    Problem::parameter("cursor", "must be taken unchanged from a next link")
}
