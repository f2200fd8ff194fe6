//! The wire between the functions and the engine, which a test can cut at a chosen call.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::Table;
use crate::process::patiently;

/// A proxy before the engine.
pub struct Wire {
    endpoint: String,
    state: Arc<Shared>,
}

struct Shared {
    engine: String,
    http: reqwest::Client,
    rules: Mutex<Vec<Rule>>,
    seen: watch::Sender<Vec<Seen>>,
}

/// Which calls: a DynamoDB operation, and a text in its body.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Calls {
    operation: &'static str,
    containing: String,
}

struct Rule {
    calls: Calls,
    then: Then,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Hold,
    Refuse,
    Fail,
    Lose,
    Halve,
}

#[derive(Debug)]
struct Seen {
    operation: String,
    body: String,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Held,
    Answered(u16),
}

impl Calls {
    fn are(&self, operation: &str, body: &str) -> bool {
        self.operation == operation && body.contains(&self.containing)
    }
}

impl Wire {
    /// A wire to the engine that has this table.
    pub async fn to(table: &Table) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Shared {
            engine: table.config().endpoint.clone().expect("an engine on this machine"),
            http: reqwest::Client::new(),
            rules: Mutex::default(),
            seen: watch::Sender::default(),
        });
        let routes = Router::new().fallback(forward).with_state(Arc::clone(&state));
        tokio::spawn(axum::serve(listener, routes).into_future());
        Self { endpoint, state }
    }

    /// For `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn rule(&self, operation: &'static str, containing: &str, then: Then) {
        let calls = Calls { operation, containing: containing.to_owned() };
        self.state.rules.lock().expect("nobody panics with it").push(Rule { calls, then });
    }

    /// From now on, every call of `operation` with `containing` in its body waits for ever and never reaches the
    /// engine.
    pub fn hold(&self, operation: &'static str, containing: &str) {
        self.rule(operation, containing, Then::Hold);
    }

    /// From now on, such calls are refused, as for a missing permission.
    pub fn refuse(&self, operation: &'static str, containing: &str) {
        self.rule(operation, containing, Then::Refuse);
    }

    /// From now on, such calls fail, as on a table in trouble.
    pub fn fail(&self, operation: &'static str, containing: &str) {
        self.rule(operation, containing, Then::Fail);
    }

    /// The answer to the next such call is lost after the engine has carried it out, so that the client library sends
    /// it again.
    pub fn lose_one_answer(&self, operation: &'static str, containing: &str) {
        self.rule(operation, containing, Then::Lose);
    }

    /// From now on, a batch brings the first half of its keys, at least one, and leaves the others to be asked for again,
    /// as a busy table does.
    pub fn halve_batches(&self) {
        self.rule("BatchGetItem", "", Then::Halve);
    }

    /// Whether every answer that was to be lost has been.
    pub fn is_spent(&self) -> bool {
        self.state.rules.lock().expect("nobody panics with it").is_empty()
    }

    /// The operations that the engine has answered since this was last asked.
    pub fn answered_calls(&self) -> Vec<String> {
        let seen = self.state.seen.send_replace(Vec::new());
        seen.into_iter().filter(|call| call.end != End::Held).map(|call| call.operation).collect()
    }

    /// From now on, every call passes; those that are held stay so.
    pub fn mend(&self) {
        self.state.rules.lock().expect("nobody panics with it").clear();
    }

    /// Waits until such a call is held.
    pub async fn held(&self, operation: &'static str, containing: &str) {
        self.saw(operation, containing, |end| end == End::Held).await;
    }

    /// Waits until the engine has answered such a call with `status`.
    pub async fn answered(&self, operation: &'static str, containing: &str, status: u16) {
        self.saw(operation, containing, |end| end == End::Answered(status)).await;
    }

    async fn saw(&self, operation: &'static str, containing: &str, ended: impl Fn(End) -> bool) {
        let calls = Calls { operation, containing: containing.to_owned() };
        let among = |seen: &Vec<Seen>| {
            seen.iter().any(|call| calls.are(&call.operation, &call.body) && ended(call.end))
        };
        let mut seen = self.state.seen.subscribe();
        let found = patiently(&format!("{calls:?} on the wire"), seen.wait_for(among)).await;
        drop(found.expect("a sender that lives"));
    }
}

async fn forward(State(state): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let text = String::from_utf8_lossy(&body).into_owned();
    let then = {
        let mut rules = state.rules.lock().expect("nobody panics with it");
        let rule = rules.iter().position(|rule| rule.calls.are(&operation, &text));
        let then = rule.map(|index| rules[index].then);
        if let (Some(index), Some(Then::Lose)) = (rule, then) {
            rules.remove(index);
        }
        then
    };
    let record = |end| {
        let call = Seen { operation: operation.clone(), body: text.clone(), end };
        state.seen.send_modify(|seen| seen.push(call));
    };
    match then {
        Some(Then::Hold) => {
            record(End::Held);
            std::future::pending().await
        }
        Some(Then::Refuse) => {
            let kind = "com.amazon.coral.service#AccessDeniedException";
            let body = format!(r#"{{"__type":"{kind}","Message":"not authorized to perform {operation}"}}"#);
            let media = [("content-type", "application/x-amz-json-1.0")];
            (StatusCode::BAD_REQUEST, media, body).into_response()
        }
        Some(Then::Fail) => failure(),
        then => {
            let (body, left) = if then == Some(Then::Halve) { halve(&text) } else { (body, Value::Null) };
            let mut request = state.http.post(&state.engine).body(body);
            for (name, value) in
                headers.iter().filter(|(name, _)| !["host", "content-length"].contains(&name.as_str()))
            {
                request = request.header(name, value);
            }
            let answer = request.send().await.expect("an engine that lives");
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = answer.bytes().await.expect("an answer to its end");
            record(End::Answered(status.as_u16()));
            if then == Some(Then::Lose) {
                return failure();
            }
            if left.is_null() {
                return (status, headers, body).into_response();
            }
            let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
            answer["UnprocessedKeys"] = left;
            let media = [("content-type", "application/x-amz-json-1.0")];
            (status, media, answer.to_string()).into_response()
        }
    }
}

/// A batch of half the keys, and what the answer then says of the others.
fn halve(batch: &str) -> (Bytes, Value) {
    let mut batch: Value = serde_json::from_str(batch).expect("JSON");
    let mut left = batch["RequestItems"].clone();
    let tables = batch["RequestItems"].as_object_mut().expect("an object");
    for (table, request) in tables {
        let keys = request["Keys"].as_array_mut().expect("an array");
        let others = keys.split_off((keys.len() / 2).max(1));
        left[table]["Keys"] = others.into();
    }
    left.as_object_mut().expect("an object").retain(|_, request| request["Keys"] != Value::Array(Vec::new()));
    (batch.to_string().into(), left)
}

/// An answer after which the client library tries again.
fn failure() -> Response {
    let error = r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}"#;
    (StatusCode::INTERNAL_SERVER_ERROR, error).into_response()
}
