//! The black-box tests: one binary, one file per subject.

mod api;
mod bootstrap;
mod environment;
mod flows;
