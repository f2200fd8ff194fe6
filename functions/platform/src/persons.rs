//! The rights of a person: to see everything that is on record, and to have it removed.

use ags_shared::domain::Limit;
use ags_shared::http::{
    Ending, JSON, Lms, Outcome, Problem, Query, ReadPlatform, Rest, WritePlatform, json, listing, record,
};
use ags_shared::links::Links;
use ags_shared::services::Services;
use ags_shared::store::{Erased, Held, Position, Record};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::HEXLOWER;
use serde::Serialize;

use crate::cursor;
use crate::place::PersonPlace;

/// A row about a person as it is sent.
#[derive(Serialize)]
struct SentRow<'a> {
    kind: &'a str,
    context: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_id: Option<&'a str>,
    tool: &'a str,
    line_item_url: String,
    line_item_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    record: &'a Record,
}

impl<'a> SentRow<'a> {
    fn new(links: &Links, row: &'a Held) -> Self {
        Self {
            kind: &row.kind,
            context: row.context.as_str(),
            context_id: row.context_id.as_deref(),
            tool: row.client.as_str(),
            line_item_url: links.line_item(&row.context, row.line_item),
            line_item_id: row.line_item.to_string(),
            label: row.label.as_deref(),
            record: &row.record,
        }
    }
}

/// `GET /platform/users/{user}`: the rows themselves, whatever is in them, also those of line items that were deleted.
pub(crate) async fn export(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    PersonPlace { user }: PersonPlace,
    query: Query,
) -> Result<Response, Problem> {
    let (limit, after) = (query.limit()?, cursor::decode(&query)?);
    let page = services.store.person_export(&user, after, limit.get()).await?;
    let page = page.ok_or_else(cursor::refused)?;
    let here = services.links.platform(&["users", user.as_str()]);
    let url = |after: &Position| next(&here, limit, after);
    let rest = page.next.as_ref().map_or(Rest::Complete(None), |next| Rest::Next(url(next)));
    listing(&page.rows, |row| SentRow::new(&services.links, row), |row| url(&row.position), rest)
}

fn next(here: &str, limit: Limit, after: &Position) -> String {
    format!("{here}?limit={}&cursor={}", limit.get(), cursor::encode(after))
}

/// What was removed of a person on one line item, as it is sent.
#[derive(Serialize)]
struct SentErased<'a> {
    context: &'a str,
    tool: &'a str,
    line_item_id: String,
    results: usize,
    history: usize,
}

impl<'a> From<&'a Erased> for SentErased<'a> {
    fn from(erased: &'a Erased) -> Self {
        Self {
            context: erased.context.as_str(),
            tool: erased.client.as_str(),
            line_item_id: erased.line_item.to_string(),
            results: erased.results,
            history: erased.history,
        }
    }
}

/// What a call removed, as it is sent: what was where, and how much; nothing of what it said.
#[derive(Serialize)]
struct SentErasure<'a> {
    removed: Vec<SentErased<'a>>,
    /// Over the keys of the rows, which nobody can guess who has not had them.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    done: bool,
}

/// `DELETE /platform/users/{user}`: sent again until it is `done`; and once more after some minutes, for what was just
/// being written.
pub(crate) async fn erase(
    State(services): State<Services>,
    _: Lms<WritePlatform>,
    PersonPlace { user }: PersonPlace,
) -> Result<Response, Problem> {
    let erasure = services.store.person_erase(&user, services.now()).await?;
    let removed: Vec<SentErased<'_>> = erasure.removed.iter().map(Into::into).collect();
    let sha256 = (!removed.is_empty()).then(|| HEXLOWER.encode(&erasure.digest));
    let outcome = if let Some(sha256) = &sha256 {
        let results = removed.iter().map(|erased| erased.results).sum();
        record::erased(results, removed.iter().map(|erased| erased.history).sum(), sha256);
        Outcome::Erased
    } else {
        Outcome::Ok
    };
    let mut response = json(StatusCode::OK, JSON, &SentErasure { removed, sha256, done: erasure.done })?;
    response.extensions_mut().insert(Ending::from(outcome));
    Ok(response)
}
