//! What a call of an AWS service needs to be allowed, as AWS derives it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Access, Deployment};

/// The accesses of a call of `target`, the header `x-amz-target`. All of them must be allowed.
///
/// A call that this does not know is one that no role allows: it has no leading keys and no tags.
pub(super) fn accesses(stack: &Deployment, target: &str, call: &Value) -> Vec<Access> {
    let (service, operation) = target.rsplit_once('.').unwrap_or_default();
    match service {
        "TrentService" => vec![key(stack, operation, call)],
        _ => table(stack, operation, call),
    }
}

/// A key may be named by its id alone, and is the same. The other keys have no tags that matter here.
fn key(stack: &Deployment, operation: &str, call: &Value) -> Access {
    let text = |name: &str| call[name].as_str().unwrap_or_default().to_owned();
    let (named, own) = (text("KeyId"), &stack.key.arn);
    let is_own = named == *own || own.rsplit('/').next() == Some(&named);
    let resource = if is_own { own.clone() } else { named };
    let mut context = BTreeMap::new();
    if is_own {
        let tags = stack.key.tags.iter();
        context.extend(tags.map(|(tag, value)| (format!("aws:ResourceTag/{tag}"), vec![value.clone()])));
    }
    if operation == "Sign" {
        context.insert("kms:SigningAlgorithm".to_owned(), vec![text("SigningAlgorithm")]);
        context.insert("kms:MessageType".to_owned(), vec![text("MessageType")]);
    }
    Access { action: format!("kms:{operation}"), resource, context }
}

fn table(stack: &Deployment, operation: &str, call: &Value) -> Vec<Access> {
    let access = |operation: &str, call: &Value, keys: Vec<String>| {
        let name = call["TableName"].as_str().unwrap_or_default();
        on(stack, operation, name, keys)
    };
    match operation {
        "Query" => vec![query(stack, call)],
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = call["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(name, requests)| on(stack, operation, name, keys_of_batch(requests))).collect()
        }
        // A transaction is no action of its own.
        "TransactWriteItems" => {
            let parts = call["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
            let action = |name: &str| match name {
                "ConditionCheck" => "ConditionCheckItem".to_owned(),
                name => format!("{name}Item"),
            };
            parts.flatten().map(|(name, part)| access(&action(name), part, partition(part))).collect()
        }
        operation => vec![access(operation, call, partition(call))],
    }
}

/// The access to an item, or to several.
fn on(stack: &Deployment, operation: &str, name: &str, keys: Vec<String>) -> Access {
    let tables = stack.table.arn.strip_suffix(&stack.table.name).unwrap_or_default();
    let mut context = BTreeMap::new();
    if !keys.is_empty() {
        context.insert("dynamodb:LeadingKeys".to_owned(), keys);
    }
    Access { action: format!("dynamodb:{operation}"), resource: format!("{tables}{name}"), context }
}

/// The partition of what a call puts or names.
fn partition(call: &Value) -> Vec<String> {
    let keys = ["Item", "Key"].map(|member| call[member]["pk"]["S"].as_str().map(str::to_owned));
    keys.into_iter().flatten().collect()
}

fn keys_of_batch(requests: &Value) -> Vec<String> {
    let read = requests["Keys"].as_array().into_iter().flatten().filter_map(|key| key["pk"]["S"].as_str());
    let writes = requests.as_array().into_iter().flatten().filter_map(Value::as_object);
    let written = writes.flat_map(|write| write.values().flat_map(partition));
    read.map(str::to_owned).chain(written).collect()
}

/// A query names its partition in the condition, by placeholders.
fn query(stack: &Deployment, call: &Value) -> Access {
    let index = call["IndexName"].as_str();
    let attribute = if index.is_some() { "gsi1pk" } else { "pk" };
    let condition = call["KeyConditionExpression"].as_str().unwrap_or_default();
    let equal = condition.split(" AND ").filter_map(|part| part.split_once(" = "));
    let own = equal.filter(|(name, _)| call["ExpressionAttributeNames"][*name] == attribute);
    let value = |value: &str| call["ExpressionAttributeValues"][value]["S"].as_str().map(str::to_owned);
    let keys = own.filter_map(|(_, placeholder)| value(placeholder)).collect();
    let mut access = on(stack, "Query", call["TableName"].as_str().unwrap_or_default(), keys);
    if let Some(index) = index {
        access.resource.extend(["/index/", index]);
    }
    access
}
