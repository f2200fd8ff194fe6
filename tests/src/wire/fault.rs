//! What can befall a call to the table that the engine never does by itself.

use serde_json::{Value, json};

/// What befalls a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It waits until it is released, and goes on to the engine only then.
    Hold,
    /// It is answered with this status and this name, and the engine never sees it.
    Error(u16, &'static str),
    /// The connection ends, and the engine never sees it.
    DropCall,
    /// The connection ends after the engine has carried it out.
    DropAnswer,
    /// The connection ends in the middle of the answer.
    CutAnswer,
    /// The engine carries it out, and the answer is a failure.
    LoseAnswer,
    /// The engine carries it out, and the answer is a success with this text.
    Garble(&'static str),
    /// It is a transaction that met another one, and the engine never sees it.
    Cancel,
    /// A batch brings the first half of its keys, at least one, and leaves the others.
    HalveBatch,
    /// A batch leaves all of its keys, or of its writes.
    LeaveBatch,
}

impl Fault {
    /// For a missing permission.
    pub const REFUSED: Self = Self::Error(400, "AccessDeniedException");
    /// A table in trouble.
    pub const BROKEN: Self = Self::Error(500, "InternalServerError");
    /// A table away.
    pub const AWAY: Self = Self::Error(503, "ServiceUnavailable");
    /// A hot partition, or more than the table may do.
    pub const THROTTLED: Self = Self::Error(400, "ProvisionedThroughputExceededException");
    /// More than the account may do.
    pub const ACCOUNT_THROTTLED: Self = Self::Error(400, "RequestLimitExceeded");
    /// The other name of throttling.
    pub const SLOWED: Self = Self::Error(400, "ThrottlingException");
    /// A plain call that met a transaction on the same item.
    pub const CONFLICT: Self = Self::Error(400, "TransactionConflictException");

    /// The answer to `call` in place of the engine's, if the engine is not to see it.
    pub(super) fn answer(self, call: &str) -> Option<(u16, String)> {
        match self {
            Self::Error(status, name) => {
                let kind = format!("com.amazonaws.dynamodb.v20120810#{name}");
                Some((status, json!({ "__type": kind, "message": "on the wire" }).to_string()))
            }
            Self::Cancel => {
                let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
                let reasons = json!([{ "Code": "None" }, { "Code": "TransactionConflict" }]);
                let body =
                    json!({ "__type": kind, "Message": "on the wire", "CancellationReasons": reasons });
                Some((400, body.to_string()))
            }
            Self::LeaveBatch => {
                let call: Value = serde_json::from_str(call).expect("a call is JSON");
                let left = &call["RequestItems"];
                // The one is of a batch of reads, the other of a batch of writes.
                let answer = json!({ "Responses": {}, "UnprocessedKeys": left, "UnprocessedItems": left });
                Some((200, answer.to_string()))
            }
            _ => None,
        }
    }
}

/// A batch of half the keys, and what the answer then says of the others.
pub(super) fn halve(batch: &str) -> (String, Value) {
    let mut batch: Value = serde_json::from_str(batch).expect("a call is JSON");
    let mut left = batch["RequestItems"].clone();
    for (table, request) in batch["RequestItems"].as_object_mut().expect("an object") {
        let keys = request["Keys"].as_array_mut().expect("an array");
        let others = keys.split_off((keys.len() / 2).max(1));
        left[table]["Keys"] = others.into();
    }
    left.as_object_mut().expect("an object").retain(|_, request| request["Keys"] != json!([]));
    (batch.to_string(), left)
}
