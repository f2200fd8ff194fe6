//! A stand-in for the API through which AWS Lambda hands events to a process, and functions that run behind it.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use crate::process::{Environment, Process, patiently};
use crate::{Answer, Event};

/// The largest response that Lambda takes, in bytes.
const RESPONSE_MAX: usize = 6_291_556;

/// How an invocation ended.
#[derive(Debug)]
pub enum Outcome {
    /// What the function returned.
    Response(Value),
    /// What it reported instead.
    Error(Value),
}

/// The API for one function.
pub struct Runtime {
    address: String,
    events: mpsc::UnboundedSender<Invocation>,
    state: Arc<Shared>,
}

struct Invocation {
    event: String,
    answer: oneshot::Sender<Outcome>,
}

struct Shared {
    events: Mutex<mpsc::UnboundedReceiver<Invocation>>,
    /// By request id.
    unanswered: std::sync::Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    polls: watch::Sender<u64>,
    init_error: watch::Sender<Option<String>>,
}

impl Runtime {
    /// Serves on a free port of the loopback interface.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (events, queue) = mpsc::unbounded_channel();
        let state = Arc::new(Shared {
            events: Mutex::new(queue),
            unanswered: std::sync::Mutex::default(),
            polls: watch::Sender::default(),
            init_error: watch::Sender::default(),
        });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(DefaultBodyLimit::max(RESPONSE_MAX))
            .with_state(Arc::clone(&state));
        tokio::spawn(axum::serve(listener, routes).into_future());
        Self { address, events, state }
    }

    /// For `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How often an event was asked for.
    pub fn polls(&self) -> u64 {
        *self.state.polls.borrow()
    }

    /// Hands out an event; its outcome comes through what is returned.
    pub fn send(&self, event: &Value) -> oneshot::Receiver<Outcome> {
        let (answer, outcome) = oneshot::channel();
        let invocation = Invocation { event: event.to_string(), answer };
        self.events.send(invocation).unwrap_or_else(|_| panic!("the stand-in ended"));
        outcome
    }

    /// Resolves when the function has asked for its first event.
    async fn polled(&self) {
        self.state.polls.subscribe().wait_for(|polls| *polls > 0).await.expect("a sender that lives");
    }
}

/// Held until there is an event, as AWS does it.
async fn next(State(state): State<Arc<Shared>>) -> Response {
    let serial = {
        state.polls.send_modify(|polls| *polls += 1);
        *state.polls.borrow()
    };
    let Some(Invocation { event, answer }) = state.events.lock().await.recv().await else {
        return std::future::pending().await;
    };
    let id = format!("8476a536-e9f4-11e8-9739-{serial:012}");
    state.unanswered.lock().expect("nobody panics with it").insert(id.clone(), answer);
    let headers = [
        ("lambda-runtime-aws-request-id", id.as_str()),
        // The year 2100.
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:ags"),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        ),
        ("content-type", "application/json"),
    ];
    (headers, event).into_response()
}

impl Shared {
    fn answer(&self, id: &str, outcome: Outcome) -> StatusCode {
        match self.unanswered.lock().expect("nobody panics with it").remove(id) {
            // The test may have stopped waiting.
            Some(answer) => drop(answer.send(outcome)),
            None => return StatusCode::BAD_REQUEST,
        }
        StatusCode::ACCEPTED
    }
}

fn json(body: &Bytes) -> Value {
    serde_json::from_slice(body).expect("the function answers in JSON")
}

async fn response(State(state): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    state.answer(&id, Outcome::Response(json(&body)))
}

async fn error(State(state): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    state.answer(&id, Outcome::Error(json(&body)))
}

async fn init_error(State(state): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    state.init_error.send_replace(Some(String::from_utf8_lossy(&body).into_owned()));
    StatusCode::ACCEPTED
}

/// A built function of the workspace in a process of its own, killed when dropped.
pub struct Function {
    name: String,
    process: Process,
    runtime: Runtime,
}

