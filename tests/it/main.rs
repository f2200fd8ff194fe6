//! The black-box tests: one binary, one file per subject.
#![expect(clippy::unwrap_used, reason = "what tests share reports by panicking, too")]

mod api;
mod flows;
mod hostile;
