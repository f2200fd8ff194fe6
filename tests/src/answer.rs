//! What came back over HTTP.

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use serde_json::Value;
use serde_json::value::RawValue;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// Reads an answer to its end.
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("a body in UTF-8") }
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
