//! The black-box tests: one binary, one file per subject.
#![expect(clippy::unwrap_used, reason = "what tests share reports by panicking, too")]

mod api;
mod attacks;
mod authz;
mod bootstrap;
mod calls;
mod concurrency;
mod costs;
mod crash;
mod deployed;
mod deployments;
mod dev;
mod doctor;
mod environment;
mod flows;
mod hostile;
mod ids_in_paths;
mod isolation;
mod killed;
mod late_answers;
mod layering;
mod log;
mod model;
mod openapi;
mod operations;
mod platform;
mod purge;
mod rules;
mod sbom;
mod signing_keys;
mod store_faults;
mod tables;
mod tool_keys;
mod traces;
