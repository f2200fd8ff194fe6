//! What an instructor decides about a grade, apart from what the tool sends.

use std::str::FromStr;

use super::{Comment, Points, UserId};

/// The longest reason, in characters.
const REASON_MAX: usize = 1_000;

/// Why a text is not a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReasonError {
    /// Only blanks: whoever disputes a grade must find something there.
    #[error("must not be blank")]
    Blank,
    /// Nothing is ever cut off.
    #[error("must have at most 1000 characters")]
    TooLong,
}

/// Why an instructor decided so: not blank, at most 1,000 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reason {
    type Err = ReasonError;

    fn from_str(text: &str) -> Result<Self, ReasonError> {
        if text.trim().is_empty() {
            return Err(ReasonError::Blank);
        }
        if text.chars().count() > REASON_MAX {
            return Err(ReasonError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A decision about one grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The instructor.
    pub by: UserId,
    /// What is decided.
    pub act: Act,
}

/// What an instructor decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// These points stand before the tool's.
    Override {
        /// How many.
        points: Points,
        /// Why.
        reason: Reason,
    },
    /// The tool's points count again.
    RemoveOverride {
        /// Why.
        reason: Reason,
    },
    /// This comment stands before the tool's.
    Comment(Comment),
    /// The tool's comment shows again.
    RemoveComment,
}

impl Act {
    /// The word for it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Override { .. } => "override",
            Self::RemoveOverride { .. } => "override_removed",
            Self::Comment(_) => "comment",
            Self::RemoveComment => "comment_removed",
        }
    }

    /// The points that are given.
    #[must_use]
    pub const fn points(&self) -> Option<&Points> {
        if let Self::Override { points, .. } = self { Some(points) } else { None }
    }

    /// Why, where it is asked for.
    #[must_use]
    pub const fn reason(&self) -> Option<&Reason> {
        if let Self::Override { reason, .. } | Self::RemoveOverride { reason } = self {
            Some(reason)
        } else {
            None
        }
    }

    /// The comment that is written.
    #[must_use]
    pub const fn text(&self) -> Option<&Comment> {
        if let Self::Comment(text) = self { Some(text) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_not_blank_and_never_cut() {
        assert_eq!(" \n".parse::<Reason>(), Err(ReasonError::Blank));
        assert!("é".repeat(1_000).parse::<Reason>().is_ok());
        assert_eq!("é".repeat(1_001).parse::<Reason>(), Err(ReasonError::TooLong));
    }
}
