//! The form that a token request posts.

use ags_shared::domain::{ScopeError, ScopeSet};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The most parameters of a request: four are needed, and those that nobody knows are ignored (RFC 6749 §3.2).
const PARAMETERS_MAX: usize = 64;

/// Why a request is no token request, whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    #[error("the body is longer than 64 KiB")]
    TooLong,
    #[error("Content-Type must be application/x-www-form-urlencoded")]
    ContentType,
    #[error("there are more than 64 parameters")]
    TooMany,
    #[error("{0} is required")]
    Missing(&'static str),
    #[error("{0} is given twice")]
    Duplicate(&'static str),
    #[error("grant_type must be client_credentials")]
    GrantType,
    #[error("client_assertion_type must be {JWT_BEARER}")]
    AssertionType,
    /// One way of authenticating at a time (AGS 133).
    #[error("{0} cannot go with client_assertion")]
    SecondCredential(&'static str),
    #[error("{0}")]
    Scope(#[from] ScopeError),
}

impl FormError {
    /// The word for it in the audit.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::TooLong => "form_too_long",
            Self::ContentType => "content_type",
            Self::TooMany => "too_many_parameters",
            Self::Missing(_) => "missing_parameter",
            Self::Duplicate(_) => "duplicate_parameter",
            Self::GrantType => "grant_type",
            Self::AssertionType => "assertion_type",
            Self::SecondCredential(_) => "second_credential",
            Self::Scope(_) => "scope_syntax",
        }
    }
}

/// A token request, complete and of the one kind that LTI has (AGS 132).
#[derive(Debug)]
pub(crate) struct TokenRequest {
    pub(crate) unverified_assertion: String,
    pub(crate) scopes: ScopeSet,
    client_id: Option<String>,
}

impl TokenRequest {
    /// Reads a form body that was sent to `issuer`.
    pub(crate) fn parse(body: &[u8], issuer: &str) -> Result<Self, FormError> {
        let parameters: Vec<_> = form_urlencoded::parse(body).take(PARAMETERS_MAX + 1).collect();
        if parameters.len() > PARAMETERS_MAX {
            return Err(FormError::TooMany);
        }
        let value = |name: &'static str| {
            let mut values = parameters.iter().filter(|(key, _)| key == name);
            match (values.next(), values.next()) {
                (None, _) => Ok(None),
                // RFC 6749 §3.1: a parameter without a value is treated as if it were omitted.
                (Some((_, value)), None) => Ok(Some(value.as_ref()).filter(|value| !value.is_empty())),
                _ => Err(FormError::Duplicate(name)),
            }
        };
        let required = |name| value(name)?.ok_or(FormError::Missing(name));

        if required("grant_type")? != "client_credentials" {
            return Err(FormError::GrantType);
        }
        if required("client_assertion_type")? != JWT_BEARER {
            return Err(FormError::AssertionType);
        }
        if value("client_secret")?.is_some() {
            return Err(FormError::SecondCredential("client_secret"));
        }
        Ok(Self {
            unverified_assertion: required("client_assertion")?.to_owned(),
            scopes: ScopeSet::parse(required("scope")?, issuer)?,
            client_id: value("client_id")?.map(str::to_owned),
        })
    }

    /// Whether the request names no client, or this one (AGS 133).
    pub(crate) fn may_come_from(&self, client: &str) -> bool {
        self.client_id.as_deref().is_none_or(|named| named == client)
    }
}
