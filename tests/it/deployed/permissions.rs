//! Least privilege: what a role allows, some call of its function needs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ags_tests::{Access, Deployment, Grant, Role, is_of_lambda, used_grants};

/// What a role allows its function's own program.
fn of_the_program(grants: BTreeSet<Grant>) -> BTreeSet<Grant> {
    let of_lambda: BTreeSet<_> = grants
        .iter()
        .filter(|grant| is_of_lambda(&grant.part))
        .map(|grant| grant.statement.clone())
        .collect();
    grants.into_iter().filter(|grant| !of_lambda.contains(&grant.statement)).collect()
}

/// A wildcard would allow what nobody thought of.
#[test]
fn a_role_names_each_action_and_the_one_table_in_full() {
    for (name, function) in &Deployment::get().functions {
        for Grant { statement, part } in of_the_program(function.role.grants()) {
            let about = format!("{name}: {statement}: {part}");
            assert!(!part.starts_with("dynamodb:") || part.contains(" = ") || !part.contains('*'), "{about}");
            assert!(!part.starts_with("kms:") || part.contains(" = ") || !part.contains('*'), "{about}");
            assert!(!part.contains(":dynamodb:") || !part.contains(['*', '?']), "{about}");
            assert_ne!(part, "*", "{about}");
        }
    }
}

/// Beside its program's calls, which the other tests are about: those that Lambda makes in its name, and no others.
#[test]
fn what_else_a_role_allows_is_what_lambda_does_with_it() {
    for (name, function) in &Deployment::get().functions {
        let grants: Vec<_> = function.role.grants().into_iter().collect();
        let is_action =
            |part: &&str| part.contains(':') && !part.starts_with("arn:") && !part.contains(" = ");
        let parts = grants.iter().map(|grant| grant.part.as_str());
        let program = ["dynamodb:", "kms:"];
        let mut others: Vec<_> = parts
            .filter(is_action)
            .filter(|part| !program.iter().any(|service| part.starts_with(service)))
            .collect();
        others.sort_unstable();
        let mut expected = vec!["logs:CreateLogStream", "logs:PutLogEvents"];
        expected.extend((name == "purge").then_some("sqs:SendMessage"));
        expected.extend(["xray:PutTelemetryRecords", "xray:PutTraceSegments"]);
        assert_eq!(others, expected, "{name}");
        // X-Ray has no resources.
        let everything = grants.iter().filter(|grant| grant.part == "*");
        assert!(everything.clone().all(|grant| grant.statement == "Trace"), "{name}: {grants:?}");
        let traces = grants.iter().filter(|grant| grant.statement == "Trace");
        assert!(traces.clone().all(|grant| grant.part == "*" || grant.part.starts_with("xray:")), "{name}");
    }
}

/// A partition of each kind that there is, and one of a kind that there is not.
const PARTITIONS: [&str; 8] =
    ["KEYS", "TOOL#t", "JTI#t#j", "CTX#c", "CTX#c#TOOL#t", "ITEM#i", "ITEM#i#USER#u", "OTHER"];

/// What each function may do, and with which partitions. That calls use a permission does not say that it is narrow.
const REACH: &str = "\
lineitems BatchGetItem: TOOL#t CTX#c#TOOL#t
lineitems ConditionCheckItem: CTX#c#TOOL#t
lineitems PutItem: CTX#c#TOOL#t
lineitems Query: KEYS CTX#c#TOOL#t
lineitems UpdateItem: CTX#c#TOOL#t
platform BatchGetItem: TOOL#t CTX#c CTX#c#TOOL#t ITEM#i ITEM#i#USER#u
platform BatchWriteItem: TOOL#t CTX#c CTX#c#TOOL#t ITEM#i ITEM#i#USER#u
platform ConditionCheckItem: TOOL#t CTX#c CTX#c#TOOL#t ITEM#i ITEM#i#USER#u
platform DeleteItem: TOOL#t CTX#c CTX#c#TOOL#t ITEM#i ITEM#i#USER#u
platform GetItem: TOOL#t CTX#c CTX#c#TOOL#t ITEM#i ITEM#i#USER#u
platform PutItem: TOOL#t CTX#c CTX#c#TOOL#t ITEM#i ITEM#i#USER#u
platform Query: KEYS TOOL#t CTX#c CTX#c#TOOL#t ITEM#i ITEM#i#USER#u index
platform UpdateItem: TOOL#t CTX#c CTX#c#TOOL#t ITEM#i ITEM#i#USER#u
purge BatchWriteItem: ITEM#i ITEM#i#USER#u
purge DeleteItem: CTX#c#TOOL#t
purge GetItem: CTX#c#TOOL#t
purge Query: ITEM#i ITEM#i#USER#u index
results BatchGetItem: TOOL#t CTX#c#TOOL#t ITEM#i ITEM#i#USER#u
results Query: KEYS ITEM#i ITEM#i#USER#u
scores BatchGetItem: TOOL#t CTX#c#TOOL#t
scores PutItem: ITEM#i#USER#u
scores Query: KEYS
scores UpdateItem: ITEM#i ITEM#i#USER#u
token PutItem: KEYS JTI#t#j
token Query: KEYS TOOL#t
token UpdateItem: TOOL#t
";

