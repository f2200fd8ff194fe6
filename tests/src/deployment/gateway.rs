//! A stand-in for API Gateway and Lambda: makes an event of each request, and hands it to an instance of the function that
//! the route names. Quotas of the gateway are not part of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use super::{Deployment, choose};
use crate::Event;
use crate::answer::returned;
use crate::process::Environment;
use crate::runtime::{Function, Outcome};

/// What the gateway answers itself, with status 404, where there is no route.
pub(crate) const NO_ROUTE: &str = r#"{"message":"Not Found"}"#;

/// The HTTP API of the template over one table.
pub(crate) struct Gateway {
    stack: &'static Deployment,
    base: String,
    guard: String,
    /// Instances without an event, by function. Each has one event at a time, and where all are busy there is one more.
    idle: Mutex<HashMap<String, Vec<Function>>>,
}

impl Gateway {
    /// Serves at the public address `base`; the functions reach AWS at `guard`.
    pub(crate) fn serve(listener: TcpListener, stack: &'static Deployment, base: &str, guard: &str) {
        let (base, guard) = (base.to_owned(), guard.to_owned());
        let state = Arc::new(Self { stack, base, guard, idle: Mutex::default() });
        let routes = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(state);
        tokio::spawn(axum::serve(listener, routes).into_future());
    }

    /// The environment of a function, with the one value that differs: where its public address is.
    fn environment(&self, name: &str) -> Environment {
        let mut environment = self.stack.environment(name, &self.guard);
        if let Some(base) = environment.get_mut("AGS_BASE_URL") {
            base.clone_from(&self.base);
        }
        environment
    }

    async fn invoke(&self, name: &str, event: &Event) -> Outcome {
        let idle = self.idle.lock().expect("nobody panics with it").get_mut(name).and_then(Vec::pop);
        let mut function = match idle {
            Some(function) => function,
            None => Function::start(name, &self.environment(name)).await,
        };
        let outcome = function.outcome(&event.to_json()).await;
        let mut idle = self.idle.lock().expect("nobody panics with it");
        idle.entry(name.to_owned()).or_default().push(function);
        outcome
    }
}

async fn answer(
    State(gateway): State<Arc<Gateway>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let event = event(&method, &uri, &headers, &body);
    let path = event.to_json()["rawPath"].as_str().expect("a path").to_owned();
    let Some(route) = choose(&gateway.stack.routes, method.as_str(), &path) else {
        return own(StatusCode::NOT_FOUND, NO_ROUTE);
    };
    // It goes on when the client does not wait any more.
    let name = route.function.as_str();
    let invocation = tokio::spawn(async move { gateway.invoke(name, &event).await });
    match invocation.await {
        Ok(Outcome::Response(response)) => {
            let (status, headers, body) = returned(&response);
            let status = StatusCode::from_u16(status).expect("a status");
            (status, headers, Body::from(body)).into_response()
        }
        Ok(Outcome::Error(_)) | Err(_) => {
            own(StatusCode::INTERNAL_SERVER_ERROR, r#"{"message":"Internal Server Error"}"#)
        }
    }
}

/// An answer of the gateway's own.
fn own(status: StatusCode, body: &'static str) -> Response {
    (status, [("content-type", "application/json")], body).into_response()
}

/// The event of a request. A header that came twice is one, with a comma in it.
fn event(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Event {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut event = Event::new(method.as_str(), &format!("https://gateway{target}"));
    for name in headers.keys().filter(|name| *name != "host") {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        event = event.header(name.as_str(), &values.collect::<Vec<_>>().join(","));
    }
    if body.is_empty() { event } else { event.body("", body) }
}
