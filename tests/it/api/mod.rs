//! One file per resource.

mod assertion_claims;
mod assertion_keys;
mod published;
mod token;
