//! The log as Lambda wants it: its format and level are settings of the function.
//!
//! In JSON each line is one flat object, and the line of a request is in CloudWatch's embedded metric format besides:
//! its metrics cost nothing but the line itself to send. What they do cost is each metric in each set of dimensions that
//! it is in. So only the number of requests is split up by how they ended.

use std::fmt;
use std::io::Write;

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::config::LogConfig;
use ags_shared::domain::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Writes the log from now on. The level is that of the function, or `INFO`, where `RUST_LOG` says nothing else; above that
/// there are neither all lines nor true metrics.
pub fn init_log() {
    let LogConfig { json, level, parts, function } = LogConfig::from_env();
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let parts = parts.as_deref().unwrap_or_default().split(',').map(str::trim);
    // Whoever misspells one part still gets the others.
    let parts = parts.filter(|part| !part.is_empty()).filter_map(|part| part.parse::<Targets>().ok());
    let parts = parts.fold(Targets::new(), |all, part| match part.default_level() {
        Some(level) => all.with_default(level),
        None => all.with_targets(part),
    });
    let filter = if parts.default_level().is_some() { parts } else { parts.with_default(level) };
    let subscriber = tracing_subscriber::registry().with(filter);
    if json {
        subscriber.with(Lines { function }).init();
    } else {
        let lines = tracing_subscriber::fmt::layer().with_target(false).without_time();
        subscriber.with(lines).init();
    }
}

/// Makes the lines of a function.
struct Lines {
    function: Option<String>,
}

impl<S> Layer<S> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            record.record(fields);
        }
    }

    /// The fields of an event stand before those of its spans, and what every line has before both.
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                fields.0.iter().for_each(|(name, value)| line.set(name, value.clone()));
            }
        }
        event.record(&mut line);
        let now = SystemClock.now();
        line.set("timestamp", now.to_string());
        line.set("level", event.metadata().level().as_str());
        line.set("target", event.metadata().target());
        let metrics = self.function.as_deref().and_then(|function| line.measure(function, now));
        let mut text = serde_json::to_vec(&Line { fields: line, metrics }).unwrap_or_default();
        text.push(b'\n');
        // There is nowhere else to tell that a line is lost.
        let _ = std::io::stdout().write_all(&text);
    }
}

/// A line, flat but for what makes metrics of it.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    fields: Fields,
    #[serde(rename = "_aws", skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
}

/// The fields of a line, each once.
#[derive(Debug, Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == name)
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Takes the fields of an event or of a span.
impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field.name(), format!("{value:?}"));
    }
}

/// The namespace of the metrics.
const NAMESPACE: &str = "lambda-ags";
/// What is measured of each request, and in what.
const MEASURED: [(&str, &str); 5] = [
    ("duration_ms", "Milliseconds"),
    ("store_ms", "Milliseconds"),
    ("store_retries", "Count"),
    ("read_units", "Count"),
    ("write_units", "Count"),
];

/// Which fields of a line are metrics, as CloudWatch wants to be told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metrics {
    timestamp: i64,
    cloud_watch_metrics: Vec<Directive>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: &'static [&'static [&'static str]],
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

impl Fields {
    /// Of the line of a request, which has an `outcome`, what makes metrics of it, with the fields that this needs besides.
    fn measure(&mut self, function: &str, now: Timestamp) -> Option<Metrics> {
        if !self.has("outcome") {
            return None;
        }
        let dimensions: &[&[&str]] = if self.has("reason") {
            &[&["FunctionName", "outcome"], &["FunctionName", "outcome", "reason"]]
        } else {
            &[&["FunctionName", "outcome"]]
        };
        let requests = vec![Metric { name: "requests", unit: "Count" }];
        let mut directives = vec![Directive { namespace: NAMESPACE, dimensions, metrics: requests }];
        let measured = MEASURED.iter().filter(|(name, _)| self.has(name));
        let metrics: Vec<_> = measured.map(|&(name, unit)| Metric { name, unit }).collect();
        if !metrics.is_empty() {
            directives.push(Directive { namespace: NAMESPACE, dimensions: &[&["FunctionName"]], metrics });
        }
        self.set("FunctionName", function);
        self.set("requests", 1);
        let timestamp = i64::try_from(now.unix_nanos() / 1_000_000).unwrap_or_default();
        Some(Metrics { timestamp, cloud_watch_metrics: directives })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once_in_a_line_and_what_is_set_last_counts() {
        let mut fields = Fields::default();
        fields.set("status", 200);
        fields.set("route", "/token");
        fields.set("status", 503);
        assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"status":503,"route":"/token"}"#);
    }

    #[test]
    fn only_what_a_line_has_is_a_metric_of_it() {
        let mut fields = Fields::default();
        let now = Timestamp::from_unix_nanos(1_500_000_000).unwrap();
        assert!(fields.measure("token", now).is_none(), "no line of a request");
        fields.set("outcome", "ok");
        fields.set("store_ms", 1.5);
        let metrics = serde_json::to_value(fields.measure("token", now)).unwrap();
        assert_eq!(metrics["Timestamp"], 1_500);
        let of_all = &metrics["CloudWatchMetrics"][1]["Metrics"];
        assert_eq!(*of_all, serde_json::json!([{ "Name": "store_ms", "Unit": "Milliseconds" }]));
    }
}
