//! The client of the table: whom it trusts, how long it waits, and what it tries again.
//!
//! # Bounds
//!
//! A call is tried [`TRIES`](outgoing::TRIES) times in all, each for at most two seconds, with random waits of up to 0.2,
//! 0.4 and 0.8 seconds in between. After [`PATIENCE`] it is given up in any case. So are the calls that [`within`] holds
//! together, as one step (a batch to its end) or two (the walk through a list). A request makes at most four steps one after another
//! (published keys, batch, two writes or a list), so a function answers within 24 seconds, before the 30 after which API
//! Gateway gives up; its own time limit must lie between the two. One that starts may wait for two seconds before. The token endpoint may make more, and asks others than
//! the table; it has a deadline of its own. On the LMS's side more steps may come together; the platform function has a
//! deadline, too.
//!
//! There is no quota of retries: a function serves one request at a time, so the tries of a process never pile up. The
//! quota of the SDK belongs to the process and grows by successes only; a process that lived through an outage would
//! have no retries left for the next call that is throttled.

use std::error::Error;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{AfterDeserializationInterceptorContextRef, InterceptorContext};
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::{Builder, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::error::TransactionConflictException;

use super::StoreError;
use super::metering::Metering;
use crate::config::StoreConfig;
use crate::outgoing::{self, PATIENCE, WAIT};
use crate::usage::{self, Usage};

/// A DynamoDB client that knows no credentials but those in `config`.
#[must_use]
pub fn connect(config: &StoreConfig) -> Client {
    let no_quota = RetryPartition::custom("table").token_bucket(TokenBucket::unlimited()).build();
    let service = outgoing::service(&config.region, &config.credentials, config.endpoint.as_deref());
    let settings = Builder::from(&service)
        .retry_partition(no_quota)
        .retry_classifier(MayPass)
        .interceptor(WholeAnswers)
        .interceptor(Metering);
    Client::from_conf(settings.build())
}

/// Waits before the next try of what the client does not try again by itself; `tries` have been made.
pub(super) async fn wait_after(tries: u32) {
    usage::note(Usage::repeats);
    let mut part = [u8::MAX];
    // Without random numbers it is the longest wait.
    let _ = aws_lc_rs::rand::fill(&mut part);
    tokio::time::sleep(wait(tries, part[0])).await;
}

/// The wait after so many tries: this part (of 255) of the longest, so that those who failed together do not come back
/// together.
fn wait(tries: u32, part: u8) -> Duration {
    WAIT * 2_u32.pow(tries - 1) * u32::from(part) / u32::from(u8::MAX)
}

/// Bounds calls that belong together as if they were so many.
pub(super) async fn within<T>(
    steps: u32,
    calls: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let ended = tokio::time::timeout(PATIENCE * steps, calls).await;
    ended.unwrap_or_else(|_| {
        Err(StoreError::Unavailable("calls that belong together took too long".to_owned()))
    })
}

/// Tries again what the SDK would not, though it may pass: a plain write that met somebody's transaction, and a success
/// whose answer cannot be read.
#[derive(Debug)]
struct MayPass;

impl ClassifyRetry for MayPass {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let refusal = error.as_operation_error();
        let conflict =
            refusal.and_then(Error::source).is_some_and(|source| source.is::<TransactionConflictException>());
        let success = context.response().is_some_and(|response| response.status().is_success());
        let unreadable = success && (refusal.is_some() || error.is_interceptor_error());
        if conflict || unreadable { RetryAction::transient_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "conflicts and unreadable answers"
    }
}

/// Refuses an answer that lacks what DynamoDB always sends. The SDK would take it for one that found nothing, and a tool
/// or a line item would seem not to exist.
#[derive(Debug)]
struct WholeAnswers;

impl Intercept for WholeAnswers {
    fn name(&self) -> &'static str {
        "whole answers"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        let empty = context.response().body().bytes().is_none_or(<[u8]>::is_empty);
        let batch: Option<&BatchGetItemOutput> = output.downcast_ref();
        let query: Option<&QueryOutput> = output.downcast_ref();
        let writes: Option<&BatchWriteItemOutput> = output.downcast_ref();
        let partial = batch.is_some_and(|answer| answer.responses.is_none())
            || writes.is_some_and(|answer| answer.unprocessed_items.is_none())
            || query.is_some_and(|answer| answer.items.is_none());
        if empty || partial { Err("an answer without its content".into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_doubles_and_any_part_of_it_may_be_waited() {
        let longest = [1, 2, 3].map(|tries| wait(tries, 255).as_millis());
        assert_eq!(longest, [200, 400, 800]);
        assert_eq!((wait(3, 0).as_millis(), wait(3, 51).as_millis()), (0, 160));
    }
}
