//! Recording a score.
//!
//! # Protocol
//!
//! 1. One conditional update of the result and one put of the history entry go out side by side; the answer waits for
//!    both. The update refuses only a score older than the one on record (AGS 99), so that of any number of parallel
//!    posts the newest stays (AGS 103). There is no read before the write.
//! 2. The history entry is keyed by time and fingerprint of the body and written only once, so a retry adds none.
//! 3. A refused score gets the outcome `stale` added to its entry before the answer; an entry without one was applied.
//!
//! An acknowledged score has both writes. If the process dies in between, one of them may be missing; the tool was not
//! answered, and its retry finds the same key and the same condition and adds what is missing.
//!
//! One case needs care in step 3: a retry of a score that was applied and has been superseded since is refused, too, but
//! its entry must go on saying that it was applied. An entry that was there before is therefore marked only if the score
//! that stands in its way was received before it. (A score whose process died before the update, and which was
//! superseded before its retry, counts as applied by this rule: it was first, nobody was told otherwise, and the result is
//! the same.)
//!
//! Two cases remain in which an entry says `stale` although its score was applied, and superseded at once: the answer to
//! the update was lost and the client library sent it again too late; or the clocks of two functions disagree about which
//! score was received first. The result is right in both, and the tool was told 409 in the first.
//!
//! Where no history is kept the update is all there is.
//!
//! A transaction would cost twice the write units, and would fail when two scores of one user meet.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::expression::Changes;
use super::keys::{self, EXPIRES_AT, Key, PK};
use super::results::attribute;
use super::{Item, LineItemRef, Put, Store, StoreError, number};
use crate::domain::{
    ActivityProgress, ClientId, GradingProgress, MissingScore, Policy, Score, ScoreOutcome, Timestamp, UserId,
};

const OUTCOME: &str = "outcome";
const TOKEN_ID: &str = "token_id";

/// Refuses a score older than the one on record, and the very same score again. `scored_at` is missing where the user
/// has no score yet.
const NEWER: &str = "attribute_not_exists(#scored_at) OR #scored_at < :scored_at";
/// An equal time with another body is the later arrival: some tools have whole seconds (AGS 101).
const SAME_TIME_OTHER_BODY: &str = "#scored_at = :scored_at AND #fingerprint <> :fingerprint";

/// A score as it came, with who sent it and when.
#[derive(Debug)]
pub struct ScoreRecord<'a> {
    /// The line item.
    pub line_item: LineItemRef<'a>,
    /// The score.
    pub score: &'a Score,
    /// The request body, which the history keeps.
    pub body: &'a str,
    /// How it is taken.
    pub policy: Policy,
    /// Who sent it.
    pub client: &'a ClientId,
    /// The token it came with.
    pub token_id: &'a str,
    /// When it came.
    pub received_at: Timestamp,
}

impl Store {
    /// Records a score: see the protocol above.
    ///
    /// # Errors
    /// [`StoreError`] if either write failed; the score may or may not be on record, and sending it again is safe.
    pub async fn score_record(&self, record: &ScoreRecord<'_>) -> Result<ScoreOutcome, StoreError> {
        let fingerprint = keys::fingerprint(record.body.as_bytes());
        let Some(expires_at) = record.policy.history.ends(record.received_at) else {
            return Ok(match self.result_update(record, &fingerprint).await? {
                Update::Recorded => ScoreOutcome::Recorded,
                Update::Replayed => ScoreOutcome::Replayed,
                Update::Refused { .. } => ScoreOutcome::Stale,
            });
        };
        let entry = Key::history(record.line_item.id, &record.score.user, record.score.time, &fingerprint);
        let (update, kept) = tokio::join!(
            self.result_update(record, &fingerprint),
            self.history_put(record, entry.clone(), expires_at),
        );
        let (update, kept) = (update?, kept?);
        match update {
            Update::Recorded => Ok(ScoreOutcome::Recorded),
            Update::Replayed => Ok(ScoreOutcome::Replayed),
            Update::Refused { by_received_at } => {
                let unless_older_than = if kept == Kept::Now { None } else { by_received_at };
                self.history_mark_stale(entry, unless_older_than).await?;
                Ok(ScoreOutcome::Stale)
            }
        }
    }

