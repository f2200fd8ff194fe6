//! The log as Lambda wants it: its format and level are settings of the function.
//!
//! In JSON each line is one flat object, and the line of a request is in CloudWatch's embedded metric format besides:
//! its metrics cost nothing but the line itself to send. What they do cost is each metric in each set of dimensions that
//! it is in. So only the number of requests is split up by how they ended.

use std::fmt;

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::config::LogConfig;
use ags_shared::domain::Timestamp;
use lambda_http::tracing::field::{Field, Visit};
use lambda_http::tracing::subscriber::filter::{EnvFilter, LevelFilter};
use lambda_http::tracing::subscriber::fmt::format::{JsonFields, Writer};
use lambda_http::tracing::subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use lambda_http::tracing::subscriber::registry::LookupSpan;
use lambda_http::tracing::{Event, Subscriber, init_default_subscriber, subscriber};
use serde_json::{Map, Value, json};

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

/// Writes the log from now on. The level is that of the function, or that of `RUST_LOG`, or `INFO`; above that there are
/// neither all lines nor true metrics.
pub fn init_log() {
    let LogConfig { json, level, function } = LogConfig::from_env();
    if !json {
        return init_default_subscriber();
    }
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    subscriber::fmt()
        .with_env_filter(filter)
        .fmt_fields(JsonFields::new())
        .event_format(Lines { function })
        .init();
}

/// Makes the lines of a function.
struct Lines {
    function: Option<String>,
}

impl<S> FormatEvent<S, JsonFields> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    /// The fields of an event stand before those of its spans, and what every line has before both.
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Map::new();
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<JsonFields>>();
            line.extend(
                fields.and_then(|fields| serde_json::from_str::<Map<_, _>>(fields).ok()).unwrap_or_default(),
            );
        }
        event.record(&mut Fields(&mut line));
        let now = SystemClock.now();
        line.insert("timestamp".to_owned(), now.to_string().into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        if let Some(function) = &self.function {
            measure(&mut line, function, now);
        }
        writeln!(writer, "{}", Value::Object(line))
    }
}

/// Adds to the line of a request, which has an `outcome`, what makes metrics of it.
fn measure(line: &mut Map<String, Value>, function: &str, now: Timestamp) {
    if !line.contains_key("outcome") {
        return;
    }
    let mut endings = vec![vec!["FunctionName", "outcome"]];
    if line.contains_key("reason") {
        endings.push(vec!["FunctionName", "outcome", "reason"]);
    }
    let mut directives = vec![json!({
        "Namespace": NAMESPACE,
        "Dimensions": endings,
        "Metrics": [{ "Name": "requests", "Unit": "Count" }],
    })];
    let measured = MEASURED.iter().filter(|(name, _)| line.contains_key(*name));
    let measured: Vec<_> = measured.map(|(name, unit)| json!({ "Name": name, "Unit": unit })).collect();
    if !measured.is_empty() {
        let dimensions = [["FunctionName"]];
        directives.push(json!({ "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": measured }));
    }
    let millis = i64::try_from(now.unix_nanos() / 1_000_000).unwrap_or_default();
    line.insert("_aws".to_owned(), json!({ "Timestamp": millis, "CloudWatchMetrics": directives }));
    line.insert("FunctionName".to_owned(), function.into());
    line.insert("requests".to_owned(), 1.into());
}

/// Takes the fields of an event.
struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn take(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format!("{value:?}"));
    }
}
