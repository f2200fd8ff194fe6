//! The black-box tests: one binary, one file per subject.

mod api;
mod authz;
mod bearer;
mod bootstrap;
mod calls;
mod crash;
mod deployments;
mod dev;
mod environment;
mod flows;
mod forged_ids;
mod isolation;
mod layering;
