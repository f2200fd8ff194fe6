//! The history of one user on one line item, read back.

use serde::{Deserialize, Serialize};

use super::decisions::DecisionItem;
use super::keys::{self, DECISION_PREFIX, EXPIRES_AT, Key, SCORE_PREFIX};
use super::list::key_of;
use super::{Item, Store, StoreError, from_item};
use crate::domain::{Act, Comment, Decision, LineItemId, Points, Timestamp, UserId};

/// The longest sort key of an entry, in bytes.
const POSITION_MAX: usize = 100;

/// Where in the history an entry stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct HistoryPosition(String);

impl TryFrom<String> for HistoryPosition {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let known = [DECISION_PREFIX, SCORE_PREFIX].iter().any(|prefix| text.starts_with(prefix));
        if known && text.len() <= POSITION_MAX { Ok(Self(text)) } else { Err("is no position") }
    }
}

/// One entry of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Where it stands.
    pub position: HistoryPosition,
    /// The timestamp of the score; when the decision came.
    pub at: Timestamp,
    /// Who sent it.
    pub client: String,
    /// The token it came with.
    pub token_id: String,
    /// What happened.
    pub event: HistoryEvent,
}

/// What happened to a grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryEvent {
    /// A score came.
    Score {
        /// When it came.
        received_at: Timestamp,
        /// Whether it took effect; if not, a later one was on record.
        applied: bool,
        /// Its body.
        body: String,
    },
    /// An instructor decided.
    Decision(Decision),
}

#[derive(Deserialize)]
struct ScoreItem {
    body: String,
    client: String,
    token_id: String,
    received_at: i64,
    outcome: Option<String>,
}

/// The instant in a sort key, after `prefix`.
fn instant(key: &Key, prefix: &str) -> Result<Timestamp, StoreError> {
    let nanos = key.sk.strip_prefix(prefix).and_then(|rest| rest.split('#').next()).unwrap_or_default();
    let nanos = nanos.parse().map_err(StoreError::unreadable(key))?;
    Timestamp::from_unix_nanos(nanos).map_err(StoreError::unreadable(key))
}

fn entry_from(key: &Key, item: Item) -> Result<HistoryEntry, StoreError> {
    let position = HistoryPosition(key.sk.clone());
    if key.sk.starts_with(SCORE_PREFIX) {
        let ScoreItem { body, client, token_id, received_at, outcome } = from_item(key, item)?;
        let received_at =
            Timestamp::from_unix_nanos(received_at.into()).map_err(StoreError::unreadable(key))?;
        let event = HistoryEvent::Score { received_at, applied: outcome.is_none(), body };
        return Ok(HistoryEntry { position, at: instant(key, SCORE_PREFIX)?, client, token_id, event });
    }
    let stored: DecisionItem = from_item(key, item)?;
    let at = instant(key, DECISION_PREFIX)?;
    let (client, token_id) = (stored.client.clone(), stored.token_id.clone());
    let event = HistoryEvent::Decision(decision_from(key, stored)?);
    Ok(HistoryEntry { position, at, client, token_id, event })
}

fn decision_from(key: &Key, stored: DecisionItem) -> Result<Decision, StoreError> {
    let missing = || StoreError::corrupt(key, "a decision without a part that it must have");
    let text = |text: Option<String>| text.ok_or_else(missing);
    let reason = |stored: Option<String>| text(stored)?.parse().map_err(StoreError::unreadable(key));
    let act = match stored.kind.as_str() {
        "override" => Act::Override {
            points: Points {
                given: text(stored.given)?.parse().map_err(StoreError::unreadable(key))?,
                maximum: text(stored.maximum)?.parse().map_err(StoreError::unreadable(key))?,
            },
            reason: reason(stored.reason)?,
        },
        "override_removed" => Act::RemoveOverride { reason: reason(stored.reason)? },
        "comment" => {
            let comment = Comment::parse(text(stored.text)?).map_err(StoreError::unreadable(key))?;
            Act::Comment(comment.ok_or_else(missing)?)
        }
        "comment_removed" => Act::RemoveComment,
        _ => return Err(StoreError::corrupt(key, "a decision of an unknown kind")),
    };
    Ok(Decision { by: stored.by.parse().map_err(StoreError::unreadable(key))?, act })
}

impl Store {
    /// A part of the history of a user on a line item, decisions first, then scores, each oldest first, after `after`; and
    /// where it goes on, if it does. One query of at most `limit` entries and a megabyte; what has had its time is left
    /// out, however late the table deletes it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history_list(
        &self,
        item: LineItemId,
        user: &UserId,
        after: Option<&HistoryPosition>,
        limit: u16,
        now: Timestamp,
    ) -> Result<(Vec<HistoryEntry>, Option<HistoryPosition>), StoreError> {
        let start = after.map(|HistoryPosition(sk)| Key::entry(item, user, sk).into_attributes());
        let query = self.partition(&keys::history(item, user)).limit(limit.into());
        let answer = query.set_exclusive_start_key(start).send().await?;
        let is_current = |row: &Item| {
            let end =
                row.get(EXPIRES_AT).and_then(|end| end.as_n().ok()).and_then(|end| end.parse::<i64>().ok());
            end.is_none_or(|end| end > now.unix_seconds())
        };
        let mut entries = Vec::new();
        for row in answer.items.unwrap_or_default().into_iter().filter(is_current) {
            let key = key_of(&row, &keys::results(item))?;
            entries.push(entry_from(&key, row)?);
        }
        let last = answer.last_evaluated_key.as_ref().and_then(Key::of);
        Ok((entries, last.map(|key| HistoryPosition(key.sk))))
    }
}
