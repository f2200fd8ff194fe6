//! The black-box tests: one binary, one file per subject.

mod api;
mod authz;
mod bearer;
mod calls;
mod deployments;
mod flows;
mod forged_ids;
mod isolation;
