//! Entity tags of line items: the count of their definitions (RFC 9110 §8.8.3).

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};

use super::Problem;
use super::problem::ProblemKind;
use crate::domain::LineItem;
use crate::store::Precondition;

/// The strong entity tag of a line item.
#[must_use]
pub fn etag(item: &LineItem) -> String {
    tag_of(item.version)
}

fn tag_of(version: u64) -> String {
    format!("\"{version}\"")
}

fn tags(headers: &HeaderMap, name: HeaderName) -> Option<Vec<String>> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let texts = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    Some(texts.map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect())
}

/// The versions that `If-Match` allows to be changed; a weak tag never matches.
///
/// # Errors
/// 412 if it names no version that could ever be.
pub fn if_match(headers: &HeaderMap) -> Result<Precondition, Problem> {
    /// More than any client holds, fewer than an expression of the table may list.
    const VERSIONS_MAX: usize = 50;

    let Some(tags) = tags(headers, IF_MATCH) else { return Ok(Precondition::None) };
    if tags.iter().any(|tag| tag == "*") {
        return Ok(Precondition::None);
    }
    let version = |tag: &String| {
        let version: u64 = tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()?;
        (tag_of(version) == *tag).then_some(version)
    };
    let mut versions: Vec<u64> = tags.iter().filter_map(version).collect();
    if versions.is_empty() {
        return Err(changed());
    }
    // Of a long list the newest can match.
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.truncate(VERSIONS_MAX);
    Ok(Precondition::Versions(versions))
}

/// Whether `If-None-Match` names the line item as it is, so that 304 is enough.
#[must_use]
pub fn if_none_match(headers: &HeaderMap, item: &LineItem) -> bool {
    let current = etag(item);
    tags(headers, IF_NONE_MATCH)
        .unwrap_or_default()
        .iter()
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == current)
}

/// 412: the line item is not the one that `If-Match` names.
#[must_use]
pub fn changed() -> Problem {
    Problem::new(ProblemKind::PreconditionFailed, "GET it, and send the change again with its new ETag.")
}
