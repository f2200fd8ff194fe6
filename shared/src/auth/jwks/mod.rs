//! The key set that a tool publishes at an address of its own (AGS 144), fetched from a network that nobody vouches for.
//!
//! Whoever registers a tool, or owns its domain name, chooses where we send a request to. So that none reaches what only
//! we can reach, [`address`](is_public) tells which addresses may be asked, [`names`] lets no other out of a name lookup,
//! and [`fetch`] asks without following anybody elsewhere. When to fetch is decided in
//! [`domain`](crate::domain::NextStep), from what the table knows.

mod address;
mod fetch;
mod freshness;
mod names;

pub use address::is_public;
pub use fetch::{FetchError, Fetched, KeyFetcher, check};
pub use names::Refused;
