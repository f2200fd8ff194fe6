//! The record of a request: one line of the log, from which its metrics are made, too.
//!
//! Never a token, a body or a user id. `outcome` and `reason` are words of our own, so that nothing from outside can
//! become the dimension of a metric.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use data_encoding::HEXLOWER;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::Problem;
use super::problem::ProblemKind;
use crate::auth::access_token::Grant;
use crate::domain::{ClientId, ContextId, LineItemId};
use crate::services::random;
use crate::usage::{Usage, measured};

/// The target of the lines that tell who was let in, and who was not.
const AUDIT: &str = "audit";
/// The target of the others.
const REQUEST: &str = "request";

/// How a request ended. The words are part of the interface: alarms and queries name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As the caller wished.
    Ok,
    /// A score is on record.
    Accepted,
    /// A score was on record already.
    Replayed,
    /// A score came after a later one.
    Stale,
    /// A token was issued.
    Issued,
    /// Records of a person were removed.
    Erased,
    /// The caller may not do it, or asked in a wrong way.
    Refused,
    /// Our own trouble.
    Failed,
}

impl Outcome {
    /// Its word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Accepted => "accepted",
            Self::Replayed => "replayed",
            Self::Stale => "stale",
            Self::Issued => "issued",
            Self::Erased => "erased",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// How a request ended, and why. A handler puts one into the extensions of its response where status and [`Problem`] do
/// not say it.
#[derive(Debug, Clone)]
pub struct Ending {
    outcome: Outcome,
    reason: Option<&'static str>,
    cause: Option<String>,
    /// Whether it is about who was let in.
    audited: bool,
}

impl From<Outcome> for Ending {
    fn from(outcome: Outcome) -> Self {
        let audited = matches!(outcome, Outcome::Issued | Outcome::Erased);
        Self { outcome, reason: None, cause: None, audited }
    }
}

impl Ending {
    /// The caller is not let in; `reason` is a stable word, and the log alone gets the `cause`.
    pub fn refused(reason: &'static str, cause: &impl ToString) -> Self {
        let (outcome, cause) = (Outcome::Refused, Some(cause.to_string()));
        Self { outcome, reason: Some(reason), cause, audited: true }
    }

    /// Our own trouble; `reason` and `cause` as above.
    pub fn failed(reason: &'static str, cause: &impl ToString) -> Self {
        let (outcome, cause) = (Outcome::Failed, Some(cause.to_string()));
        Self { outcome, reason: Some(reason), cause, audited: false }
    }

    /// The ending of a request that got this answer, if its handler said nothing else.
    fn of(response: &Response, problem: Option<&Problem>) -> Self {
        let kind = problem.map(Problem::kind);
        let refusal = problem.and_then(Problem::refusal);
        let status = response.status();
        let outcome = match kind {
            Some(ProblemKind::StaleScore) => return Outcome::Stale.into(),
            _ if status.is_server_error() => Outcome::Failed,
            _ if status.is_client_error() => Outcome::Refused,
            _ => Outcome::Ok,
        };
        let cause = problem.and_then(Problem::cause).map(str::to_owned);
        Self { outcome, reason: refusal.or(kind.map(ProblemKind::name)), cause, audited: refusal.is_some() }
    }
}

/// Notes the client that a token proves, and the token.
pub(super) fn caller(client: &ClientId, token_id: &str) {
    Span::current().record("client_id", client.as_str()).record("token_id", token_id);
}

/// Notes the client that an assertion proves, and the key of it.
pub fn proven(client: &ClientId, kid: Option<&str>) {
    Span::current().record("client_id", client.as_str()).record("kid", kid);
}

/// Notes whom an assertion names, proven or not.
pub fn claimed(client: &ClientId, kid: Option<&str>) {
    Span::current().record("claimed_client_id", client.as_str()).record("claimed_kid", kid);
}

/// Notes what an issued token is good for.
pub fn issued(grant: &Grant, scope: &str) {
    let deployment = grant.deployment.as_ref().map(|deployment| deployment.as_str());
    let span = Span::current();
    span.record("token_id", grant.token_id.as_str()).record("scope", scope).record("deployment", deployment);
}

/// Notes the context, never by the LMS's own id.
pub fn context(context: &ContextId) {
    Span::current().record("context", context.as_str());
}

/// Notes the line item.
pub fn line_item(item: LineItemId) {
    Span::current().record("line_item", tracing::field::display(item));
}

/// Notes how much of a person was removed, and the digest that leads from the LMS's answer to this line.
pub fn erased(results: usize, history: usize, sha256: &str) {
    Span::current().record("results", results).record("history", history).record("sha256", sha256);
}

/// Keeps the record of a request, and writes the request's id into the answer.
pub(super) async fn keep(request: Request, next: Next) -> Response {
    let request_id = random::<8>().map(|bytes| HEXLOWER.encode(&bytes)).unwrap_or_default();
    // Of the highest level, so that lines of any level have its fields.
    let span = tracing::error_span!(
        "request",
        request_id,
        client_id = Empty,
        kid = Empty,
        claimed_client_id = Empty,
        claimed_kid = Empty,
        token_id = Empty,
        scope = Empty,
        deployment = Empty,
        context = Empty,
        line_item = Empty,
        results = Empty,
        history = Empty,
        sha256 = Empty
    );
    respond(request, next, &request_id).instrument(span).await
}

async fn respond(request: Request, next: Next, request_id: &str) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());

    let (mut response, usage) = measured(next.run(request)).await;
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    let problem = response.extensions_mut().remove::<Problem>();
    let said = response.extensions_mut().remove::<Ending>();
    let ending = said.unwrap_or_else(|| Ending::of(&response, problem.as_ref()));
    let Ending { outcome, reason, cause, audited } = &ending;
    let cause = cause.as_deref();
    let Usage { calls: store_calls, read_units, write_units, .. } = usage;
    macro_rules! line {
        ($level:ident, $target:expr, $message:literal) => {
            tracing::$level!(
                target: $target,
                outcome = outcome.name(),
                reason,
                cause,
                %method,
                route = route.as_deref().unwrap_or("none"),
                status = response.status().as_u16(),
                problem = problem.as_ref().map(|problem| problem.kind().name()),
                duration_ms = millis(started.elapsed()),
                store_calls,
                store_retries = usage.retries(),
                store_ms = millis(usage.time()),
                read_units,
                write_units,
                $message
            )
        };
    }
    match (outcome, audited) {
        (Outcome::Failed, _) => line!(error, REQUEST, "request failed"),
        (Outcome::Refused, true) => line!(warn, AUDIT, "request refused"),
        (_, true) => line!(info, AUDIT, "request"),
        (_, false) => line!(info, REQUEST, "request"),
    }
    if let Some(problem) = problem {
        *response.body_mut() = Body::from(problem.body(request_id));
    }
    response
}

/// Milliseconds, exact to the microsecond.
fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_milliseconds_to_the_microsecond() {
        for (micros, text) in [(0, "0.0"), (1, "0.001"), (1_500, "1.5"), (12_345_678, "12345.678")] {
            assert_eq!(format!("{:?}", millis(Duration::from_micros(micros))), text);
        }
    }
}
