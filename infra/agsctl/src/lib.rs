//! What the operator's program is made of. `agsctl dev` and `agsctl watch` run the service on a laptop; the tests use
//! the same engine and the same table. `agsctl keys` looks after the signing keys, and the commands of `platform` after
//! tools, courses, links and grades, there and in the cloud. `agsctl doctor` examines a service from outside, wherever it is.

pub mod demo;
pub mod dev;
pub mod doctor;
pub mod engine;
pub mod exchange;
pub mod keys;
mod oauth;
pub mod place;
pub mod platform;
pub mod signing_keys;
pub mod table;
mod tool_calls;
pub mod tool_host;
pub mod watch;