fn allows(role: &Role, action: &str, resource: &str, context: &[(&str, &str)]) -> bool {
    let context = context.iter().map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()]));
    let (action, resource) = (action.to_owned(), resource.to_owned());
    role.allows(&Access { action, resource, context: context.collect() }).is_some()
}

#[test]
fn a_role_reaches_the_partitions_of_its_function_and_no_others() {
    let stack = Deployment::get();
    let (table, other) = (&stack.table.arn, format!("{}-2", stack.table.arn));
    let index = format!("{table}/index/gsi1");
    let mut reach = String::new();
    for (name, function) in &stack.functions {
        let parts: BTreeSet<_> = function.role.grants().into_iter().map(|grant| grant.part).collect();
        for action in parts.iter().filter(|part| part.starts_with("dynamodb:") && !part.contains(" = ")) {
            let can = |resource: &str, key: &str| {
                allows(&function.role, action, resource, &[("dynamodb:LeadingKeys", key)])
            };
            let mut reached: Vec<_> = PARTITIONS.into_iter().filter(|key| can(table, key)).collect();
            reached.extend(can(&index, "OTHER").then_some("index"));
            let bare = action.trim_start_matches("dynamodb:");
            _ = writeln!(reach, "{name} {bare}: {}", reached.join(" "));
            assert!(!allows(&function.role, action, table, &[]), "{name}: {action} of whatever is there");
            assert!(!PARTITIONS.into_iter().any(|key| can(&other, key)), "{name}: {action} of another table");
        }
    }
    assert_eq!(reach, REACH);
}

/// By its tag a key is this stack's; so much for a key of somebody else in the account, and another way to use ours.
#[test]
fn the_token_function_alone_signs_and_only_with_keys_of_the_stack_as_tokens_are_signed() {
    let stack = Deployment::get();
    let tag = "aws:ResourceTag/lambda-ags:table";
    let right = [
        (tag, stack.table.name.as_str()),
        ("kms:SigningAlgorithm", "ECDSA_SHA_256"),
        ("kms:MessageType", "RAW"),
    ];
    for (name, function) in &stack.functions {
        let can =
            |action: &str, context: &[(&str, &str)]| allows(&function.role, action, &stack.key.arn, context);
        for action in ["kms:Sign", "kms:GetPublicKey"] {
            assert_eq!(can(action, &right), name == "token", "{name}: {action}");
            assert!(!can(action, &right[1..]), "{name}: {action} with a key without a tag");
            assert!(
                !can(action, &[(tag, "other"), right[1], right[2]]),
                "{name}: {action} with another's key"
            );
        }
        assert!(!can("kms:Sign", &[right[0], ("kms:SigningAlgorithm", "ECDSA_SHA_384"), right[2]]), "{name}");
        assert!(!can("kms:Sign", &[right[0], right[1], ("kms:MessageType", "DIGEST")]), "{name}");
    }
}

/// Run after the tests of a whole run, whose calls are on record: by `tests/stack/run`.
#[test]
#[ignore = "needs the record of a run"]
fn every_permission_of_every_role_was_used() {
    let mut unused = Vec::new();
    for (name, function) in &Deployment::get().functions {
        let grants = of_the_program(function.role.grants());
        let used = used_grants(name, grants.clone());
        unused.extend(
            grants.difference(&used).map(|grant| format!("{name}: {}: {}", grant.statement, grant.part)),
        );
    }
    assert!(unused.is_empty(), "no call needed {unused:#?}");
}
