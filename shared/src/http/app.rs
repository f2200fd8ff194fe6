//! What stands around every router, in the cloud and on a laptop alike.

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use super::problem::ProblemKind;
use super::{Problem, record};
use crate::links::Links;

/// The largest request body, in bytes.
const BODY_MAX: usize = 256 * 1024;
/// The most that the names and values of all headers may have together, in bytes. API Gateway takes 10 KiB.
const HEADERS_MAX: usize = 16 * 1024;

/// Where a request leads whose path had slashes too many.
#[derive(Debug, Clone)]
struct Tidied(Uri);

/// Wraps `router` for the address that `links` describes: paths are tidied before they are matched; unknown paths and
/// methods, panics and oversized requests get the same kind of answer as everything else; each request is logged once.
pub fn app(router: Router, links: &Links) -> Router {
    let (base, base_path) = (links.issuer().to_owned(), links.base_path().to_owned());
    let wrapped = router
        .fallback(async move |request: Request| elsewhere(&request, &base))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn(read_body))
        .layer(CatchPanicLayer::custom(|_| Problem::internal("a handler panicked").into_response()))
        .layer(from_fn(record::keep));
    let tidied = wrapped.map_request(move |request: Request| tidy(request, &base_path));
    Router::new().fallback_service(tidied)
}

/// The router adds `Allow` to both answers (AGS 46).
async fn method_not_allowed(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Problem::new(ProblemKind::MethodNotAllowed, "Allow lists the methods of this resource.").into_response()
}

/// API Gateway chose the function by a path as it was sent. With slashes too many it may be one that does not have what the
/// tidied path names: where that is, another one answers (AGS 23).
fn elsewhere(request: &Request, base: &str) -> Response {
    let Some(Tidied(uri)) = request.extensions().get() else { return Problem::not_found().into_response() };
    Redirect::temporary(&format!("{base}{uri}")).into_response()
}

/// Merges repeated slashes, for `//scores` and a trailing slash are what widespread clients make of a line item URL
/// (AGS 23), and takes the base path off.
fn tidy(mut request: Request, base_path: &str) -> Request {
    let uri = request.uri();
    let segments = uri.path().split('/').filter(|segment| !segment.is_empty());
    let merged: String = segments.flat_map(|segment| ["/", segment]).collect();
    let below_base = merged.strip_prefix(base_path).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let has_more = merged.len() < uri.path().len() && below_base.is_some_and(|rest| !rest.is_empty());
    let mut tidied = below_base.unwrap_or(&merged).to_owned();
    if tidied.is_empty() {
        tidied.push('/');
    }
    if let Some(query) = uri.query() {
        tidied = format!("{tidied}?{query}");
    }
    if let Ok(uri) = tidied.parse::<Uri>() {
        // Our paths have no other characters.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        if has_more && uri.path().bytes().all(is_plain) {
            request.extensions_mut().insert(Tidied(uri.clone()));
        }
        *request.uri_mut() = uri;
    }
    request
}

/// Reads the body before anything is decided: a connection on which an answer overtakes a body cannot be used again, and
/// the client's next request on it would fail. Of a body that is too large just enough is read to see that it is.
async fn read_body(request: Request, next: Next) -> Response {
    let (parts, mut body) = request.into_parts();
    let mut read = Vec::new();
    while read.len() <= BODY_MAX {
        match body.frame().await {
            Some(Ok(frame)) => read.extend(frame.into_data().unwrap_or_default()),
            Some(Err(_)) => {
                let detail = "The body could not be read to its end.";
                return Problem::new(ProblemKind::InvalidBody, detail).into_response();
            }
            None => break,
        }
    }
    let headers = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    if headers.sum::<usize>() > HEADERS_MAX {
        return Problem::new(ProblemKind::TooLarge, "The headers have at most 16384 bytes.").into_response();
    }
    next.run(Request::from_parts(parts, Body::from(read))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;

    #[test]
    fn paths_lose_the_base_and_needless_slashes_and_nothing_else_ags_23() {
        let tidied = |uri: &str, base: &str| {
            let request = Request::builder().uri(uri).body(Body::empty()).unwrap();
            tidy(request, base).uri().to_string()
        };
        assert_eq!(tidied("/a//scores/?x=/y//z/", ""), "/a/scores?x=/y//z/");
        assert_eq!(tidied("/", ""), "/");
        assert_eq!(tidied("//lti//a", "/lti"), "/a");
        assert_eq!(tidied("/lti", "/lti"), "/");
        assert_eq!(tidied("/ltia", "/lti"), "/ltia");
        assert_eq!(tidied("/a/lti", "/lti"), "/a/lti");
        assert_eq!(tidied("/a%2F%2Fb/", ""), "/a%2F%2Fb");
    }

    #[tokio::test]
    async fn slashes_too_many_lead_on_to_whoever_has_the_path_without_them_ags_23() {
        let links = Links::new("https://ags.example.edu/lti").unwrap();
        let app = app(Router::new().route("/a", get(async || "a")), &links);
        let answer = async |path: &str| {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let answer = app.clone().oneshot(request).await.unwrap();
            let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
            (answer.status().as_u16(), location)
        };
        let to = |url: &str| (307, Some(format!("https://ags.example.edu{url}")));
        assert_eq!(answer("/lti//a/").await, (200, None));
        assert_eq!(answer("/lti/b/?x=/y/").await, to("/lti/b?x=/y/"));
        assert_eq!(answer("/lti//evil.example/").await, to("/lti/evil.example"));
        assert_eq!(answer("/lti/b%2F/").await, (404, None));
        assert_eq!(answer("/lti/b").await, (404, None));
        for path in ["/", "//", "/lti/", "/b/"] {
            assert_eq!(answer(path).await, (404, None), "{path}");
        }
    }

    #[tokio::test]
    async fn a_panic_costs_one_request_a_500_and_says_nothing() {
        let links = Links::new("https://ags.example.edu").unwrap();
        let router = Router::new()
            .route("/panic", get(async || -> &'static str { panic!("secret") }))
            .route("/fine", get(async || "fine"));
        let app = app(router, &links);
        let send = |path: &str| {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            app.clone().oneshot(request)
        };
        let answer = send("/panic").await.unwrap();
        assert_eq!(answer.status(), 500);
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("urn:lambda-ags:problem:internal") && !body.contains("secret"), "{body}");
        assert_eq!(send("/fine").await.unwrap().status(), 200);
    }
}
