//! What stands between the functions and AWS: that a call which a role does not allow cannot pass, nor go unnoticed.

use ags_tests::{Deployment, Guard, decide};
use serde_json::{Value, json};

/// A stack with one function, which reads the partitions of tools in its table and writes those of line items.
fn stack() -> &'static Deployment {
    let table = "arn:aws:dynamodb:eu-central-1:123456789012:table/ags";
    let may = |sid: &str, actions: &[&str], pattern: &str| {
        json!({
            "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": table,
            "Condition": {
                "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [pattern] },
                "Null": { "dynamodb:LeadingKeys": "false" },
            },
        })
    };
    let reads = may("Read", &["dynamodb:Query", "dynamodb:GetItem", "dynamodb:BatchGetItem"], "TOOL#*");
    let writes = ["dynamodb:PutItem", "dynamodb:ConditionCheckItem", "dynamodb:BatchWriteItem"];
    let signs = json!({
        "Sid": "Sign", "Effect": "Allow", "Action": "kms:Sign", "Resource": "arn:aws:kms:eu-central-1:123456789012:key/*",
        "Condition": { "StringEquals": { "aws:ResourceTag/t": "ags", "kms:MessageType": "RAW" } },
    });
    let policy =
        json!({ "Version": "2012-10-17", "Statement": [reads, may("Write", &writes, "ITEM#*"), signs] });
    let stack = json!({
        "endpoint": "", "region": "eu-central-1", "routes": [], "outputs": {}, "resources": {},
        "table": { "name": "ags", "arn": table },
        "key": { "arn": "arn:aws:kms:eu-central-1:123456789012:key/1", "tags": { "t": "ags" } },
        "functions": { "f": {
            "arn": "", "environment": {}, "logFormat": "JSON", "logLevel": "INFO", "policies": [policy],
        } },
    });
    Box::leak(Box::new(serde_json::from_value(stack).unwrap()))
}

const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=ASIAF/20261122/eu-central-1/dynamodb/aws4_request, Signature=0";

fn key(pk: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": "x" } })
}

#[test]
fn a_call_passes_only_if_the_role_allows_all_that_it_touches() {
    let query = |table: &str, name: &str, condition: &str| {
        json!({
            "TableName": table, "KeyConditionExpression": condition,
            "ExpressionAttributeNames": { "#a": name, "#b": "sk" },
            "ExpressionAttributeValues": { ":a": { "S": "TOOL#t" }, ":b": { "S": "TOOL#t" } },
        })
    };
    let mut indexed = query("ags", "gsi1pk", "#a = :a");
    indexed["IndexName"] = "gsi1".into();
    let get = |keys: &[&str]| {
        let keys: Vec<_> = keys.iter().map(|pk| key(pk)).collect();
        json!({ "RequestItems": { "ags": { "Keys": keys } } })
    };
    let batch = |put: &str, delete: &str| {
        let put = json!({ "PutRequest": { "Item": key(put) } });
        json!({ "RequestItems": { "ags": [put, { "DeleteRequest": { "Key": key(delete) } }] } })
    };
    let transaction = |check: &str, put: &str| {
        let check = json!({ "ConditionCheck": { "TableName": "ags", "Key": key(check) } });
        json!({ "TransactItems": [check, { "Put": { "TableName": "ags", "Item": key(put) } }] })
    };
    let sign = |id: &str, kind: &str| json!({ "KeyId": id, "MessageType": kind });
    for (operation, call, passes) in [
        ("Query", query("ags", "pk", "#a = :a AND begins_with(#b, :b)"), true),
        ("Query", query("other", "pk", "#a = :a"), false),
        ("Query", query("ags", "pk", "#b = :b"), false),
        ("Query", indexed, false),
        ("Scan", json!({ "TableName": "ags" }), false),
        ("GetItem", json!({ "TableName": "ags", "Key": key("TOOL#t") }), true),
        ("GetItem", json!({ "TableName": "ags", "Key": key("ITEM#i") }), false),
        ("DeleteItem", json!({ "TableName": "ags", "Key": key("TOOL#t") }), false),
        ("BatchGetItem", get(&["TOOL#a", "TOOL#b"]), true),
        ("BatchGetItem", get(&["TOOL#a", "ITEM#i"]), false),
        ("BatchGetItem", json!({}), false),
        ("BatchWriteItem", batch("ITEM#i", "ITEM#j"), true),
        ("BatchWriteItem", batch("TOOL#t", "ITEM#j"), false),
        ("BatchWriteItem", batch("ITEM#i", "TOOL#t"), false),
        ("TransactWriteItems", transaction("ITEM#i", "ITEM#j"), true),
        ("TransactWriteItems", transaction("TOOL#t", "ITEM#j"), false),
        ("TransactWriteItems", transaction("ITEM#i", "TOOL#t"), false),
    ] {
        let target = format!("DynamoDB_20120810.{operation}");
        let decided = decide(stack(), SIGNED, &target, &call.to_string());
        assert_eq!(decided.is_ok(), passes, "{operation} {call}: {decided:?}");
    }
    for (call, passes) in [
        (sign("1", "RAW"), true),
        (sign("arn:aws:kms:eu-central-1:123456789012:key/1", "RAW"), true),
        (sign("1", "DIGEST"), false),
        (sign("arn:aws:kms:eu-central-1:123456789012:key/2", "RAW"), false),
    ] {
        let decided = decide(stack(), SIGNED, "TrentService.Sign", &call.to_string());
        assert_eq!(decided.is_ok(), passes, "{call}: {decided:?}");
    }
    let call = json!({ "TableName": "ags", "Key": key("TOOL#t") }).to_string();
    for nobody in ["", &SIGNED.replace("ASIAF", "ASIAG")] {
        assert!(decide(stack(), nobody, "DynamoDB_20120810.GetItem", &call).is_err(), "{nobody}");
    }
}

#[tokio::test]
#[should_panic(expected = "roles of the template refused")]
async fn a_call_that_is_refused_ends_the_test_whatever_came_of_it() {
    let guard = Guard::before(stack(), "http://127.0.0.1:1".to_owned()).await;
    let call = ags_tests::http().post(guard.endpoint()).header("authorization", SIGNED);
    let call = call.header("x-amz-target", "DynamoDB_20120810.Scan").body(r#"{ "TableName": "ags" }"#);
    assert_eq!(call.send().await.unwrap().status(), 400);
}