    async fn result_update(&self, record: &ScoreRecord<'_>, fingerprint: &str) -> Result<Update, StoreError> {
        let ScoreRecord { line_item, score, .. } = record;
        let scored_at = AttributeValue::N(score.time.unix_nanos().to_string());
        let mut changes = score_changes(score, record.policy.missing_score);
        changes.set(attribute::SCORED_AT, scored_at.clone());
        changes.set_text(attribute::FINGERPRINT, fingerprint);
        changes.set(attribute::RECEIVED_AT, received_at(record));
        for (name, value) in keys::index_of_results(line_item, &score.user) {
            changes.set_text(name, value);
        }
        let expression = changes.finish();
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::result(line_item.id, &score.user).into_attributes()))
            .update_expression(expression.update)
            .condition_expression(format!("{NEWER} OR ({SAME_TIME_OTHER_BODY})"))
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = update else { return Ok(Update::Recorded) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                let on_record = |name| failure.item().and_then(|item| item.get(name));
                if on_record(attribute::SCORED_AT) == Some(&scored_at) {
                    return Ok(Update::Replayed);
                }
                Ok(Update::Refused { by_received_at: on_record(attribute::RECEIVED_AT).cloned() })
            }
            _ => Err(error.into()),
        }
    }

    /// A retry finds the entry there; what the first try wrote stays.
    async fn history_put(
        &self,
        record: &ScoreRecord<'_>,
        entry: Key,
        expires_at: i64,
    ) -> Result<Kept, StoreError> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let mut item = entry.into_attributes();
        item.extend(
            [
                ("body", text(record.body)),
                ("client", text(record.client.as_str())),
                (TOKEN_ID, text(record.token_id)),
                (attribute::RECEIVED_AT, received_at(record)),
                (EXPIRES_AT, number(expires_at)),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        // What is there may also be of this very request: its answer was lost, and the client library sent it again.
        let ours = |there: &Item| {
            there.get(TOKEN_ID) == Some(&text(record.token_id))
                && there.get(attribute::RECEIVED_AT) == Some(&received_at(record))
        };
        Ok(match self.put_new(item).await? {
            Put::Existing(there) if !ours(&there) => Kept::Before,
            _ => Kept::Now,
        })
    }

    async fn history_mark_stale(
        &self,
        entry: Key,
        unless_older_than: Option<AttributeValue>,
    ) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        changes.set_text(OUTCOME, "stale");
        let condition = if let Some(received_at) = unless_older_than {
            changes.value(attribute::RECEIVED_AT, received_at);
            "#received_at >= :received_at"
        } else {
            changes.name(PK);
            // An entry that was erased meanwhile does not come back.
            "attribute_exists(#pk)"
        };
        // Where it does not hold, the score was applied, and superseded later.
        self.update(entry, changes, Some(condition)).await?;
        Ok(())
    }
}

/// When the history entry was written.
#[derive(PartialEq, Eq)]
enum Kept {
    /// By this request.
    Now,
    /// By an earlier try of the same score.
    Before,
}

/// What the update of the result came to.
enum Update {
    Recorded,
    Replayed,
    /// A later score is on record, which was received then.
    Refused {
        by_received_at: Option<AttributeValue>,
    },
}

/// When a score was received, in nanoseconds since 1970.
fn received_at(record: &ScoreRecord<'_>) -> AttributeValue {
    AttributeValue::N(record.received_at.unix_nanos().to_string())
}

/// What a score changes on the result of its user (AGS 105–115).
fn score_changes(score: &Score, missing: MissingScore) -> Changes {
    use attribute::{
        ACTIVITY, COMMENT, FINAL_GIVEN, FINAL_MAXIMUM, GRADING, PROVISIONAL_GIVEN, PROVISIONAL_MAXIMUM,
        SCORING_USER,
    };
    let mut changes = Changes::default();
    changes.set_text(ACTIVITY, score.activity.as_str());
    changes.set_text(GRADING, score.grading.as_str());
    changes.set_or_remove(COMMENT, score.comment.as_ref().map(|comment| comment.as_str()));
    changes.set_or_remove(SCORING_USER, score.scoring_user.as_ref().map(UserId::as_str));
    match (&score.points, score.grading) {
        (Some(points), GradingProgress::FullyGraded) => {
            changes.set_text(FINAL_GIVEN, points.given.to_string());
            changes.set_text(FINAL_MAXIMUM, points.maximum.to_string());
            changes.remove(PROVISIONAL_GIVEN);
            changes.remove(PROVISIONAL_MAXIMUM);
        }
        // A value that is not final never touches the one that shows (AGS 109).
        (Some(points), _) => {
            changes.set_text(PROVISIONAL_GIVEN, points.given.to_string());
            changes.set_text(PROVISIONAL_MAXIMUM, points.maximum.to_string());
        }
        (None, _) => {
            changes.remove(PROVISIONAL_GIVEN);
            changes.remove(PROVISIONAL_MAXIMUM);
            if missing == MissingScore::Clear {
                changes.remove(FINAL_GIVEN);
                changes.remove(FINAL_MAXIMUM);
            }
        }
    }
    submission_changes(score, &mut changes);
    changes
}

/// Carries the submission times over, or clears them (AGS 114, 115).
fn submission_changes(score: &Score, changes: &mut Changes) {
    use ActivityProgress::{Completed, InProgress, Initialized, Started, Submitted};
    use attribute::{STARTED_AT, SUBMITTED_AT};
    match (score.submission.started_at(), score.activity) {
        (Some(started_at), _) => changes.set_text(STARTED_AT, started_at.to_string()),
        (None, Initialized) => changes.remove(STARTED_AT),
        (None, Started | InProgress) => changes.set_first(STARTED_AT, score.time.timestamp().to_string()),
        (None, Submitted | Completed) => {}
    }
    match (score.submission.submitted_at(), score.activity) {
        (Some(submitted_at), _) => changes.set_text(SUBMITTED_AT, submitted_at.to_string()),
        (None, Initialized | Started | InProgress) => changes.remove(SUBMITTED_AT),
        (None, Submitted | Completed) => changes.set_first(SUBMITTED_AT, score.time.timestamp().to_string()),
    }
}
