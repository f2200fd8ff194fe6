//! What a library may send in its own way, and how it reads the answers.

use std::ops::RangeInclusive;

use Call::{Create, Delete, List, Read, Results, Score, Token, Update};

/// A request of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Token,
    List,
    Read,
    Create,
    Update,
    Score,
    Results,
    Delete,
}

/// What the gradebook makes of a score.
#[derive(Debug)]
pub(super) enum Outcome {
    /// This result.
    Shown(f64),
    /// No result any more.
    Cleared,
    /// It is refused for this member.
    Refused(&'static str),
}

/// A library. Bodies are in its own spelling; `ITEM` stands for the line item's URL and `UUID` for the end of it.
pub(super) struct Dialect {
    pub(super) name: &'static str,
    /// `TOKEN` stands for the token endpoint, `ISSUER` for the issuer.
    pub(super) audience: &'static str,
    /// The claims that are times, in seconds from now.
    pub(super) times: &'static [(&'static str, i64)],
    /// What comes before the random part.
    pub(super) jti: &'static str,
    /// The `kid` of the header; the empty one is that of the registered key.
    pub(super) kid: Option<&'static str>,
    pub(super) scope_comes_first: bool,
    /// The scopes asked for before a call.
    pub(super) scopes: fn(Call) -> &'static str,
    /// The members of the token answer that it cannot do without.
    pub(super) token_members: &'static [&'static str],
    pub(super) calls: &'static [Call],
    /// Empty where the header is not sent.
    pub(super) accept: fn(Call) -> &'static str,
    /// Empty where the header is not sent.
    pub(super) content_type: fn(Call) -> &'static str,
    /// The queries with which it lists line items, one after the other.
    pub(super) list_queries: &'static [&'static str],
    pub(super) results_query: &'static str,
    pub(super) create: &'static str,
    pub(super) update: &'static str,
    pub(super) scores: &'static [(&'static str, Outcome)],
    /// The statuses that it takes for success.
    pub(super) good: fn(Call) -> RangeInclusive<u16>,
    /// The members of a new line item that it cannot do without.
    pub(super) item_members: &'static [&'static str],
    /// Of [`Update`] and [`Score`](Call::Score), those whose answers it parses; that to a score may be empty.
    pub(super) parses: &'static [Call],
    /// Whether it reads bodies of JSON types only.
    pub(super) reads_types: bool,
    /// How it finds the next page in a `Link` header, if it looks for one.
    pub(super) next: Option<fn(&str) -> Option<String>>,
    /// Addresses line items by the container's URL and the end of their id.
    pub(super) joins_urls: bool,
}

pub(super) const ITEM: &str = "application/vnd.ims.lis.v2.lineitem+json";
pub(super) const ITEMS: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
pub(super) const SCORE: &str = "application/vnd.ims.lis.v1.score+json";
pub(super) const RESULTS: &str = "application/vnd.ims.lis.v2.resultcontainer+json";
pub(super) const JSON: &str = "application/json";
pub(super) const FORM: &str = "application/x-www-form-urlencoded";
pub(super) const NONE: &str = "";

pub(super) fn vendor_type(call: Call) -> &'static str {
    match call {
        Token => FORM,
        Create | Update => ITEM,
        Score => SCORE,
        List | Read | Results | Delete => NONE,
    }
}

/// What most do; each row says where it differs.
pub(super) const COMMON: Dialect = Dialect {
    name: NONE,
    audience: r#""TOKEN""#,
    times: &[("iat", 0), ("exp", 60)],
    jti: "",
    kid: Some(""),
    scope_comes_first: false,
    scopes: |_| "lineitem lineitem.readonly result.readonly score",
    token_members: &["access_token"],
    calls: &[Create, List, Read, Update, Score, Results, Delete],
    accept: |_| NONE,
    content_type: vendor_type,
    list_queries: &[""],
    results_query: "",
    create: r#"{"label":"Essay","scoreMaximum":10,"resourceId":"r-1","tag":"t-1"}"#,
    update: r#"{"id":"ITEM","label":"Essay 2","scoreMaximum":10,"resourceId":"r-1","tag":"t-2"}"#,
    scores: &[],
    good: |_| 200..=299,
    item_members: &["id"],
    parses: &[],
    reads_types: false,
    next: None,
    joins_urls: false,
};
