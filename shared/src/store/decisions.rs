//! Recording what an instructor decides.
//!
//! # Protocol
//!
//! 1. One conditional update of the result: it refuses the very decision that is on record already, and to take back what is
//!    not there. It tells when the decision was made that is on record now.
//! 2. The history entry is keyed by that instant and the fingerprint of the decision, and written only once.
//!
//! So the same request again, now or in a year, adds no entry. If the process dies in between, nobody was answered, and the
//! same request again finds the decision on record and adds its entry. The entry comes second, unlike that of a score: a
//! decision has no time of its own by which a retry could find an entry, and the history must not tell of one that never
//! took effect.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use serde::{Deserialize, Serialize};

use super::expression::Changes;
use super::keys::{self, EXPIRES_AT, Key};
use super::results::attribute;
use super::{LineItemRef, Store, StoreError, number, to_item};
use crate::domain::{Act, ClientId, Decision, Retention, Timestamp, UserId};

/// A decision, with whose grade it is about, who sent it, and when.
#[derive(Debug)]
pub struct DecisionRecord<'a> {
    /// The line item.
    pub line_item: LineItemRef<'a>,
    /// Whose grade.
    pub user: &'a UserId,
    /// What is decided.
    pub decision: &'a Decision,
    /// Who sent it.
    pub client: &'a ClientId,
    /// The token it came with.
    pub token_id: &'a str,
    /// When it came.
    pub at: Timestamp,
    /// How long its history entry is kept.
    pub history: Retention,
}

/// A history entry of a decision.
#[derive(Serialize, Deserialize)]
pub(super) struct DecisionItem {
    pub(super) kind: String,
    pub(super) by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) given: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maximum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    pub(super) client: String,
    pub(super) token_id: String,
}

/// What an act is about: the attributes that hold it, and what its last decision was.
struct Subject {
    /// There while the act is in effect.
    value: &'static str,
    others: &'static [&'static str],
    decision: &'static str,
    at: &'static str,
}

const POINTS: Subject = Subject {
    value: attribute::OVERRIDE_GIVEN,
    others: &[attribute::OVERRIDE_MAXIMUM, attribute::OVERRIDE_BY, attribute::OVERRIDE_REASON],
    decision: attribute::OVERRIDE_DECISION,
    at: attribute::OVERRIDE_AT,
};
const COMMENT: Subject = Subject {
    value: attribute::INSTRUCTOR_COMMENT,
    others: &[attribute::INSTRUCTOR_COMMENT_BY],
    decision: attribute::INSTRUCTOR_COMMENT_DECISION,
    at: attribute::INSTRUCTOR_COMMENT_AT,
};

impl Store {
    /// Records a decision: see the protocol above. To take back what is not there changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]; the decision may or may not be on record, and sending it again is safe.
    pub async fn decision_record(&self, record: &DecisionRecord<'_>) -> Result<(), StoreError> {
        let fingerprint = fingerprint(record.decision);
        let Some(at) = self.decision_update(record, &fingerprint).await? else { return Ok(()) };
        // Nor is an entry made anew whose time is over.
        match record.history.ends(at).filter(|end| *end > record.at.unix_seconds()) {
            Some(expires_at) => self.decision_keep(record, at, &fingerprint, expires_at).await,
            None => Ok(()),
        }
    }

    /// When the decision was made that is on record now, if it is this one.
    async fn decision_update(
        &self,
        record: &DecisionRecord<'_>,
        fingerprint: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Decision { by, act } = record.decision;
        let at = AttributeValue::N(record.at.unix_nanos().to_string());
        let mut changes = Changes::default();
        let (subject, removes) = match act {
            Act::Override { points, reason } => {
                changes.set_text(attribute::OVERRIDE_GIVEN, points.given.to_string());
                changes.set_text(attribute::OVERRIDE_MAXIMUM, points.maximum.to_string());
                changes.set_text(attribute::OVERRIDE_BY, by.as_str());
                changes.set_text(attribute::OVERRIDE_REASON, reason.as_str());
                (POINTS, false)
            }
            Act::Comment(text) => {
                changes.set_text(attribute::INSTRUCTOR_COMMENT, text.as_str());
                changes.set_text(attribute::INSTRUCTOR_COMMENT_BY, by.as_str());
                (COMMENT, false)
            }
            Act::RemoveOverride { .. } => (POINTS, true),
            Act::RemoveComment => (COMMENT, true),
        };
        let Subject { value, others, decision, at: decided } = subject;
        let condition = if removes {
            changes.remove(value);
            for name in others {
                changes.remove(name);
            }
            format!("attribute_exists(#{value})")
        } else {
            for (name, value) in keys::index_of_results(&record.line_item, record.user) {
                changes.set_text(name, value);
            }
            format!("attribute_not_exists(#{decision}) OR #{decision} <> :{decision}")
        };
        changes.set_text(decision, fingerprint);
        changes.set(decided, at.clone());
        changes.set(attribute::DECIDED_AT, at);
        let expression = changes.finish();
        let key = Key::result(record.line_item.id, record.user);
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.clone().into_attributes()))
            .update_expression(expression.update)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = update else { return Ok(Some(record.at)) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                let on_record = |name| failure.item().and_then(|item| item.get(name));
                if on_record(decision) != Some(&AttributeValue::S(fingerprint.to_owned())) {
                    return Ok(None);
                }
                let nanos = on_record(decided).and_then(|at| at.as_n().ok()).and_then(|at| at.parse().ok());
                let nanos = nanos.ok_or_else(|| StoreError::corrupt(&key, "a decision without its time"))?;
                Timestamp::from_unix_nanos(nanos).map(Some).map_err(StoreError::unreadable(&key))
            }
            _ => Err(error.into()),
        }
    }

    async fn decision_keep(
        &self,
        record: &DecisionRecord<'_>,
        at: Timestamp,
        fingerprint: &str,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let Decision { by, act } = record.decision;
        let stored = DecisionItem {
            kind: act.kind().to_owned(),
            by: by.to_string(),
            given: act.points().map(|points| points.given.to_string()),
            maximum: act.points().map(|points| points.maximum.to_string()),
            reason: act.reason().map(|reason| reason.as_str().to_owned()),
            text: act.text().map(|text| text.as_str().to_owned()),
            client: record.client.to_string(),
            token_id: record.token_id.to_owned(),
        };
        let key = Key::decision(record.line_item.id, record.user, at, fingerprint);
        let mut item = to_item(key, &stored)?;
        item.insert(EXPIRES_AT.to_owned(), number(expires_at));
        self.put_new(item).await?;
        Ok(())
    }
}

/// What tells one decision from another.
fn fingerprint(decision: &Decision) -> String {
    let Decision { by, act } = decision;
    let parts = [
        act.kind().to_owned(),
        by.to_string(),
        act.points().map_or(String::new(), |points| points.given.to_string()),
        act.points().map_or(String::new(), |points| points.maximum.to_string()),
        act.reason().map_or(String::new(), |reason| reason.as_str().to_owned()),
        act.text().map_or(String::new(), |text| text.as_str().to_owned()),
    ];
    // Each with its length, so that nothing moves from one to the next.
    let parts = parts.map(|part| format!("{}:{part}", part.len()));
    keys::fingerprint(parts.concat().as_bytes())
}
