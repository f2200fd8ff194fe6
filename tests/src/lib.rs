//! What the tests drive, over an engine with a fresh table each, as tools with real keys:
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
mod clock;
mod dev;
mod events;
mod process;
mod runtime;
mod scene;
pub mod sources;
mod stack;
mod tool;
mod wire;
mod world;

pub use answer::Answer;
pub use clock::TestClock;
pub use dev::Dev;
pub use events::Event;
pub use process::{Ended, Environment, Process, patiently};
pub use runtime::{Function, Outcome, Runtime, lambda_environment};
pub use scene::{Course, Scene};
pub use stack::Stack;
pub use tool::{Assertion, LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE, Tool};
pub use wire::Wire;
pub use world::World;
