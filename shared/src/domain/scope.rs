//! OAuth scopes and what each lets a tool do: the one place for the table of AGS 29.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A scope that a tool can hold (AGS 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Manage line items.
    LineItem,
    /// Read line items.
    LineItemReadOnly,
    /// Read results.
    ResultReadOnly,
    /// Post scores.
    Score,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::LineItem, Self::LineItemReadOnly, Self::ResultReadOnly, Self::Score];

    /// The scope as it is written in requests, tokens and launch claims.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LineItem => "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
            Self::LineItemReadOnly => "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
            Self::ResultReadOnly => "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
            Self::Score => "https://purl.imsglobal.org/spec/lti-ags/scope/score",
        }
    }
}

/// What a request wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// GET the container or one line item.
    ReadLineItems,
    /// POST, PUT or DELETE a line item.
    WriteLineItems,
    /// POST a score.
    PostScores,
    /// GET results.
    ReadResults,
}

impl Operation {
    /// The scopes of which one must be held, the usual one first (AGS 29).
    #[must_use]
    pub const fn accepts(self) -> &'static [Scope] {
        match self {
            Self::ReadLineItems => &[Scope::LineItemReadOnly, Scope::LineItem],
            Self::WriteLineItems => &[Scope::LineItem],
            Self::PostScores => &[Scope::Score],
            Self::ReadResults => &[Scope::ResultReadOnly],
        }
    }
}

/// Why a `scope` parameter is not a list of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Nothing but blanks (AGS 148).
    #[error("scope must name at least one scope")]
    Empty,
    /// A character that no scope may hold (RFC 6749 §3.3).
    #[error("scope must be a list of scopes separated by single spaces")]
    Character,
}

/// A set of scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// Every scope a tool can hold.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether one of the scopes that `operation` accepts is held.
    #[must_use]
    pub fn permits(&self, operation: Operation) -> bool {
        operation.accepts().iter().any(|scope| self.0.contains(scope))
    }

    /// What of `requested` a client with these scopes is granted (AGS 147).
    ///
    /// `lineitem` includes `lineitem.readonly`: libraries ask for the narrow one alone before every read (AGS 15).
    #[must_use]
    pub fn grant(&self, requested: &Self) -> Self {
        let mut held = self.0.clone();
        if held.contains(&Scope::LineItem) {
            held.insert(Scope::LineItemReadOnly);
        }
        requested.0.intersection(&held).copied().collect()
    }

    /// Whether there is no scope in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl FromStr for ScopeSet {
    type Err = ScopeError;

    /// Reads whole, case-sensitive scopes (AGS 33); those that this service does not know are passed over (AGS 147).
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
        if !text.bytes().all(|byte| matches!(byte, b' ' | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
            return Err(ScopeError::Character);
        }
        if text.trim().is_empty() {
            return Err(ScopeError::Empty);
        }
        let known = |token: &str| Scope::ALL.into_iter().find(|scope| scope.as_str() == token);
        Ok(text.split(' ').filter_map(known).collect())
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_compared_whole_and_case_sensitively_ags_33() {
        let readonly = Scope::LineItemReadOnly.as_str();
        let set: ScopeSet = readonly.parse().unwrap();
        assert!(!set.permits(Operation::WriteLineItems));
        assert!(set.permits(Operation::ReadLineItems));
        assert!(readonly.to_uppercase().parse::<ScopeSet>().unwrap().is_empty());
        assert!(format!("{readonly}/").parse::<ScopeSet>().unwrap().is_empty());
    }

    #[test]
    fn unknown_scopes_are_passed_over_and_the_rest_granted_ags_147() {
        let requested: ScopeSet = format!("openid {} other", Scope::Score.as_str()).parse().unwrap();
        assert_eq!(ScopeSet::all().grant(&requested).to_string(), Scope::Score.as_str());
    }

    #[test]
    fn lineitem_includes_lineitem_readonly_ags_15() {
        let held: ScopeSet = [Scope::LineItem].into_iter().collect();
        assert_eq!(held.grant(&ScopeSet::all()).iter().count(), 2);
        let held: ScopeSet = [Scope::LineItemReadOnly].into_iter().collect();
        assert_eq!(held.grant(&ScopeSet::all()), held);
    }

    #[test]
    fn an_empty_or_ill_formed_scope_is_told_apart_ags_148() {
        assert_eq!("".parse::<ScopeSet>(), Err(ScopeError::Empty));
        assert_eq!("  ".parse::<ScopeSet>(), Err(ScopeError::Empty));
        assert_eq!("a\tb".parse::<ScopeSet>(), Err(ScopeError::Character));
        assert_eq!("a\"b".parse::<ScopeSet>(), Err(ScopeError::Character));
    }
}
