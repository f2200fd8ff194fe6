//! The form that a token request posts.

use ags_shared::domain::{ScopeError, ScopeSet};

use crate::error::TokenError;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A token request, complete and of the one kind that LTI has (AGS 132).
#[derive(Debug)]
pub(crate) struct TokenRequest {
    pub(crate) unverified_assertion: String,
    pub(crate) scopes: ScopeSet,
    client_id: Option<String>,
}

impl TokenRequest {
    /// Reads a form body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, TokenError> {
        let parameters: Vec<_> = form_urlencoded::parse(body).collect();
        let value = |name: &str| {
            let mut values = parameters.iter().filter(|(key, _)| key == name);
            match (values.next(), values.next()) {
                (None, _) => Ok(None),
                // RFC 6749 §3.1: a parameter without a value is treated as if it were omitted.
                (Some((_, value)), None) => Ok(Some(value.as_ref()).filter(|value| !value.is_empty())),
                _ => Err(TokenError::request(format!("{name} is given twice"))),
            }
        };
        let required =
            |name: &str| value(name)?.ok_or_else(|| TokenError::request(format!("{name} is required")));

        if required("grant_type")? != "client_credentials" {
            return Err(TokenError::GrantType);
        }
        if required("client_assertion_type")? != JWT_BEARER {
            return Err(TokenError::request(format!("client_assertion_type must be {JWT_BEARER}")));
        }
        if value("client_secret")?.is_some() {
            return Err(TokenError::request("client_secret cannot go with client_assertion"));
        }
        Ok(Self {
            unverified_assertion: required("client_assertion")?.to_owned(),
            scopes: required("scope")?
                .parse()
                .map_err(|error: ScopeError| TokenError::request(error.to_string()))?,
            client_id: value("client_id")?.map(str::to_owned),
        })
    }

    /// Whether the request names no client, or this one (AGS 133).
    pub(crate) fn may_come_from(&self, client: &str) -> bool {
        self.client_id.as_deref().is_none_or(|named| named == client)
    }
}
