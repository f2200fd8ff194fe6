//! What the tests drive, over a fresh [`Table`] each, as tools with real keys:
//!
//! - [`World`]: the whole service on a port of the loopback interface, with a clock that the test moves;
//! - [`Stack`]: the built functions, each in a process of its own, with events as AWS makes them;
//! - [`Dev`]: the program `agsctl dev`.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "a harness reports by panicking"
)]

mod answer;
mod classroom;
mod clock;
mod deployed;
mod deployment;
mod description;
mod dev;
mod ec_key;
mod events;
mod items;
pub mod jwt;
mod kms;
mod platform;
mod process;
mod raw;
mod runtime;
pub mod sources;
mod stack;
mod table;
mod tool;
mod tool_host;
mod wire;
mod world;

pub use answer::Answer;
pub use classroom::Classroom;
pub use clock::TestClock;
pub use deployed::Deployed;
pub use deployment::{
    Access, Deployment, Grant, Guard, Resource, Role, Route, choose, decide, is_of_lambda, used_grants,
};
pub use description::{Description, Operation, leads_to};
pub use dev::Dev;
pub use ec_key::EcKey;
pub use events::Event;
pub use items::ordered;
pub use kms::KmsServer;
pub use platform::{Course, Platform, raw_items};
pub use process::{Ended, Environment, Process, built, patiently};
pub use runtime::{Function, Outcome, Runtime, lambda_environment};
pub use stack::Stack;
pub use table::Table;
pub use tool::{
    Assertion, DEPLOYMENT, LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE, Tool, token_form,
};
pub use tool_host::{Authority, Names, Reply, ToolHost, http_reply};
pub use wire::{Fault, Seen, Wire};
pub use world::World;

/// Sends requests to this machine, whatever proxy the environment names.
pub fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}
