//! What came back over HTTP.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use reqwest::RequestBuilder;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::deployment::NO_ROUTE;
use crate::{Deployment, Description, Event};

/// An answer, read to its end, which is as `infra/openapi.yaml` describes it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

/// What the gateway makes of what a function returned (payload format 2.0): status, headers, body.
#[track_caller]
pub(crate) fn returned(response: &Value) -> (u16, HeaderMap, Vec<u8>) {
    let part = |name: &str| response.get(name).filter(|value| !value.is_null());
    let status = part("statusCode").and_then(Value::as_u64).expect("a statusCode");
    // The gateway ignores this member, and with it whatever is nowhere else.
    let ignored = part("multiValueHeaders").and_then(Value::as_object);
    assert!(ignored.is_none_or(|headers| headers.is_empty()), "{response}");
    let mut headers = HeaderMap::new();
    for (name, value) in part("headers").and_then(Value::as_object).into_iter().flatten() {
        let name: HeaderName = name.parse().expect("the name of a header");
        let value = value.as_str().and_then(|value| value.parse().ok());
        headers.insert(name, value.unwrap_or_else(|| panic!("not one header: {response}")));
    }
    let body = part("body").map_or("", |body| body.as_str().expect("a body is a string"));
    let encoded = part("isBase64Encoded").is_some_and(|encoded| encoded == true);
    let body = if encoded { BASE64.decode(body.as_bytes()).expect("base64") } else { body.into() };
    (status.try_into().expect("a status"), headers, body)
}

impl Answer {
    /// The answer to `method` on `target`.
    ///
    /// # Panics
    /// If it is not one that the description of the service has.
    #[track_caller]
    pub fn to(method: &str, target: &str, status: u16, headers: HeaderMap, text: String) -> Self {
        let described = Description::get().check(method, target, status, &headers, &text);
        let answer = Self { status, headers, text };
        // The gateway before the deployed functions has an answer of its own.
        let of_gateway = (answer.status, answer.text.as_str()) == (404, NO_ROUTE);
        assert!(
            described.is_ok() || of_gateway && Deployment::under_test().is_some(),
            "infra/openapi.yaml has no such answer to {method} {target}: {described:?} {answer:?}"
        );
        answer
    }

    /// Sends a request, and reads the answer to its end.
    pub async fn fetch(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let (method, url) = (request.method().clone(), request.url().clone());
        let response = client.execute(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a body in UTF-8");
        Self::to(method.as_str(), url.as_str(), status, headers, text)
    }

    /// What a client gets from the gateway for what a function returned (payload format 2.0) for an event.
    #[track_caller]
    pub fn from_gateway(event: &Event, response: &Value) -> Self {
        let (status, headers, body) = returned(response);
        let text = String::from_utf8(body).expect("a body in UTF-8");
        Self::to(event.method(), event.path(), status, headers, text)
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("not JSON ({error}): {self:?}"))
    }

    /// The text of a member, digit for digit; empty where it is absent.
    #[track_caller]
    pub fn member(&self, name: &str) -> String {
        let members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no object ({error}): {self:?}"));
        members.get(name).map(|raw| raw.get().to_owned()).unwrap_or_default()
    }

    /// Checks that this is the refusal of `field` with that status and kind.
    #[track_caller]
    pub fn refuses(&self, status: u16, kind: &str, field: &str, why: &str) {
        assert_eq!(self.status, status, "{why}: {}", self.text);
        assert_eq!(self.problem(), (kind.to_owned(), field.to_owned()), "{why}: {}", self.text);
    }

    /// The value of a header; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("an ASCII header"))
    }

    /// This answer, if it has that status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The last part of a problem's `type`, and the field that it names.
    #[track_caller]
    pub fn problem(&self) -> (String, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let body = self.json();
        let kind =
            body["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default().to_owned();
        assert_eq!(body["status"], self.status);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        (kind, body["field"].as_str().unwrap_or_default().to_owned())
    }

    /// The `error` of a refusal by the token endpoint, whose whole form is checked (AGS 152); another status as a text
    /// that is no such code, so that the caller's message tells which case it was.
    #[track_caller]
    pub fn refusal(&self) -> String {
        if self.status != 400 {
            return format!("status {}", self.status);
        }
        self.expect_no_store();
        let body = self.json();
        let members: Vec<_> = body.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["error", "error_description"]);
        let description = body["error_description"].as_str().expect("a text");
        let legal = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        assert!(description.chars().all(legal), "RFC 6749 §5.2 does not allow: {description}");
        body["error"].as_str().expect("a code").to_owned()
    }

    /// Checks that this is JSON of the token endpoint, which nobody may keep (AGS 149).
    #[track_caller]
    pub fn expect_no_store(&self) {
        assert_eq!(self.header("content-type"), "application/json;charset=UTF-8");
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(self.header("pragma"), "no-cache");
    }

    /// The body without what differs from request to request.
    pub fn comparable(&self) -> Value {
        let mut body = self.json();
        if let Some(object) = body.as_object_mut() {
            object.remove("request_id");
        }
        body
    }

    /// The URL of the `Link` header with `rel="next"`, whose exact form is checked (AGS 79, 82).
    #[track_caller]
    pub fn next(&self) -> Option<String> {
        let links: Vec<_> = self.headers.get_all("link").iter().collect();
        assert!(links.len() <= 1, "more than one Link header: {links:?}");
        let link = links.first()?.to_str().expect("an ASCII header");
        let url = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(r#">; rel="next""#));
        let url = url.unwrap_or_else(|| panic!("not the one form that all clients read: {link}"));
        assert_eq!(url, url.to_lowercase());
        assert!(url.len() < 2_000 && !url.contains([',', ';', '%', '+']), "{url}");
        Some(url.to_owned())
    }
}
