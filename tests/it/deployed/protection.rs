//! What keeps the stack's data, and tells its operator that something is wrong: nothing else would miss it before the day
//! that it is needed.

use std::collections::{BTreeMap, BTreeSet};

use ags_tests::Deployment;
use serde_json::{Value, json};

/// The stack without any parameter, and with all of them.
fn both() -> [&'static Deployment; 2] {
    [Deployment::get(), Deployment::with_parameters()]
}

/// The name of the table that the functions use.
fn table(stack: &Deployment) -> &str {
    &stack.functions["token"].environment["AGS_TABLE"]
}

fn properties<'a>(stack: &'a Deployment, name: &str) -> &'a Value {
    &stack.resources[name].properties
}

#[test]
fn the_table_outlives_its_stack_and_can_be_had_back() {
    for stack in both() {
        let table = &stack.resources["Table"];
        let policies = (table.deletion_policy.as_deref(), table.update_replace_policy.as_deref());
        assert_eq!(policies, (Some("Retain"), Some("Retain")));
        for (pointer, value) in [
            ("/BillingMode", json!("PAY_PER_REQUEST")),
            ("/DeletionProtectionEnabled", json!(true)),
            ("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", json!(true)),
            ("/TimeToLiveSpecification", json!({ "AttributeName": "expires_at", "Enabled": true })),
            ("/StreamSpecification/StreamViewType", json!("NEW_AND_OLD_IMAGES")),
        ] {
            assert_eq!(table.properties.pointer(pointer), Some(&value), "{pointer}");
        }
        assert_eq!(stack.resources["SigningKey"].update_replace_policy.as_deref(), Some("Retain"));
    }
    let [plain, chosen] = both().map(|stack| properties(stack, "Table").get("SSESpecification"));
    assert_eq!(plain, None);
    let key = "arn:aws:kms:eu-central-1:123456789012:key/of-the-table";
    assert_eq!(chosen, Some(&json!({ "SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": key })));
}

/// Whatever other policies say, and whoever has them.
#[test]
fn the_policy_of_the_signing_key_lets_nobody_sign_but_the_token_function() {
    for stack in both() {
        let key = properties(stack, "SigningKey");
        let statements = key["KeyPolicy"]["Statement"].as_array().unwrap();
        let denied = statements.iter().find(|statement| statement["Effect"] == "Deny").unwrap();
        assert_eq!((&denied["Principal"], &denied["Action"]), (&json!("*"), &json!("kms:Sign")));
        let role = &properties(stack, "TokenFunction")["Role"];
        assert_eq!(denied["Condition"], json!({ "ArnNotEquals": { "aws:PrincipalArn": role } }));
        assert_eq!((&key["KeySpec"], &key["KeyUsage"]), (&json!("ECC_NIST_P256"), &json!("SIGN_VERIFY")));
        assert_eq!(key["Tags"], json!([{ "Key": "lambda-ags:table", "Value": table(stack) }]));
    }
}

#[test]
fn every_function_writes_into_a_log_group_of_its_own_which_it_may_and_which_ends() {
    for (stack, days) in both().into_iter().zip([90, 30]) {
        let groups: BTreeMap<_, _> = stack
            .resources_of("AWS::Logs::LogGroup")
            .map(|(_, group)| (group["LogGroupName"].as_str().unwrap(), &group["RetentionInDays"]))
            .collect();
        assert_eq!(groups.len(), stack.functions.len() + 1);
        assert!(groups.values().all(|kept| **kept == days), "{groups:?}");
        for (_, function) in stack.resources_of("AWS::Lambda::Function") {
            let name = function["Code"]["S3Key"].as_str().unwrap();
            let group = format!("/aws/lambda/ags/{name}");
            assert!(groups.contains_key(group.as_str()), "{groups:?}");
            let logging = json!({
                "LogGroup": group, "LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN",
            });
            assert_eq!(function["LoggingConfig"], logging);
            let allowed: BTreeSet<_> = stack.functions[name].role.grants().into_iter().collect();
            let logs: Vec<_> = allowed.iter().filter(|grant| grant.statement == "Log").collect();
            let parts: Vec<_> = logs.iter().map(|grant| grant.part.as_str()).collect();
            let arn = format!("arn:aws:logs:eu-central-1:123456789012:log-group:{group}");
            assert_eq!(parts, [&arn, "logs:CreateLogStream", "logs:PutLogEvents"], "{name}");
        }
    }
}

