//! The black-box tests: one binary, one file per subject.
#![expect(clippy::unwrap_used, reason = "helpers of tests report by panicking, too")]

mod api;
mod flows;
mod hostile;
