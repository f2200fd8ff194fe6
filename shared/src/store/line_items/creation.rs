//! Creating a line item once, however often the request is sent.
//!
//! # Protocol
//!
//! 1. A conditional put remembers, under the tool's idempotency key, the body's fingerprint and the id that the line item
//!    is going to have. It succeeds once; every other request with the key is told what is remembered.
//! 2. The line item is put under the remembered id, unless it is there.
//!
//! The answer is made of the request and that id, so a repeated request has the first answer again, whatever has become of
//! the line item since. A process that dies between the two leaves a remembered id without a line item; the tool was not
//! answered, and its retry adds what is missing.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::{ClientId, ContextId, DeploymentId, IdempotencyKey, LineItem, Timestamp};
use crate::store::keys::{Key, fingerprint};
use crate::store::{Store, StoreError};

/// How long an idempotency key is remembered, in seconds: a day.
const REMEMBERED: i64 = 24 * 60 * 60;
const BODY: &str = "fingerprint";
const LINE_ITEM: &str = "line_item";

/// What makes two requests one.
#[derive(Debug, Clone, Copy)]
pub struct Repeatable<'a> {
    /// The tool's name for the request, which counts for one context and tool.
    pub key: &'a IdempotencyKey,
    /// The deployment that the token is narrowed to: what it names is apart from what others name.
    pub narrowed_to: Option<&'a DeploymentId>,
    /// The request body.
    pub body: &'a [u8],
}

/// What became of a creation with an idempotency key.
#[derive(Debug)]
pub enum CreateOutcome {
    /// The line item as it was created, now or by an earlier request with this key and body.
    Created(Box<LineItem>),
    /// The key came with another body before; nothing was created.
    OtherBody,
    /// The link has changed since it was read, or is gone; nothing was created.
    LinkChanged,
}

impl Store {
    /// Stores `line_item`, as `request` asks, unless the same request has done so before.
    ///
    /// # Errors
    /// [`StoreError`]; the line item may or may not be there, and the same request again is safe.
    pub async fn line_item_create_once(
        &self,
        context: &ContextId,
        client: &ClientId,
        mut line_item: LineItem,
        request: Repeatable<'_>,
        now: Timestamp,
    ) -> Result<CreateOutcome, StoreError> {
        let text = AttributeValue::S;
        let key = Key::creation(context, client, request.narrowed_to, request.key);
        let body = text(fingerprint(request.body));
        let mut item = key.clone().into_attributes();
        item.insert(BODY.to_owned(), body.clone());
        item.insert(LINE_ITEM.to_owned(), text(line_item.id.to_string()));
        if let Some(remembered) = self.put_expiring(item, now.unix_seconds() + REMEMBERED, now).await? {
            if remembered.get(BODY) != Some(&body) {
                return Ok(CreateOutcome::OtherBody);
            }
            let id = remembered.get(LINE_ITEM).and_then(|id| id.as_s().ok());
            let id = id.ok_or_else(|| StoreError::corrupt(&key, "it names no line item"))?;
            line_item.id = id.parse().map_err(StoreError::unreadable(&key))?;
        }
        if self.line_item_create(context, client, &line_item, now).await? {
            Ok(CreateOutcome::Created(Box::new(line_item)))
        } else {
            Ok(CreateOutcome::LinkChanged)
        }
    }
}
