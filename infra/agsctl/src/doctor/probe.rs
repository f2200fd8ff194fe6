//! Requests to the service that is examined.

use std::time::Duration;

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::links::Links;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

use super::report::Wrong;

/// How long a request may take; API Gateway gives a function up after as long.
const PATIENCE: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(5);
/// The most that is read of an answer, in bytes.
const BODY_MAX: usize = 1024 * 1024;

/// What sends them.
pub(super) struct Probe {
    pub(super) http: Client,
    pub(super) links: Links,
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    headers: HeaderMap,
    /// Null if it is not JSON.
    pub(super) body: Value,
    /// When it had come, in seconds since 1970.
    pub(super) at: i64,
}

impl Probe {
    /// For the service at `links`. A proxy that the environment names is asked for other machines only.
    pub(super) fn new(links: Links) -> anyhow::Result<Self> {
        let client = Client::builder().redirect(Policy::none()).connect_timeout(CONNECT).timeout(PATIENCE);
        // Without TLS it is on this machine.
        let local = links.issuer().starts_with("http://");
        let client = if local { client.no_proxy() } else { client };
        Ok(Self { http: client.build()?, links })
    }

    /// The answer to a request.
    ///
    /// # Errors
    /// If none comes; what that is about does not name the address.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Reply, Wrong> {
        let sent = async { read(request.send().await?).await };
        sent.await.map_err(|error: reqwest::Error| {
            let error = anyhow::Error::new(error.without_url());
            Wrong::new(
                format!("no answer: {error:#}"),
                "See whether the name leads to the stack, its certificate is valid and in time, and nothing in between \
                 stops the request.",
            )
        })
    }

    pub(super) async fn get(&self, url: &str) -> Result<Reply, Wrong> {
        self.send(self.http.get(url)).await
    }
}

async fn read(mut response: Response) -> reqwest::Result<Reply> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    while body.len() < BODY_MAX
        && let Some(chunk) = response.chunk().await?
    {
        body.extend(chunk);
    }
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Ok(Reply { status, headers, body, at: SystemClock.now().unix_seconds() })
}

impl Reply {
    /// A header; empty where there is none.
    pub(super) fn header(&self, name: &HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A text of the body; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }

    /// What to say of an answer that should have been another one; `expected` is what, `advice` what to do then.
    pub(super) fn instead_of(&self, expected: &str, advice: impl Into<String>) -> Wrong {
        let mut what = format!("answered {} instead of {expected}", self.status);
        // Of a problem, of the token endpoint, of API Gateway.
        for name in ["title", "detail", "error", "error_description", "message"] {
            if !self.text(name).is_empty() {
                what = format!("{what}; {name}: {}", self.text(name));
            }
        }
        let request = self.headers.get("x-request-id").and_then(|id| id.to_str().ok());
        match (self.status, request) {
            (500.., Some(id)) => Wrong::new(
                what,
                format!(
                    "The service failed. In the log of the function, the line with request_id {id} has the cause; \
                     see the alarms TableErrors and TableThrottles."
                ),
            ),
            (500.., None) => Wrong::new(
                what,
                "The function did not answer API Gateway. See its log, and the alarms ServerErrors and Throttles.",
            ),
            (429, _) => Wrong::new(what, "The stage throttles: see ThrottleRate, and try again."),
            _ => Wrong::new(what, advice),
        }
    }
}
