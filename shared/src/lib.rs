//! What the functions share. Dependencies point one way only:
//!
//! ```text
//! domain  ←  auth  ←  services  ←  http  ←  functions/*
//!    ↑                    │
//!    └──────  store  ←────┘
//! ```
//!
//! - [`domain`]: the rules of grades; pure.
//! - [`auth`]: credentials become proven facts; pure but for what needs the outside, keys of tools and signing.
//! - [`store`]: the one table; nothing else calls DynamoDB or names an attribute.
//! - [`services`]: what every route needs, built once per process.
//! - [`http`]: what the routes share about HTTP.
//! - [`clock`], [`config`], [`links`], [`outgoing`], [`usage`], [`causes`](mod@causes): time, environment variables, every
//!   URL we give out, every request that we send, what a request takes of the table, and the texts of errors.

pub mod auth;
pub mod causes;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
pub mod links;
pub mod outgoing;
pub mod services;
pub mod store;
pub mod usage;
