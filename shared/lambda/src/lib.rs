//! Runs our code as an AWS Lambda function: a router behind an API Gateway HTTP API, or what a timer starts.

mod log;
mod timer;

use std::time::Duration;

use ags_shared::domain::segment;
use axum::Router;
use lambda_http::lambda_runtime;
use lambda_http::request::LambdaRequest;
use lambda_http::tower::ServiceExt;
use lambda_http::{Adapter, LambdaEvent};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

pub use lambda_http::Error;
pub use log::init_log;
pub use timer::run_timer;

/// What a query may not hold as it is (RFC 3986 §3.4), and a client may still have sent.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What means the same in a path whether it is percent-encoded or not (RFC 3986 §2.3) stays as it is.
const NOT_IN_A_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How long a start waits for others. A client waits for it, and Lambda gives it up after ten seconds.
const WARM_UP_MAX: Duration = Duration::from_secs(2);

/// Answers events until the process is stopped. `warm_up` comes first: while a function starts it has a whole core, and
/// afterwards as much of one as its memory is worth.
///
/// # Errors
/// If the runtime API of Lambda fails.
pub async fn run(app: Router, warm_up: impl Future<Output = ()>) -> Result<(), Error> {
    // What was not done by then the first request does.
    if tokio::time::timeout(WARM_UP_MAX, warm_up).await.is_err() {
        tracing::warn!("others did not answer while this function started");
    }
    lambda_runtime::run(Adapter::from(app).map_request(with_sound_target)).await
}

/// `lambda_http` makes a URL of path, query and two headers, and panics where that cannot be done, before any of our code
/// could answer. Nothing here goes by these headers.
fn with_sound_target(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        for header in ["host", "x-forwarded-proto"] {
            request.headers.remove(header);
        }
        let query = request.raw_query_string.as_deref();
        request.raw_query_string = query.map(|query| utf8_percent_encode(query, NOT_IN_A_QUERY).to_string());
        request.raw_path = request.raw_path.as_deref().map(encoded);
    }
    event
}

/// A path as the router reads it, of one that the gateway has percent-decoded: encoded again, so that it is decoded once. What
/// hands on a path as the client sent it (a function URL, `cargo lambda watch`) has its percent signs taken literally;
/// paths that we make have none.
///
/// Segments `.` and `..`, with which a URL would lead to another place, become what they stand for as ids.
fn encoded(path: &str) -> String {
    let mut encoded = String::new();
    for part in path.strip_prefix('/').unwrap_or(path).split('/') {
        encoded.push('/');
        match part {
            "." | ".." => encoded.push_str(&segment::escape(part)),
            _ => encoded.extend(utf8_percent_encode(part, NOT_IN_A_SEGMENT)),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Context;
    use serde_json::json;

    fn convert(path: &str, query: &str) -> lambda_http::Request {
        convert_with(path, query, &json!({ "host": "ags.example.edu" }))
    }

    fn convert_with(path: &str, query: &str, headers: &serde_json::Value) -> lambda_http::Request {
        let event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": { "stage": "$default", "http": { "method": "GET", "path": path } },
            "isBase64Encoded": false,
        });
        let payload = serde_json::from_value(event).unwrap();
        with_sound_target(LambdaEvent { payload, context: Context::default() }).payload.into()
    }

    #[test]
    fn no_query_is_refused_by_the_conversion_and_a_sound_one_stays_as_it_is() {
        let convert = |query: &str| convert("/token", query).uri().query().unwrap_or_default().to_owned();
        assert_eq!(convert("limit=1&tag=a%20b+c"), "limit=1&tag=a%20b+c");
        for byte in 0..=127_u8 {
            convert(&format!("tag={}", char::from(byte)));
        }
        assert_eq!(convert("tag=<é \"x\">"), "tag=%3C%C3%A9%20%22x%22%3E");
    }

    #[test]
    fn no_header_is_refused_by_the_conversion() {
        for (name, value) in [
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-proto", "file"),
            ("host", "a b"),
            ("host", ""),
        ] {
            let mut headers = json!({ "accept": "*/*", "host": "ags.example.edu" });
            headers[name] = value.into();
            let request = convert_with("/token", "", &headers);
            assert_eq!((request.uri().path(), request.headers().len()), ("/token", 1), "{name}: {value}");
        }
    }

    #[test]
    fn a_decoded_path_reaches_the_router_whole_and_is_decoded_once() {
        let convert = |path: &str| convert(path, "").uri().path().to_owned();
        assert_eq!(convert("/.well-known/jwks.json"), "/.well-known/jwks.json");
        assert_eq!(convert("/a~2fb/A_1-x"), "/a~2fb/A_1-x");
        assert_eq!(convert("/%41#b?c/ü \t\\"), "/%2541%23b%3Fc/%C3%BC%20%09%5C");
        assert_eq!(convert("/a/../b/./..."), "/a/~2e~2e/b/~2e/...");
        assert_eq!(convert("/a/%2e%2E/b"), "/a/%252e%252E/b");
        assert_eq!(convert("//a//b/"), "//a//b/");
        for path in ["", "/", "//", ":0", "@x", "[", ":99999999/x"] {
            assert!(convert(path).starts_with('/'), "{path}");
        }
    }
}
