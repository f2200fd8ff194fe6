//! The address at which a tool publishes its public keys.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The longest address, in characters.
const URL_MAX: usize = 2_000;

/// Why a text is not an address of a key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwksUrlError {
    /// Not an absolute URL of http or https with a host.
    #[error("must be an absolute https URL")]
    Syntax,
    /// Longer than 2,000 characters.
    #[error("must have at most 2000 characters")]
    TooLong,
    /// A user, a password or a fragment in it.
    #[error("must have no user, password or fragment")]
    Shape,
}

/// The URL of a JSON Web Key Set (AGS 144): absolute, http or https, without user, password and fragment.
///
/// Whether it may be fetched (plain http, which port, which network) is the operator's policy, not a property of the
/// text: it is decided where it is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwksUrl(Url);

impl JwksUrl {
    /// The URL in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Its host; an address in any spelling is one here, and not a name.
    #[must_use]
    pub fn host(&self) -> Option<Host<&str>> {
        self.0.host()
    }

    /// Its port, that of the scheme where none is given.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.0.port_or_known_default()
    }
}

impl FromStr for JwksUrl {
    type Err = JwksUrlError;

    fn from_str(text: &str) -> Result<Self, JwksUrlError> {
        let url = Url::parse(text).map_err(|_| JwksUrlError::Syntax)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(JwksUrlError::Syntax);
        }
        if url.as_str().len() > URL_MAX {
            return Err(JwksUrlError::TooLong);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(JwksUrlError::Shape);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_keys_is_absolute_and_carries_no_credentials_ags_144() {
        for (text, error) in [
            ("tool.example/jwks", JwksUrlError::Syntax),
            ("/jwks", JwksUrlError::Syntax),
            ("file:///etc/passwd", JwksUrlError::Syntax),
            ("data:application/json,{}", JwksUrlError::Syntax),
            ("https://", JwksUrlError::Syntax),
            ("https://user@tool.example/jwks", JwksUrlError::Shape),
            ("https://:pass@tool.example/jwks", JwksUrlError::Shape),
            ("https://tool.example/jwks#key", JwksUrlError::Shape),
            (&format!("https://tool.example/{}", "a".repeat(URL_MAX)), JwksUrlError::TooLong),
        ] {
            assert_eq!(text.parse::<JwksUrl>(), Err(error), "{text}");
        }
        let url: JwksUrl = "https://tool.example/jwks?a=b".parse().unwrap();
        assert_eq!(
            (url.as_str(), url.is_https(), url.port()),
            ("https://tool.example/jwks?a=b", true, Some(443))
        );
    }

    #[test]
    fn an_address_in_any_spelling_is_an_address_and_no_name() {
        for text in [
            "http://2130706433/",
            "http://0x7f.1/",
            "http://127.1/",
            "http://0177.0.0.1/",
            "http://127。0。0。1/",
        ] {
            let url: JwksUrl = text.parse().unwrap();
            assert_eq!(url.host(), Some(Host::Ipv4([127, 0, 0, 1].into())), "{text}");
        }
    }
}
