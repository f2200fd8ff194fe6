//! The black-box tests: one binary, one file per subject.

mod api;
mod bootstrap;
mod crash;
mod environment;
mod flows;
