//! The black-box tests: one binary, one file per subject.

mod api;
mod flows;