impl Function {
    /// Starts the function `name` with exactly this environment and the variables that Lambda sets, and waits until
    /// it asks for its first event.
    pub async fn start(name: &str, environment: &Environment) -> Self {
        Self::start_measured(&[], name, environment, |_| {}).await
    }

    /// As [`start`](Self::start), where it may end instead.
    ///
    /// # Errors
    /// How it ended, and what it said on standard error.
    pub async fn try_start(name: &str, environment: &Environment) -> Result<Self, String> {
        Self::try_start_measured(&[], name, environment, |_| {}).await
    }

    /// As [`start`](Self::start), for what measures it: run by the program `before[0]`, if there is one, for example a
    /// profiler; `started` gets the id of the process as soon as there is one.
    pub async fn start_measured(
        before: &[&str],
        name: &str,
        environment: &Environment,
        started: impl FnOnce(u32),
    ) -> Self {
        let function = Self::try_start_measured(before, name, environment, started).await;
        function.unwrap_or_else(|said| panic!("{name} did not ask for an event:\n{said}"))
    }

    async fn try_start_measured(
        before: &[&str],
        name: &str,
        environment: &Environment,
        started: impl FnOnce(u32),
    ) -> Result<Self, String> {
        let runtime = Runtime::start().await;
        let mut environment = environment.clone();
        environment.extend(lambda_environment(name, runtime.address()));
        let mut process = Process::start_function(name, before, &environment);
        started(process.id());
        let mut failed = runtime.state.init_error.subscribe();
        let ready = async {
            tokio::select! {
                () = runtime.polled() => Ok(()),
                status = process.end() => Err(format!("ended: {status}")),
                error = failed.wait_for(Option::is_some) => Err(format!("failed: {:?}", error.map(|e| e.clone()))),
            }
        };
        let ready = patiently("the first poll of a function", ready).await;
        match ready {
            Ok(()) => Ok(Self { name: name.to_owned(), process, runtime }),
            Err(how) => Err(format!("{how}\n{}", process.ended().await.stderr)),
        }
    }

    /// Hands it an event without waiting.
    pub fn send(&self, event: &Value) -> oneshot::Receiver<Outcome> {
        self.runtime.send(event)
    }

    /// Hands it any JSON and waits for the outcome.
    pub async fn outcome(&mut self, event: &Value) -> Outcome {
        let outcome = self.runtime.send(event);
        let outcome = async {
            tokio::select! {
                outcome = outcome => Ok(outcome.expect("the stand-in lives")),
                status = self.process.end() => Err(status),
            }
        };
        let outcome = patiently("the outcome of an event", outcome).await;
        outcome.unwrap_or_else(|status| panic!("{} ended: {status}\n{}", self.name, self.process.said()))
    }

    /// Hands it an event and waits for the response, as it was returned to Lambda.
    pub async fn invoke(&mut self, event: &Value) -> Value {
        match self.outcome(event).await {
            Outcome::Response(response) => response,
            Outcome::Error(error) => panic!("{} failed: {error}\n{}", self.name, self.process.said()),
        }
    }

    /// Hands it an event and waits for the response, as the client gets it from the gateway.
    pub async fn answer(&mut self, event: &Event) -> Answer {
        Answer::from_gateway(event, &self.invoke(&event.to_json()).await)
    }

    /// What it logged, as soon as there is a whole line with `text` in it.
    pub async fn logged(&mut self, text: &str) -> String {
        patiently(&format!("{text:?} in a log"), self.process.printed(text)).await
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it logged.
    pub fn said(&self) -> String {
        self.process.said()
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        self.process.kill().await;
    }
}

/// The variables that Lambda itself sets, as far as anything here reads them.
pub fn lambda_environment(name: &str, runtime: &str) -> Environment {
    let variables = [
        ("AWS_LAMBDA_RUNTIME_API", runtime),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ];
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}
