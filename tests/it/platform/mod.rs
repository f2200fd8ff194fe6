//! The LMS's side, over HTTP with a token of an LMS.

mod claim;
mod contexts;
mod link_writes;
mod links;
mod office;
mod settings;
mod tools;
