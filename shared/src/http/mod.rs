//! What the routes share about HTTP, and nothing about any one of them.

mod access;
mod app;
mod deadline;
mod etag;
mod extract;
mod lms;
mod media;
mod problem;
mod query;
pub mod record;
mod respond;

pub use access::{
    Authorized, PostScores, Protects, ReadLineItems, ReadPlatform, ReadResults, WriteLineItems, WritePlatform,
};
pub use app::app;
pub use deadline::in_time;
pub use etag::{changed, etag, if_match, if_none_match};
pub use extract::{ContextPath, JsonBody, LineItemPath, ResultPath};
pub use lms::{Actor, Lms, Operator};
pub use media::{JSON, LINE_ITEM, LINE_ITEM_CONTAINER, RESULT, RESULT_CONTAINER};
pub use problem::{Problem, ProblemKind, RETRY_AFTER_SECONDS};
pub use query::Query;
pub use record::{Ending, Outcome};
pub use respond::{Rest, json, listing, page};
