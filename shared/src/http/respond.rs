//! Answers.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Problem;
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
    let mut body = Vec::from(b"[");
    let mut last = None;
    let mut more = page.more;
    let mut measure = 0;
    for entry in &page.entries {
        let json = serde_json::to_vec(&render(entry)).map_err(Problem::internal)?;
        measure += measure_on_the_way(&json);
        if last.is_some() {
            if measure > PAGE_BYTES {
                more = true;
                break;
            }
            body.push(b',');
        }
        body.extend(json);
        last = Some(entry);
    }
    body.push(b']');
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    if let Some(last) = last.filter(|_| more) {
        let link = format!("<{}>; rel=\"next\"", next(last));
        response.headers_mut().insert(LINK, link.parse().map_err(Problem::internal)?);
    }
    Ok(response)
}

/// The bytes that `json` and a comma take inside the JSON string in which Lambda hands it to the gateway.
fn measure_on_the_way(json: &[u8]) -> usize {
    json.len() + json.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count() + 1
}