/// A path has users' ids in it, and the others are whose address it was, or what he showed.
#[test]
fn the_access_log_is_json_and_holds_neither_paths_nor_addresses_nor_headers() {
    let stage = properties(Deployment::get(), "Stage");
    let group = &properties(Deployment::get(), "ApiLogs")["LogGroupName"];
    let destination = stage["AccessLogSettings"]["DestinationArn"].as_str().unwrap();
    assert!(destination.ends_with(group.as_str().unwrap()), "{destination}");
    let format = stage["AccessLogSettings"]["Format"].as_str().unwrap();
    let line: BTreeMap<String, String> = serde_json::from_str(format).unwrap();
    let logged: BTreeSet<_> = line.values().map(|value| value.strip_prefix("$context.").unwrap()).collect();
    let harmless = [
        "error.responseType",
        "integration.requestId",
        "integrationErrorMessage",
        "integrationLatency",
        "integrationStatus",
        "protocol",
        "requestId",
        "requestTimeEpoch",
        "responseLatency",
        "responseLength",
        "routeKey",
        "status",
    ];
    assert_eq!(logged, harmless.into());
}

#[test]
fn the_gateway_limits_requests_and_may_start_every_function_that_it_leads_to() {
    for (stack, rate) in both().into_iter().zip([500, 7]) {
        let stage = properties(stack, "Stage");
        let limits = json!({ "ThrottlingRateLimit": rate, "ThrottlingBurstLimit": 1_000 });
        assert_eq!(stage["DefaultRouteSettings"], limits);
        assert_eq!((&stage["StageName"], &stage["AutoDeploy"]), (&json!("$default"), &json!(true)));
        let api = &stage["ApiId"].as_str().unwrap();
        let permissions: Vec<_> = stack.resources_of("AWS::Lambda::Permission").map(|(_, it)| it).collect();
        for (name, function) in &stack.functions {
            let own =
                |it: &&&Value| function.arn.ends_with(&format!(":{}", it["FunctionName"].as_str().unwrap()));
            let [permission] = permissions.iter().filter(own).collect::<Vec<_>>()[..] else {
                panic!("{name}: {permissions:?}")
            };
            let source = permission["SourceArn"].as_str().unwrap();
            let (by, from) =
                if name == "purge" { ("events", ":rule/ags-PurgeSchedule-") } else { ("apigateway", *api) };
            assert_eq!(permission["Action"], "lambda:InvokeFunction");
            assert_eq!(permission["Principal"], format!("{by}.amazonaws.com"), "{name}");
            assert!(source.contains(from), "{name}: {source}");
        }
        for (name, integration) in stack.resources_of("AWS::ApiGatewayV2::Integration") {
            assert_eq!(integration["PayloadFormatVersion"], "2.0", "{name}");
        }
    }
}

/// API Gateway gives a function up after 30 seconds.
#[test]
fn a_function_has_the_time_that_it_counts_on() {
    for (name, function) in Deployment::get().resources_of("AWS::Lambda::Function") {
        let seconds = if name == "PurgeFunction" { 300 } else { 28 };
        assert_eq!(function["Timeout"], seconds, "{name}");
    }
}

#[test]
fn the_purge_is_started_every_day_and_what_fails_is_kept_for_the_operator() {
    let stack = Deployment::get();
    let schedule = properties(stack, "PurgeSchedule");
    let when = (&schedule["ScheduleExpression"], &schedule["State"]);
    assert_eq!(when, (&json!("rate(1 day)"), &json!("ENABLED")));
    let queue = properties(stack, "PurgeFunction")["DeadLetterConfig"]["TargetArn"].clone();
    let [target] = schedule["Targets"].as_array().unwrap().as_slice() else { panic!("{schedule}") };
    assert_eq!(target["Arn"], stack.functions["purge"].arn.as_str());
    assert_eq!(target["DeadLetterConfig"]["Arn"], queue);
    let policy = properties(stack, "PurgeDeadLettersPolicy");
    let statement = &policy["PolicyDocument"]["Statement"][0];
    assert_eq!(
        (&statement["Principal"]["Service"], &statement["Action"], &statement["Resource"]),
        (&json!("events.amazonaws.com"), &json!("sqs:SendMessage"), &queue)
    );
    let rule = properties(stack, "PurgePermission")["SourceArn"].clone();
    assert_eq!(statement["Condition"], json!({ "ArnEquals": { "aws:SourceArn": rule } }));
    let mut grants = stack.functions["purge"].role.grants().into_iter().filter(|it| it.statement == "GiveUp");
    assert!(grants.any(|grant| queue == grant.part.as_str()));
}

