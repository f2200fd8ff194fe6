//! What calls take: capacity is asked for with each of them, and noted with the tries and the time.

use std::time::Instant;

use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::batch_write_item::{BatchWriteItemInput, BatchWriteItemOutput};
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemInput, DeleteItemOutput};
use aws_sdk_dynamodb::operation::get_item::{GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::put_item::{PutItemInput, PutItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsInput, TransactWriteItemsOutput};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemInput, UpdateItemOutput};
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};

use crate::usage::{self, Usage};

/// Notes what each call takes in the record of the request.
#[derive(Debug)]
pub(super) struct Metering;

/// Does something with an input or output that is one of several types.
macro_rules! whichever {
    ($any:ident.$cast:ident: $($type:ty),+ => |$one:ident| $action:expr) => {
        $(if let Some($one) = $any.$cast::<$type>() { $action })+
    };
}

impl Intercept for Metering {
    fn name(&self) -> &'static str {
        "metering"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        usage::note(|usage| usage.call_begins(Instant::now()));
        Ok(())
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        whichever!(input.downcast_mut:
            BatchGetItemInput, QueryInput, GetItemInput, PutItemInput, UpdateItemInput, DeleteItemInput,
            BatchWriteItemInput, TransactWriteItemsInput
            => |input| input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total));
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        usage::note(Usage::try_begins);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        whichever!(output.downcast_ref: BatchGetItemOutput, QueryOutput, GetItemOutput => |output| {
            let units = units(output.consumed_capacity());
            usage::note(|usage| usage.read_units += units);
        });
        whichever!(output.downcast_ref:
        PutItemOutput, UpdateItemOutput, DeleteItemOutput, BatchWriteItemOutput, TransactWriteItemsOutput
        => |output| {
            let units = units(output.consumed_capacity());
            usage::note(|usage| usage.write_units += units);
        });
        Ok(())
    }

    fn read_after_execution(
        &self,
        _context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        usage::note(|usage| usage.call_ends(Instant::now()));
        Ok(())
    }
}

/// The units of one answer, for which a single call reports one entry, and others some for each table.
fn units<'a>(reported: impl IntoIterator<Item = &'a ConsumedCapacity>) -> f64 {
    reported.into_iter().filter_map(|one| one.capacity_units()).sum()
}
