//! Runs a router as an AWS Lambda function behind an API Gateway HTTP API.

use axum::Router;
use lambda_http::lambda_runtime;
use lambda_http::request::LambdaRequest;
use lambda_http::tower::ServiceExt;
use lambda_http::{Adapter, LambdaEvent};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

pub use lambda_http::Error;

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

/// Writes the log as Lambda wants it: its format and level are settings of the function.
pub fn init_log() {
    lambda_http::tracing::init_default_subscriber();
}

/// Answers events until the process is stopped.
///
/// # Errors
/// If the runtime API of Lambda fails.
pub async fn run(app: Router) -> Result<(), Error> {
    lambda_runtime::run(Adapter::from(app).map_request(with_sound_query)).await
}

/// `lambda_http` panics over a query that is no part of a URI, before any of our code could answer 400.
fn with_sound_query(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        let query = request.raw_query_string.as_deref();
        request.raw_query_string = query.map(|query| utf8_percent_encode(query, NOT_IN_A_QUERY).to_string());
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Context;
    use serde_json::json;

    #[test]
    fn no_query_is_refused_by_the_conversion_and_a_sound_one_stays_as_it_is() {
        let convert = |query: &str| {
            let event = json!({
                "version": "2.0",
                "routeKey": "$default",
                "rawPath": "/token",
                "rawQueryString": query,
                "headers": { "host": "ags.example.edu" },
                "requestContext": { "stage": "$default", "http": { "method": "GET", "path": "/token" } },
                "isBase64Encoded": false,
            });
            let payload = serde_json::from_value(event).unwrap();
            let request = with_sound_query(LambdaEvent { payload, context: Context::default() }).payload;
            let request: lambda_http::Request = request.into();
            request.uri().query().unwrap_or_default().to_owned()
        };
        assert_eq!(convert("limit=1&tag=a%20b+c"), "limit=1&tag=a%20b+c");
        for byte in 0..=127_u8 {
            convert(&format!("tag={}", char::from(byte)));
        }
        assert_eq!(convert("tag=<é \"x\">"), "tag=%3C%C3%A9%20%22x%22%3E");
    }
}
