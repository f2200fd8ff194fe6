//! Events as API Gateway's HTTP API makes them (payload format 2.0).

use std::collections::BTreeMap;

use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::tool::token_form;

/// The gateway's own name, which is not the public address: nothing that is given out may be made of it (AGS 25).
const GATEWAY: &str = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";

/// A request that has come in at the gateway.
#[derive(Debug, Clone)]
pub struct Event {
    method: String,
    /// Percent-decoded, and no longer than up to a `?`.
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Option<Vec<u8>>,
}

impl Event {
    /// A request for an absolute URL.
    pub fn new(method: &str, url: &str) -> Self {
        let (_, rest) = url.split_once("://").unwrap_or_else(|| panic!("not an absolute URL: {url}"));
        let target = rest.find('/').map_or("/", |path| &rest[path..]);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        // The gateway decodes a path before it routes it, and what comes after a `?` is lost then.
        let path = percent_decode_str(path).decode_utf8_lossy();
        let path = path.split('?').next().unwrap_or_default();
        let headers = [
            ("accept-encoding", "gzip, deflate"),
            ("host", GATEWAY),
            ("user-agent", "python-requests/2.32"),
            ("x-amzn-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "https"),
        ];
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: None,
        }
    }

    /// A request for a token.
    pub fn token(token_url: &str, assertion: &str, scope: &str) -> Self {
        Self::form(token_url, &token_form(assertion, scope))
    }

    /// A form that is posted to the token endpoint.
    pub fn form(token_url: &str, fields: &[(&str, &str)]) -> Self {
        let form = crate::http().post(token_url).form(fields).build().expect("a form");
        let bytes = form.body().and_then(|body| body.as_bytes()).expect("a body in memory");
        Self::new("POST", token_url).body("application/x-www-form-urlencoded", bytes)
    }

    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Adds a header; the gateway writes names in lower case.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_lowercase(), value.to_owned());
        self
    }

    /// Adds a token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a body of the type `media`, which may be empty: then there is no such header.
    pub fn body(mut self, media: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        self.body = Some(body.to_vec());
        let event = self.header("content-length", &body.len().to_string());
        if media.is_empty() { event } else { event.header("content-type", media) }
    }

    /// Whether the gateway passes the body on as text: the media types of AGS and of forms are binary to it, and so
    /// is a body without a type.
    pub fn is_text(&self) -> bool {
        let media = self.headers.get("content-type").map_or("", |value| value.as_str());
        media.starts_with("text/") || media.starts_with("application/json")
    }

    /// The event.
    pub fn to_json(&self) -> Value {
        let Self { method, path, query, headers, body } = self;
        let agent = &headers["user-agent"];
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "a1b2c3d4e5",
                "domainName": GATEWAY,
                "domainPrefix": "a1b2c3d4e5",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": agent,
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "$default",
                "stage": "$default",
                "time": "21/Nov/2026:12:00:00 +0000",
                "timeEpoch": 1_795_262_400_000_u64,
            },
            "isBase64Encoded": body.is_some() && !self.is_text(),
        });
        if !query.is_empty() {
            let parameters = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            event["queryStringParameters"] = json!(parameters.collect::<BTreeMap<_, _>>());
        }
        if let Some(body) = body {
            let text = || String::from_utf8_lossy(body).into_owned();
            event["body"] = Value::String(if self.is_text() { text() } else { BASE64.encode(body) });
        }
        event
    }
}
