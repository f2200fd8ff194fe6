//! Raw items of the table in an order of their own.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

/// An item as DynamoDB's own JSON, whose members are in the order of their names, however deep they are.
pub fn ordered<S: std::hash::BuildHasher>(item: &HashMap<String, AttributeValue, S>) -> Value {
    item.iter().map(|(name, value)| (name.clone(), typed(value))).collect()
}

fn typed(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(is) => json!({ "BOOL": is }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(typed).collect::<Vec<_>>() }),
        AttributeValue::M(members) => json!({ "M": ordered(members) }),
        other => panic!("nothing here stores {other:?}"),
    }
}