/// The metrics of an alarm, with their dimensions.
fn metrics(alarm: &Value) -> BTreeSet<String> {
    let of = |metric: &Value, how: &Value| {
        let dimensions = metric["Dimensions"].as_array().unwrap().iter();
        let dimensions = dimensions
            .map(|it| format!("{}={}", it["Name"].as_str().unwrap(), it["Value"].as_str().unwrap()));
        let dimensions = dimensions.collect::<Vec<_>>().join(" ");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        format!("{}/{} {} {dimensions}", text(&metric["Namespace"]), text(&metric["MetricName"]), text(how))
    };
    let Some(parts) = alarm["Metrics"].as_array() else {
        let how = if alarm["Statistic"].is_null() { "ExtendedStatistic" } else { "Statistic" };
        return [of(alarm, &alarm[how])].into();
    };
    assert_eq!(parts[0], json!({ "Id": "all", "Expression": "SUM(METRICS())", "ReturnData": true }));
    parts[1..].iter().map(|part| of(&part["MetricStat"]["Metric"], &part["MetricStat"]["Stat"])).collect()
}

/// AWS sends each metric under these names, and none under others: an alarm on one that nobody sends is silent for ever.
#[test]
fn every_alarm_hears_of_what_it_is_about_and_tells_the_topic() {
    for stack in both() {
        let api = properties(stack, "Stage")["ApiId"].as_str().unwrap();
        let name = |function: &str| stack.functions[function].arn.rsplit(':').next().unwrap();
        let queue = properties(stack, "PurgeFunction")["DeadLetterConfig"]["TargetArn"].as_str().unwrap();
        let queue = queue.rsplit(':').next().unwrap();
        let calls = [
            "GetItem",
            "BatchGetItem",
            "Query",
            "PutItem",
            "UpdateItem",
            "DeleteItem",
            "BatchWriteItem",
            "TransactWriteItems",
        ];
        let table = table(stack);
        let expected: [(&str, f64, BTreeSet<String>); 7] = [
            ("ServerErrors", 0.0, [format!("AWS/ApiGateway/5xx Sum ApiId={api}")].into()),
            ("Latency", 3_000.0, [format!("AWS/ApiGateway/Latency p99 ApiId={api}")].into()),
            (
                "Throttles",
                0.0,
                stack
                    .functions
                    .keys()
                    .map(|it| format!("AWS/Lambda/Throttles Sum FunctionName={}", name(it)))
                    .collect(),
            ),
            (
                "TableErrors",
                5.0,
                calls
                    .map(|it| format!("AWS/DynamoDB/SystemErrors Sum TableName={table} Operation={it}"))
                    .into(),
            ),
            (
                "TableThrottles",
                10.0,
                ["Read", "Write"]
                    .map(|it| format!("AWS/DynamoDB/{it}ThrottleEvents Sum TableName={table}"))
                    .into_iter()
                    .flat_map(|it| [format!("{it} GlobalSecondaryIndexName=gsi1"), it])
                    .collect(),
            ),
            (
                "TokenRefusals",
                50.0,
                [format!("lambda-ags/requests Sum FunctionName={} outcome=refused", name("token"))].into(),
            ),
            (
                "PurgeFailures",
                0.0,
                [format!("AWS/SQS/ApproximateNumberOfMessagesVisible Maximum QueueName={queue}")].into(),
            ),
        ];
        for (name, threshold, expected) in &expected {
            let alarm = properties(stack, name);
            assert_eq!(metrics(alarm), *expected, "{name}");
            assert_eq!(alarm["Threshold"].as_f64(), Some(*threshold), "{name}");
            assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold", "{name}");
            assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
        }
        assert_eq!(stack.resources_of("AWS::CloudWatch::Alarm").count(), expected.len());
    }
    for (name, alarm) in Deployment::with_parameters().resources_of("AWS::CloudWatch::Alarm") {
        for told in ["AlarmActions", "OKActions"] {
            assert_eq!(alarm[told], json!(["arn:aws:sns:eu-central-1:123456789012:alarms"]), "{name}");
        }
    }
}

