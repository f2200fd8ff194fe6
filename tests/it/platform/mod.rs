//! The LMS's side, over HTTP with a token of an LMS.

mod contexts;
