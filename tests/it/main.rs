//! The black-box tests: one binary, one file per subject.

mod api;
mod bootstrap;
mod crash;
mod dev;
mod environment;
mod flows;
mod layering;
