//! Metrics in CloudWatch's embedded metric format, read as CloudWatch reads them.

use std::collections::BTreeMap;

use ags_shared::domain::Timestamp;
use ags_tests::Event;
use ags_tests::sources::read as source;
use serde_json::Value;

use super::Office;

/// Values by the metric's name, and by the names and values of its dimensions.
type Metrics = BTreeMap<(String, Vec<(String, String)>), Vec<f64>>;

/// Adds what CloudWatch makes of a line. It drops a metric without a number and a set of dimensions without a text.
fn read(line: &Value, metrics: &mut Metrics) {
    let Some(embedded) = line.get("_aws") else { return };
    let at = embedded["Timestamp"].as_i64().unwrap();
    let written: Timestamp = line["timestamp"].as_str().unwrap().parse().unwrap();
    assert_eq!(i128::from(at), written.unix_nanos() / 1_000_000, "milliseconds since 1970: {line}");
    for directive in embedded["CloudWatchMetrics"].as_array().unwrap() {
        assert_eq!(directive["Namespace"], "lambda-ags");
        for set in directive["Dimensions"].as_array().unwrap() {
            let names: Vec<_> = set.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            assert!(names.len() <= 30, "{line}");
            let value =
                |name: &str| line[name].as_str().filter(|value| !value.is_empty()).unwrap().to_owned();
            let dimensions: Vec<_> = names.iter().map(|name| ((*name).to_owned(), value(name))).collect();
            for metric in directive["Metrics"].as_array().unwrap() {
                let name = metric["Name"].as_str().unwrap();
                let unit = metric["Unit"].as_str().unwrap();
                assert_eq!(unit == "Milliseconds", name.ends_with("_ms"), "{line}");
                assert!(unit == "Milliseconds" || unit == "Count", "{line}");
                let values = metrics.entry((name.to_owned(), dimensions.clone())).or_default();
                values.push(line[name].as_f64().unwrap());
            }
        }
    }
}

fn of(metrics: &Metrics, name: &str, dimensions: &[(&str, &str)]) -> Vec<f64> {
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    metrics.get(&(name.to_owned(), dimensions.collect())).cloned().unwrap_or_default()
}

#[tokio::test]
async fn every_request_is_counted_by_function_outcome_and_reason_and_measured_by_function() {
    let lines = Office::day().await;
    let mut metrics = Metrics::new();
    for line in &lines {
        read(line, &mut metrics);
    }
    let requests = |function: &str, outcome: &str, reason: Option<&str>| {
        let mut dimensions = vec![("FunctionName", function), ("outcome", outcome)];
        dimensions.extend(reason.map(|reason| ("reason", reason)));
        of(&metrics, "requests", &dimensions).iter().sum::<f64>()
    };
    for (function, outcome, reason, count) in [
        ("scores", "accepted", None, 1.0),
        ("scores", "replayed", None, 1.0),
        ("scores", "stale", None, 1.0),
        ("scores", "refused", Some("invalid-member"), 1.0),
        ("scores", "refused", Some("malformed_token"), 1.0),
        ("scores", "refused", Some("not-found"), 1.0),
        ("scores", "refused", None, 3.0),
        ("token", "issued", None, 3.0),
        ("token", "refused", Some("no_key_fits"), 1.0),
        ("lineitems", "ok", None, 1.0),
        ("results", "failed", Some("internal"), 1.0),
        ("platform", "erased", None, 1.0),
    ] {
        let counted = requests(function, outcome, reason);
        assert!((counted - count).abs() < 0.5, "{function} {outcome} {reason:?}: {counted} in {metrics:?}");
    }
    let all = lines.iter().filter(|line| !line["outcome"].is_null()).count();
    for name in ["duration_ms", "store_ms", "store_retries", "read_units", "write_units"] {
        let of_functions: usize = ["token", "lineitems", "scores", "results", "platform"]
            .map(|function| of(&metrics, name, &[("FunctionName", function)]).len())
            .iter()
            .sum();
        assert_eq!(of_functions, all, "{name}: {metrics:?}");
    }
    let mut split: Vec<_> = metrics.keys().filter(|(_, dimensions)| dimensions.len() > 1).collect();
    split.retain(|(name, _)| name != "requests");
    assert!(split.is_empty(), "each costs money: {split:?}");
}

/// Whoever asks chooses none of them, or he could make any number of metrics.
#[tokio::test]
async fn no_dimension_of_a_metric_comes_from_outside() {
    let mut office = Office::new().await;
    let hostile = "hunter2";
    let nowhere = format!("{}/{hostile}", office.stack.services.links.issuer());
    let scores = format!("{}/scores?{hostile}={hostile}", office.item);
    let form = [(hostile, hostile), ("grant_type", hostile)];
    for (name, event) in [
        ("scores", Event::new("HUNTER2", &scores)),
        ("scores", Event::new("POST", &scores).bearer(hostile)),
        ("token", Event::form(&office.stack.token_url(), &form)),
        ("lineitems", Event::new("GET", &nowhere).bearer(hostile)),
        ("platform", Event::new("GET", &office.platform(&format!("users/{hostile}"))).bearer(hostile)),
    ] {
        office.ask(name, &event).await;
    }
    let mut metrics = Metrics::new();
    for line in office.lines().await {
        read(&line, &mut metrics);
    }
    let mut values: Vec<_> = metrics.keys().flat_map(|(_, dimensions)| dimensions).collect();
    assert!(!values.is_empty());
    values.retain(|(_, value)| value.to_lowercase().contains(hostile));
    assert!(values.is_empty(), "{values:?}");
}

/// An alarm on a metric that nobody sends is silent for ever.
#[tokio::test]
async fn every_alarm_of_the_template_on_a_metric_of_ours_is_on_one_that_requests_make() {
    let mut metrics = Metrics::new();
    for line in Office::day().await {
        read(&line, &mut metrics);
    }
    let template = source("infra/template.yaml");
    let alarms: Vec<_> = template.split("Namespace: lambda-ags\n").skip(1).collect();
    assert!(!alarms.is_empty());
    for alarm in alarms {
        let mut lines = alarm.lines().map(str::trim);
        let name = lines.next().and_then(|line| line.strip_prefix("MetricName: ")).unwrap();
        let dimensions = lines.next().and_then(|line| line.strip_prefix("Dimensions: ")).unwrap();
        let made = metrics.keys().any(|(metric, set)| {
            let all = set.iter().all(|(name, value)| {
                let fixed = format!("Name: {name}, Value: {value} ");
                dimensions.contains(&fixed)
                    || (name == "FunctionName" && dimensions.contains("Name: FunctionName, "))
            });
            metric == name && all && set.len() == dimensions.matches("Name: ").count()
        });
        assert!(made, "{name} {dimensions}");
    }
}
