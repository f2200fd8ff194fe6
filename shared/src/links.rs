//! Every URL that this service gives out, made from one configured base and never from a request (AGS 25).
//!
//! Line item URLs have no query and no trailing slash, and everything in them but a user id is lower case (AGS 22, 23,
//! 82): clients cut and join these URLs as text. Ids that others chose are written as [`segment`] says, and nothing is
//! percent-encoded.

use crate::domain::{ContextId, LineItemId, UserId, segment};

/// Why a text cannot be the public address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not an absolute URL with a host.
    #[error("must be an absolute URL")]
    Syntax,
    /// Only a loopback address may do without TLS (AGS 16).
    #[error("must start with https:// (http:// is for loopback addresses only)")]
    Insecure,
    /// Query, fragment, user, trailing slash or upper-case letters.
    #[error("must be in lower case, without user, query, fragment and trailing slash")]
    Shape,
}

/// The public address of the service, and every URL below it.
#[derive(Debug, Clone)]
pub struct Links {
    base: String,
    path: String,
}

impl Links {
    /// The address `base`, for example `https://ags.example.edu`; it is also the issuer.
    ///
    /// # Errors
    /// [`BaseUrlError`]: every token and every line item URL depends on this text, so nothing is guessed.
    pub fn new(base: &str) -> Result<Self, BaseUrlError> {
        let url = url::Url::parse(base).map_err(|_| BaseUrlError::Syntax)?;
        let loopback = match url.host().ok_or(BaseUrlError::Syntax)? {
            url::Host::Domain(name) => name == "localhost",
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        };
        if !(url.scheme() == "https" || url.scheme() == "http" && loopback) {
            return Err(BaseUrlError::Insecure);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let canonical = format!("{}{path}", url.origin().ascii_serialization());
        if canonical != base || base.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(BaseUrlError::Shape);
        }
        Ok(Self { base: canonical, path })
    }

    /// The base itself: issuer and audience of our tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.base
    }

    /// The path of the base, which stands before every route; empty where there is none.
    #[must_use]
    pub fn base_path(&self) -> &str {
        &self.path
    }

    /// The token endpoint.
    #[must_use]
    pub fn token(&self) -> String {
        format!("{}/token", self.base)
    }

    /// Our public keys.
    #[must_use]
    pub fn jwks(&self) -> String {
        format!("{}/.well-known/jwks.json", self.base)
    }

    /// The container of the line items of a context.
    #[must_use]
    pub fn line_items(&self, context: &ContextId) -> String {
        format!("{}/contexts/{context}/lineitems", self.base)
    }

    /// A line item: its `id` (AGS 26).
    #[must_use]
    pub fn line_item(&self, context: &ContextId, item: LineItemId) -> String {
        format!("{}/{item}", self.line_items(context))
    }

    /// A resource of the LMS's side, by what stands in its path after `platform`: words of the route, and ids.
    #[must_use]
    pub fn platform(&self, parts: &[&str]) -> String {
        let mut url = format!("{}/platform", self.base);
        for part in parts {
            url.push('/');
            url.push_str(&segment::escape(part));
        }
        url
    }

    /// The results of a line item (AGS 21).
    #[must_use]
    pub fn results(&self, context: &ContextId, item: LineItemId) -> String {
        format!("{}/results", self.line_item(context, item))
    }

    /// The result of one user: its `id` (AGS 123).
    #[must_use]
    pub fn result(&self, context: &ContextId, item: LineItemId, user: &UserId) -> String {
        format!("{}/{}", self.results(context, item), segment::escape(user.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_https_or_loopback_and_has_one_spelling_ags_16() {
        for good in [
            "https://ags.example.edu",
            "https://ags.example.edu:8443/lti",
            "http://127.0.0.1:9000",
            "http://[::1]:9000",
        ] {
            assert_eq!(Links::new(good).unwrap().issuer(), good);
        }
        for (bad, error) in [
            ("http://ags.example.edu", BaseUrlError::Insecure),
            ("ftp://127.0.0.1", BaseUrlError::Insecure),
            ("ags.example.edu", BaseUrlError::Syntax),
            ("https://ags.example.edu/", BaseUrlError::Shape),
            ("https://ags.example.edu/Prod", BaseUrlError::Shape),
            ("https://AGS.example.edu", BaseUrlError::Shape),
            ("https://ags.example.edu?a=b", BaseUrlError::Shape),
            ("https://ags.example.edu#a", BaseUrlError::Shape),
            ("https://u:p@ags.example.edu", BaseUrlError::Shape),
            ("https://ags.example.edu:443", BaseUrlError::Shape),
        ] {
            assert_eq!(Links::new(bad).unwrap_err(), error, "{bad}");
        }
    }

    #[test]
    fn a_user_id_is_one_path_segment_of_plain_characters_ags_123() {
        let links = Links::new("https://ags.example.edu/lti").unwrap();
        let context = ContextId::of(&"c".parse().unwrap());
        let item = LineItemId::from_bytes([7; 16]);
        let url = links.result(&context, item, &"a/b#c d%?".parse().unwrap());
        assert!(url.ends_with("/results/a~2fb~23c~20d~25~3f"), "{url}");
        assert!(url.starts_with(&links.line_item(&context, item)));
        assert_eq!(links.base_path(), "/lti");
    }
}
