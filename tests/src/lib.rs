//! A world for one test: an engine with a fresh table, the whole service on a port of the loopback interface, a clock
//! that the test moves, and tools with real keys that call over HTTP.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "a harness reports by panicking"
)]

mod answer;
mod clock;
mod scene;
mod tool;
mod wire;
mod world;

pub use answer::Answer;
pub use clock::TestClock;
pub use scene::Scene;
pub use tool::{Assertion, LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE, Tool};
pub use world::{Course, World};
