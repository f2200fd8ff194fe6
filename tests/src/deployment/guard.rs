//! Between the functions and AWS: lets pass what the role of the function that calls allows.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::calls::accesses;
use super::{Deployment, used};

/// A proxy before the table and KMS. A call that is refused ends the test when this is dropped.
pub struct Guard {
    endpoint: String,
    state: Arc<Shared>,
}

struct Shared {
    stack: &'static Deployment,
    /// Where the table is.
    table: String,
    http: reqwest::Client,
    refused: Mutex<Vec<String>>,
}

impl Guard {
    /// A guard before the table at the endpoint `table`.
    pub async fn before(stack: &'static Deployment, table: String) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Shared { stack, table, http: crate::http(), refused: Mutex::default() });
        let routes = Router::new().fallback(pass).layer(DefaultBodyLimit::disable());
        let routes = routes.with_state(Arc::clone(&state));
        tokio::spawn(axum::serve(listener, routes).into_future());
        Self { endpoint, state }
    }

    /// For `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL_KMS`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let refused = self.state.refused.lock().expect("nobody panics with it");
        assert!(refused.is_empty() || std::thread::panicking(), "roles of the template refused {refused:#?}");
    }
}

async fn pass(State(state): State<Arc<Shared>>, mut headers: HeaderMap, body: String) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let target = header("x-amz-target").to_owned();
    if let Err(refused) = decide(state.stack, header("authorization"), &target, &body) {
        let answer = json!({ "__type": "AccessDeniedException", "message": refused });
        tell(&refused);
        state.refused.lock().expect("nobody panics with it").push(refused);
        return (StatusCode::BAD_REQUEST, answer.to_string()).into_response();
    }
    let upstream = if target.starts_with("TrentService.") { &state.stack.endpoint } else { &state.table };
    for of_this_connection in ["host", "content-length"] {
        headers.remove(of_this_connection);
    }
    let request = state.http.post(upstream).headers(headers).body(body);
    let answer = async {
        let answer = request.send().await?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        for of_that_connection in ["content-length", "transfer-encoding", "connection"] {
            headers.remove(of_that_connection);
        }
        Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?).into_response())
    };
    // Nobody there, or a connection that was broken off.
    answer.await.unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

/// Says at once what was refused: a test that fails over it does so before the guard is dropped.
#[expect(clippy::print_stderr, reason = "it talks to whoever reads why a test failed")]
fn tell(refused: &str) {
    eprintln!("refused by the role of the function: {refused}");
}

/// Whether the role of whoever signed the call allows it, by the headers `authorization` and `x-amz-target`.
///
/// # Errors
/// What it is that the role does not allow.
pub fn decide(stack: &Deployment, authorization: &str, target: &str, body: &str) -> Result<(), String> {
    let key = authorization.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
    let Some((function, role)) = stack.caller(key.unwrap_or_default()) else {
        return Err(format!("{target} by nobody: {authorization}"));
    };
    let call: Value = serde_json::from_str(body).unwrap_or_default();
    let accesses = accesses(stack, target, &call);
    if accesses.is_empty() {
        return Err(format!("{function}: {target} of nothing"));
    }
    for access in accesses {
        let Some(grants) = role.allows(&access) else {
            return Err(format!("{function}: {} on {} {:?}", access.action, access.resource, access.context));
        };
        used::record(function, grants);
    }
    Ok(())
}
