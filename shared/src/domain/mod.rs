//! The rules of grades, and nothing else: no AWS, no HTTP, no async, no clock.
//!
//! Every type here has one fallible constructor and cannot hold a value that breaks its rule afterwards.

mod access;
mod claim;
mod copy;
mod decimal;
mod decision;
mod fetched_keys;
mod grade;
mod ids;
mod jwks_url;
mod line_item;
mod members;
mod paging;
mod progress;
mod rules;
mod scope;
mod score;
pub mod segment;
mod signing_key;
mod timestamp;

pub use access::{
    AccessDenied, Column, Course, LinkDefinition, Placement, PublicKeys, Registration, RegistrationChange,
    ResourceLink, Role,
};
pub use claim::Claim;
pub use copy::LinkMap;
pub use decimal::{Decimal, DecimalError, ScoreMaximum};
pub use decision::{Act, Decision, Reason, ReasonError};
pub use fetched_keys::{COOL_DOWN, FetchedKeys, FetchedSet, NextStep};
pub use grade::{Grade, InstructorComment, Override};
pub use ids::{
    ClientId, ContextId, DeploymentId, IdError, IdempotencyKey, LineItemId, LmsContextId, ResourceLinkId,
    UserId,
};
pub use jwks_url::{JwksUrl, JwksUrlError};
pub use line_item::{Dates, Definition, KeptLineItem, Label, LineItem, Marker, RESTORABLE_DAYS, TextError};
pub use members::{Invalid, Members, without_member};
pub use paging::{CursorError, FieldDigest, Limit, LineItemCursor, LineItemFilter, PAGE_BYTES, ResultCursor};
pub use progress::{Progress, ProgressError, ProgressStatus};
pub use rules::{
    Columns, Comments, Late, LinkRules, MissingScore, Policy, Retention, ScoreRules, SettingError, Settings,
    SettingsChange, TooLate,
};
pub use scope::{Operation, Scope, ScopeError, ScopeSet};
pub use score::{
    ActivityProgress, Comment, GradingProgress, Points, Score, ScoreError, ScoreOutcome, ScoreTime,
    Submission,
};
pub use signing_key::{PublicHalf, SigningKey};
pub use timestamp::{Timestamp, TimestampError};
