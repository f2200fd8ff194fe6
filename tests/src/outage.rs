//! A table that fails some operations: stands between the service and the engine.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// Passes every request on to the engine, but for the operation that fails.
#[derive(Clone)]
pub struct Outage {
    engine: String,
    http: reqwest::Client,
    failing: Arc<Mutex<Option<&'static str>>>,
}

impl Outage {
    /// Stands before the engine at `engine`; where it listens, and how to let operations fail.
    pub(crate) async fn before(engine: &str) -> (String, Self) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let outage =
            Self { engine: engine.to_owned(), http: reqwest::Client::new(), failing: Arc::default() };
        let routes = Router::new().fallback(pass).with_state(outage.clone());
        tokio::spawn(axum::serve(listener, routes).into_future());
        (endpoint, outage)
    }

    /// From now on this operation of DynamoDB fails; none with `None`.
    pub fn fail(&self, operation: Option<&'static str>) {
        *self.failing.lock().expect("no test panics while it holds the lock") = operation;
    }
}

async fn pass(State(outage): State<Outage>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let failing = *outage.failing.lock().expect("no test panics while it holds the lock");
    if failing.is_some_and(|operation| target.ends_with(operation)) {
        let error = r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}"#;
        return (StatusCode::INTERNAL_SERVER_ERROR, error).into_response();
    }
    let answer = outage.http.post(&outage.engine).headers(headers).body(body).send().await;
    let answer = answer.expect("an answer of the engine");
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.expect("a whole answer")).into_response()
}
