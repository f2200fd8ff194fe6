//! OAuth scopes and what each lets its holder do: the one place for the table of AGS 29.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// A scope.
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
    /// Do whatever the LMS may do.
    Platform,
    /// Read whatever the LMS may read.
    PlatformReadOnly,
}

impl Scope {
    /// Every scope that a tool can hold (AGS 2).
    pub const OF_TOOLS: [Self; 4] =
        [Self::LineItem, Self::LineItemReadOnly, Self::ResultReadOnly, Self::Score];

    /// Every scope that an LMS can hold.
    pub const OF_LMS: [Self; 2] = [Self::Platform, Self::PlatformReadOnly];

    fn all() -> impl Iterator<Item = Self> {
        Self::OF_TOOLS.into_iter().chain(Self::OF_LMS)
    }

    /// The scope by a name that holds for every issuer: of AGS the whole scope, of the LMS's the last part.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LineItem => "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
            Self::LineItemReadOnly => "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
            Self::ResultReadOnly => "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
            Self::Score => "https://purl.imsglobal.org/spec/lti-ags/scope/score",
            Self::Platform => "platform",
            Self::PlatformReadOnly => "platform.readonly",
        }
    }

    /// The scope as `issuer` writes it in requests, tokens and launch claims: an LMS's is the issuer's own, so that a
    /// token for one service says nothing at another.
    #[must_use]
    pub fn at(self, issuer: &str) -> Cow<'static, str> {
        match self {
            Self::Platform | Self::PlatformReadOnly => format!("{issuer}/scope/{}", self.name()).into(),
            _ => self.name().into(),
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
    /// Read on the LMS's side.
    ReadPlatform,
    /// Change something on the LMS's side.
    WritePlatform,
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
            Self::ReadPlatform => &[Scope::PlatformReadOnly, Scope::Platform],
            Self::WritePlatform => &[Scope::Platform],
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
    /// Whether one of the scopes that `operation` accepts is held.
    #[must_use]
    pub fn permits(&self, operation: Operation) -> bool {
        operation.accepts().iter().any(|scope| self.0.contains(scope))
    }

    /// These scopes, and those that they include.
    ///
    /// `lineitem` includes `lineitem.readonly`: libraries ask for the narrow one alone before every read (AGS 15).
    #[must_use]
    pub fn with_included(&self) -> Self {
        let mut held = self.0.clone();
        for (wide, narrow) in
            [(Scope::LineItem, Scope::LineItemReadOnly), (Scope::Platform, Scope::PlatformReadOnly)]
        {
            if held.contains(&wide) {
                held.insert(narrow);
            }
        }
        Self(held)
    }

    /// The scopes that are in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.0.intersection(&other.0).copied().collect()
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

    /// Reads whole, case-sensitive scopes (AGS 33) as `issuer` writes them; those that this service does not know are
    /// passed over (AGS 147).
    ///
    /// # Errors
    /// [`ScopeError`].
    pub fn parse(text: &str, issuer: &str) -> Result<Self, ScopeError> {
        // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
        if !text.bytes().all(|byte| matches!(byte, b' ' | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
            return Err(ScopeError::Character);
        }
        if text.trim().is_empty() {
            return Err(ScopeError::Empty);
        }
        let known = |token: &str| Scope::all().find(|scope| scope.at(issuer) == token);
        Ok(text.split(' ').filter_map(known).collect())
    }

    /// The scopes as `issuer` writes them, separated by spaces.
    #[must_use]
    pub fn at(&self, issuer: &str) -> String {
        let names: Vec<_> = self.iter().map(|scope| scope.at(issuer)).collect();
        names.join(" ")
    }

    /// The scopes by [`Scope::name`]; names that are none are passed over.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().filter_map(|name| Scope::all().find(|scope| scope.name() == name)).collect()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://ags.example.edu";

    fn read(text: &str) -> Result<ScopeSet, ScopeError> {
        ScopeSet::parse(text, ISSUER)
    }

    #[test]
    fn scopes_are_compared_whole_and_case_sensitively_ags_33() {
        let readonly = Scope::LineItemReadOnly.name();
        let set = read(readonly).unwrap();
        assert!(!set.permits(Operation::WriteLineItems));
        assert!(set.permits(Operation::ReadLineItems));
        assert!(read(&readonly.to_uppercase()).unwrap().is_empty());
        assert!(read(&format!("{readonly}/")).unwrap().is_empty());
    }

    #[test]
    fn unknown_scopes_are_passed_over_and_the_rest_read_ags_147() {
        let requested = read(&format!("openid {} other", Scope::Score.name())).unwrap();
        assert_eq!(requested, ScopeSet::from_iter([Scope::Score]));
    }

    #[test]
    fn lineitem_includes_lineitem_readonly_ags_15() {
        let included = |scope: Scope| ScopeSet::from_iter([scope]).with_included().iter().count();
        assert_eq!(included(Scope::LineItem), 2);
        assert_eq!(included(Scope::LineItemReadOnly), 1);
        assert_eq!(included(Scope::Platform), 2);
        assert_eq!(included(Scope::PlatformReadOnly), 1);
    }

    #[test]
    fn an_empty_or_ill_formed_scope_is_told_apart_ags_148() {
        assert_eq!(read(""), Err(ScopeError::Empty));
        assert_eq!(read("  "), Err(ScopeError::Empty));
        assert_eq!(read("a\tb"), Err(ScopeError::Character));
        assert_eq!(read("a\"b"), Err(ScopeError::Character));
    }

    #[test]
    fn a_scope_of_an_lms_is_its_issuers_and_nobody_elses() {
        let platform = Scope::Platform.at(ISSUER);
        assert_eq!(platform, "https://ags.example.edu/scope/platform");
        assert_eq!(read(&platform).unwrap(), ScopeSet::from_iter([Scope::Platform]));
        for foreign in ["platform", "/scope/platform", "https://other.example/scope/platform"] {
            assert!(read(foreign).unwrap().is_empty(), "{foreign}");
        }
    }
}