#[test]
fn the_outputs_are_what_the_functions_take_and_give_out() {
    for (stack, host) in
        both().into_iter().zip([".execute-api.eu-central-1.amazonaws.com", "//ags.example.edu"])
    {
        let issuer = &stack.functions["token"].environment["AGS_BASE_URL"];
        assert!(issuer.starts_with("https://") && issuer.ends_with(host), "{issuer}");
        let links = ags_shared::links::Links::new(issuer).unwrap();
        for (output, value) in [
            ("Issuer", issuer.clone()),
            ("TokenUrl", links.token()),
            ("KeySetUrl", links.jwks()),
            ("MetadataUrl", format!("{issuer}/.well-known/oauth-authorization-server")),
            ("PlatformUrl", links.platform(&[])),
            ("PlatformScope", format!("{issuer}/scope/platform")),
            ("TableName", table(stack).to_owned()),
            ("SigningKeyArn", stack.key.arn.clone()),
        ] {
            assert_eq!(stack.outputs[output], value);
        }
    }
}

#[test]
fn a_stack_with_a_domain_is_reached_by_it_alone() {
    let [plain, stack] = both();
    assert_eq!(properties(plain, "Api")["DisableExecuteApiEndpoint"], false);
    assert!(!plain.resources.contains_key("Domain"));
    let api = properties(stack, "Api");
    assert_eq!(api["DisableExecuteApiEndpoint"], true);
    for (name, function) in &stack.functions {
        let base = function.environment.get("AGS_BASE_URL").map(String::as_str);
        assert_eq!(base, (name != "purge").then_some("https://ags.example.edu"), "{name}");
    }
    let mapping = properties(stack, "DomainMapping");
    assert_eq!(mapping["DomainName"], "ags.example.edu");
    assert_eq!(mapping["ApiId"], properties(stack, "Stage")["ApiId"]);
    let record = properties(stack, "DomainRecord");
    assert_eq!(record["AliasTarget"]["DNSName"], stack.outputs["DomainTarget"].as_str());
}

#[test]
fn a_restored_table_takes_the_place_of_the_stacks_own_everywhere() {
    let stack = Deployment::with_parameters();
    assert_ne!(stack.table.name, "restored");
    for (name, resource) in &stack.resources {
        let text = resource.properties.to_string();
        assert!(!text.contains(&stack.table.name), "{name}: {text}");
    }
    for (name, function) in &stack.functions {
        assert_eq!(function.environment["AGS_TABLE"], "restored", "{name}");
    }
}

#[test]
fn each_function_has_the_instances_that_are_reserved_for_it() {
    let reserved =
        |stack: &Deployment, name: &str| properties(stack, name)["ReservedConcurrentExecutions"].clone();
    for (name, count) in [
        ("TokenFunction", json!(1)),
        ("LineitemsFunction", json!(2)),
        ("ScoresFunction", json!(3)),
        ("ResultsFunction", json!(4)),
        ("PlatformFunction", json!(5)),
        ("PurgeFunction", Value::Null),
    ] {
        assert_eq!(reserved(Deployment::with_parameters(), name), count, "{name}");
        assert_eq!(reserved(Deployment::get(), name), Value::Null, "{name}");
    }
}

#[test]
fn lambda_alone_takes_the_role_of_a_function_which_is_of_no_other() {
    let stack = Deployment::get();
    for (name, role) in stack.resources_of("AWS::IAM::Role") {
        let trusted = json!([
            { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" },
        ]);
        assert_eq!(role["AssumeRolePolicyDocument"]["Statement"], trusted, "{name}");
    }
    let roles: BTreeSet<_> = stack
        .resources_of("AWS::Lambda::Function")
        .map(|(_, function)| function["Role"].to_string())
        .collect();
    assert_eq!(roles.len(), stack.functions.len());
}
