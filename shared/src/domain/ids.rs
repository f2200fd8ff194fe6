//! Identifiers, one type each, so that a user id can never stand where a client id belongs.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

/// The longest identifier that LTI allows, in characters (AGS 53, 90).
const ID_MAX: usize = 255;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// No characters at all.
    #[error("must not be empty")]
    Empty,
    /// More than 255 characters.
    #[error("must have at most 255 characters")]
    TooLong,
    /// A control character, or one outside ASCII.
    #[error("must consist of printable ASCII characters")]
    Character,
    /// Not in the one spelling that this service gives out.
    #[error("is not an identifier of this service")]
    Spelling,
}

fn check_opaque(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_MAX {
        return Err(IdError::TooLong);
    }
    if text.bytes().any(|byte| !(b' '..=b'~').contains(&byte)) {
        return Err(IdError::Character);
    }
    Ok(())
}

macro_rules! opaque_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Opaque and case-sensitive: 1 to 255 printable ASCII characters.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The identifier as it was received.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                check_opaque(&text)?;
                Ok(Self(text))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::try_from(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

opaque_id! {
    /// A registered tool: the OAuth 2 `client_id`.
    ClientId;
    /// One deployment of a tool, as the LMS numbers it (AGS 34).
    DeploymentId;
    /// A context (course) as the LMS names it; never appears in a URL.
    LmsContextId;
    /// A resource link: `resource_link.id` of the launch (AGS 53).
    ResourceLinkId;
    /// A person: the `sub` of the launch, and nothing else about them (AGS 90).
    UserId;
    /// What a tool names one request by, so that sending it again has no second effect.
    IdempotencyKey;
}

/// A context as it appears in URLs and keys.
///
/// The lower-case unpadded base32 of the first 16 bytes of SHA-256 over the LMS's own id, 26 characters: it needs no
/// look-up to make, keeps the LMS's id out of URLs, and survives the widespread client that lower-cases whole `Link`
/// headers (AGS 82).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextId(String);

impl ContextId {
    /// The context that the LMS calls `lms_id`.
    #[must_use]
    pub fn of(lms_id: &LmsContextId) -> Self {
        let digest = Sha256::digest(lms_id.as_str().as_bytes());
        Self(BASE32_NOPAD.encode(&digest[..16]).to_ascii_lowercase())
    }

    /// The 26 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContextId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let lower_case = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        match BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()) {
            Ok(bytes) if lower_case && bytes.len() == 16 => Ok(Self(text.to_owned())),
            _ => Err(IdError::Spelling),
        }
    }
}

impl fmt::Display for ContextId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A line item: a version 7 UUID, so that the order of ids is the order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineItemId(uuid::Uuid);

impl LineItemId {
    /// An id for a line item created at `created`.
    ///
    /// The twelve bits below the millisecond hold its fraction (RFC 9562 §6.2, method 3): two items that one tool
    /// creates in the same millisecond still list in the order of their creation.
    #[must_use]
    pub fn new(created: super::Timestamp, random: [u8; 8]) -> Self {
        let nanos = created.unix_nanos().max(0).unsigned_abs();
        let millis = u64::try_from(nanos / 1_000_000).unwrap_or(u64::MAX);
        let fraction = u16::try_from((nanos % 1_000_000) * 4096 / 1_000_000).unwrap_or(0);
        let mut rest = [0; 10];
        rest[..2].copy_from_slice(&fraction.to_be_bytes());
        rest[2..].copy_from_slice(&random);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid())
    }

    /// The sixteen bytes of the UUID.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id with these sixteen bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Uuid::from_bytes(bytes))
    }
}

impl FromStr for LineItemId {
    type Err = IdError;

    /// Only the spelling that we give out: lower case, hyphens.
    fn from_str(text: &str) -> Result<Self, IdError> {
        match uuid::Uuid::try_parse(text) {
            Ok(id) if id.to_string() == text => Ok(Self(id)),
            _ => Err(IdError::Spelling),
        }
    }
}

impl fmt::Display for LineItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn a_user_id_has_1_to_255_printable_ascii_characters_ags_90() {
        assert_eq!("".parse::<UserId>(), Err(IdError::Empty));
        assert_eq!("é".parse::<UserId>(), Err(IdError::Character));
        assert_eq!("a\nb".parse::<UserId>(), Err(IdError::Character));
        assert!("x".repeat(255).parse::<UserId>().is_ok());
        assert_eq!("x".repeat(256).parse::<UserId>(), Err(IdError::TooLong));
        assert_eq!("A#% b".parse::<UserId>().unwrap().as_str(), "A#% b");
    }

    #[test]
    fn a_context_id_is_a_lower_case_digest_that_parses_back() {
        let id = ContextId::of(&"Course-1".parse().unwrap());
        assert_eq!(id.as_str().len(), 26);
        assert_eq!(id.as_str(), id.as_str().to_lowercase());
        assert_eq!(id.as_str().parse::<ContextId>(), Ok(id.clone()));
        assert_ne!(id, ContextId::of(&"course-1".parse().unwrap()));
        assert!(id.as_str().to_uppercase().parse::<ContextId>().is_err());
        assert!("short".parse::<ContextId>().is_err());
    }

    #[test]
    fn line_item_ids_of_one_millisecond_sort_by_their_fraction() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let early = LineItemId::new(at("2026-11-21T10:00:00.000100Z"), [255; 8]);
        let late = LineItemId::new(at("2026-11-21T10:00:00.000101Z"), [0; 8]);
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse(), Ok(early));
        assert!(early.to_string().to_uppercase().parse::<LineItemId>().is_err());
    }
}
