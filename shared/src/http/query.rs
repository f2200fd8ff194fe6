//! Query parameters.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Problem;
use crate::domain::{FieldDigest, Limit};

/// The parameters of a request, percent-decoded. Unknown ones are ignored, and so is one without a value (AGS 76).
#[derive(Debug)]
pub struct Query(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let raw = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(raw.as_bytes()).into_owned().collect()))
    }
}

impl Query {
    /// The value of `name`.
    ///
    /// # Errors
    /// 400 if it is given twice: one of the two would be ignored.
    pub fn value(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.0.iter().filter(|(key, value)| key == name && !value.is_empty());
        match (values.next(), values.next()) {
            (found, None) => Ok(found.map(|(_, value)| value.as_str())),
            _ => Err(Problem::parameter(name, "must be given once")),
        }
    }

    /// The value of a filter.
    ///
    /// # Errors
    /// As [`value`](Self::value).
    pub fn filter(&self, name: &str) -> Result<Option<FieldDigest>, Problem> {
        Ok(self.value(name)?.map(FieldDigest::of))
    }

    /// `limit`, or the largest page (AGS 78).
    ///
    /// # Errors
    /// 400 if it is not a positive integer.
    pub fn limit(&self) -> Result<Limit, Problem> {
        self.value("limit")?.map_or_else(
            || Ok(Limit::default()),
            |text| {
                Limit::parse(text).ok_or_else(|| Problem::parameter("limit", "must be a positive integer"))
            },
        )
    }
}
