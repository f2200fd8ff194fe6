//! Answers.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{JSON, Problem};
use crate::domain::PAGE_BYTES;
use crate::store::Page;

/// An answer with a JSON body of the media type `media`.
///
/// # Errors
/// 500 if `body` cannot be written as JSON, which is a defect.
pub fn json(status: StatusCode, media: &'static str, body: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    Ok((status, [(CONTENT_TYPE, HeaderValue::from_static(media))], body).into_response())
}

/// A bare JSON array (AGS 45), with a link to the rest where there is more.
///
/// The one `Link` header is exactly `<URL>; rel="next"`: that form, and no other, every client reads (AGS 79, 82).
/// `next` makes the URL that continues after an entry.
///
/// # Errors
/// 500 if an entry cannot be written as JSON, which is a defect.
pub fn page<'a, T, B: Serialize>(
    media: &'static str,
    page: &'a Page<T>,
    render: impl Fn(&'a T) -> B,
    next: impl Fn(&'a T) -> String,
) -> Result<Response, Problem> {
    let (body, cut_after) = array(&page.entries, render)?;
    let last = cut_after.or_else(|| page.entries.last().filter(|_| page.more));
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    if let Some(last) = last {
        let link = format!("<{}>; rel=\"next\"", next(last));
        response.headers_mut().insert(LINK, link.parse().map_err(Problem::internal)?);
    }
    Ok(response)
}

/// Where a list goes on after the entries at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// At this URL.
    Next(String),
    /// Nowhere: it is complete. At this URL is what changes from now on, where there is such a thing.
    Complete(Option<String>),
}

/// A list for an LMS: `{"entries": […], "next": …}`, or with `changes` instead of `next`. `after` makes the URL that goes
/// on after an entry; a page that would get too large ends there.
///
/// # Errors
/// 500 if an entry cannot be written as JSON, which is a defect.
pub fn listing<'a, T, B: Serialize>(
    entries: &'a [T],
    render: impl Fn(&'a T) -> B,
    after: impl Fn(&'a T) -> String,
    rest: Rest,
) -> Result<Response, Problem> {
    let (array, cut_after) = array(entries, render)?;
    let (name, url) = match (cut_after, rest) {
        (Some(last), _) => ("next", Some(after(last))),
        (None, Rest::Next(url)) => ("next", Some(url)),
        (None, Rest::Complete(changes)) => ("changes", changes),
    };
    let mut body = Vec::from(b"{\"entries\":");
    body.extend(array);
    if let Some(url) = url {
        let url = serde_json::to_string(&url).map_err(Problem::internal)?;
        body.extend(format!(",\"{name}\":{url}").into_bytes());
    }
    body.push(b'}');
    Ok((StatusCode::OK, [(CONTENT_TYPE, HeaderValue::from_static(JSON))], body).into_response())
}

/// A JSON array of as many of `entries` as an answer can take, at least one; and the last of them, if not all fit.
fn array<'a, T, B: Serialize>(
    entries: &'a [T],
    render: impl Fn(&'a T) -> B,
) -> Result<(Vec<u8>, Option<&'a T>), Problem> {
    let mut body = Vec::from(b"[");
    let mut last = None;
    let mut measure = 0;
    for entry in entries {
        let json = serde_json::to_vec(&render(entry)).map_err(Problem::internal)?;
        measure += measure_on_the_way(&json);
        if last.is_some() {
            if measure > PAGE_BYTES {
                body.push(b']');
                return Ok((body, last));
            }
            body.push(b',');
        }
        body.extend(json);
        last = Some(entry);
    }
    body.push(b']');
    Ok((body, None))
}

/// The bytes that `json` and a comma take inside the JSON string in which Lambda hands it to the gateway.
fn measure_on_the_way(json: &[u8]) -> usize {
    json.len() + json.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count() + 1
}
