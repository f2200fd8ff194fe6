//! The language of roles, as far as it is spoken here: what the other tests take for allowed must be allowed by AWS.

use std::collections::BTreeMap;

use ags_tests::{Access, Role};
use serde_json::{Value, json};

const TABLE: &str = "arn:aws:dynamodb:eu-central-1:123456789012:table/ags";

fn role(statements: &[Value]) -> Role {
    Role::new(json!([{ "Version": "2012-10-17", "Statement": statements }]))
}

/// A statement about reading the partitions that are like `pattern`.
fn reads(pattern: &str) -> Value {
    json!({
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["dynamodb:Query", "dynamodb:GetItem"],
        "Resource": TABLE,
        "Condition": {
            "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [pattern] },
            "Null": { "dynamodb:LeadingKeys": "false" },
        },
    })
}

fn access(action: &str, resource: &str, keys: &[&str]) -> Access {
    let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
    let context = if keys.is_empty() { None } else { Some(("dynamodb:LeadingKeys".to_owned(), keys)) };
    let context: BTreeMap<_, _> = context.into_iter().collect();
    Access { action: action.to_owned(), resource: resource.to_owned(), context }
}

fn allows(role: &Role, action: &str, resource: &str, keys: &[&str]) -> bool {
    role.allows(&access(action, resource, keys)).is_some()
}

#[test]
fn what_no_statement_allows_is_refused() {
    let role = role(&[reads("TOOL#*")]);
    assert!(allows(&role, "dynamodb:Query", TABLE, &["TOOL#quiz"]));
    assert!(!allows(&role, "dynamodb:PutItem", TABLE, &["TOOL#quiz"]), "another action");
    assert!(!allows(&role, "dynamodb:Query", &format!("{TABLE}-2"), &["TOOL#quiz"]), "another table");
    assert!(!allows(&role, "dynamodb:Query", &format!("{TABLE}/index/gsi1"), &["TOOL#quiz"]), "its index");
    assert!(!allows(&role, "dynamodb:Query", TABLE, &["CTX#1"]), "another partition");
}

#[test]
fn every_key_of_a_call_must_be_one_that_is_allowed() {
    let role = role(&[reads("TOOL#*"), reads("CTX#*#TOOL#*")]);
    assert!(allows(&role, "dynamodb:GetItem", TABLE, &["TOOL#a", "TOOL#b"]));
    assert!(!allows(&role, "dynamodb:GetItem", TABLE, &["TOOL#a", "KEYS"]));
    // One statement must allow all of a call.
    assert!(!allows(&role, "dynamodb:GetItem", TABLE, &["TOOL#a", "CTX#1#TOOL#a"]));
}

/// `ForAllValues` holds where there are no values at all, as in a scan.
#[test]
fn a_call_without_keys_is_allowed_only_where_null_does_not_ask_for_them() {
    let asking = role(&[reads("TOOL#*")]);
    assert!(!allows(&asking, "dynamodb:Query", TABLE, &[]));
    let mut forgetful = reads("TOOL#*");
    forgetful["Condition"].as_object_mut().unwrap().remove("Null");
    assert!(allows(&role(&[forgetful]), "dynamodb:Query", TABLE, &[]));
}

#[test]
fn a_statement_that_denies_wins_over_those_that_allow() {
    let mut denies = reads("TOOL#secret*");
    denies["Effect"] = "Deny".into();
    let role = role(&[reads("TOOL#*"), denies, reads("*")]);
    assert!(allows(&role, "dynamodb:Query", TABLE, &["TOOL#quiz"]));
    assert!(!allows(&role, "dynamodb:Query", TABLE, &["TOOL#secret"]));
}

#[test]
fn a_pattern_fits_the_whole_of_a_text() {
    for (pattern, text, fits) in [
        ("KEYS", "KEYS", true),
        ("KEYS", "KEYS#1", false),
        ("KEYS", "keys", false),
        ("ITEM#*#USER#*", "ITEM#1#USER#", true),
        ("ITEM#*#USER#*", "ITEM#1", false),
        ("*#USER#?", "ITEM#1#USER#2", true),
        ("*#USER#?", "ITEM#1#USER#ü", true),
        ("*#USER#?", "ITEM#1#USER#12", false),
        ("*", "", true),
    ] {
        let role = role(&[reads(pattern)]);
        assert_eq!(allows(&role, "dynamodb:Query", TABLE, &[text]), fits, "{pattern} {text}");
    }
}

#[test]
fn a_condition_on_one_value_needs_that_value() {
    let tag = "aws:ResourceTag/lambda-ags:table";
    let signs = role(&[json!({
        "Sid": "Sign",
        "Effect": "Allow",
        "Action": "kms:Sign",
        "Resource": "arn:aws:kms:eu-central-1:123456789012:key/*",
        "Condition": { "StringEquals": { tag: "ags", "kms:MessageType": "RAW" } },
    })]);
    for (tags, message, allowed) in [
        (Some("ags"), "RAW", true),
        (Some("ags"), "DIGEST", false),
        (Some("other"), "RAW", false),
        (None, "RAW", false),
    ] {
        let mut access = access("kms:Sign", "arn:aws:kms:eu-central-1:123456789012:key/1", &[]);
        access.context.extend(tags.map(|value| (tag.to_owned(), vec![value.to_owned()])));
        access.context.insert("kms:MessageType".to_owned(), vec![message.to_owned()]);
        assert_eq!(signs.allows(&access).is_some(), allowed, "{tags:?} {message}");
    }
}

#[test]
fn a_role_tells_which_of_its_parts_an_access_needs() {
    let mut statement = reads("TOOL#*");
    statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] = json!(["TOOL#*", "KEYS"]);
    let role = role(&[statement]);
    let needed = role.allows(&access("dynamodb:Query", TABLE, &["KEYS"])).unwrap();
    let unneeded: Vec<_> = role.grants().difference(&needed).map(|grant| grant.part.clone()).collect();
    assert_eq!(unneeded, ["dynamodb:GetItem", "dynamodb:LeadingKeys = TOOL#*"]);
}

#[test]
#[should_panic(expected = "nobody here knows aws:SourceIp")]
fn a_condition_that_is_not_understood_ends_the_test() {
    let mut statement = reads("*");
    statement["Condition"]["StringEquals"] = json!({ "aws:SourceIp": "192.0.2.1" });
    role(&[statement]);
}

#[test]
#[should_panic(expected = "policies in the language of the template")]
fn a_member_of_a_statement_that_is_not_understood_ends_the_test() {
    let mut statement = reads("*");
    statement["NotAction"] = "dynamodb:Scan".into();
    role(&[statement]);
}
