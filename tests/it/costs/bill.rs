//! What a month costs: the table of the operations guide, from what requests take of the table and from public prices.

use std::collections::HashMap;
use std::fmt::Write as _;

use ags_tests::sources::{read, write};
use ags_tests::{Classroom, Deployment, Seen, Wire};
use aws_sdk_dynamodb::types::AttributeValue;

const FILE: &str = "infra/README.md";
/// Around what this test writes.
const BEGIN: &str = "<!-- from the test: costs -->\n";
const END: &str = "<!-- end -->";

/// Scores a month; the last is a nation with 100 million a day.
const MONTHS: [f64; 4] = [1e3, 1e6, 1e8, 3e9];
const HOURS_A_MONTH: f64 = 730.0;
const DAYS_A_MONTH: f64 = HOURS_A_MONTH / 24.0;

/// What is assumed; the guide says it in words.
mod assumed {
    /// A class, whose results are read as one page.
    pub(super) const CLASS: u32 = 30;
    pub(super) const SCORES_PER_TOKEN: f64 = 20.0;
    pub(super) const SCORES_PER_LIST: f64 = 20.0;
    pub(super) const SCORES_PER_PAGE: f64 = CLASS as f64;
    pub(super) const SCORES_PER_RESULT: f64 = 3.0;
    pub(super) const RESULT_MONTHS: f64 = 24.0;
    pub(super) const HISTORY_DAYS: f64 = 400.0;
    pub(super) const MEMORY_GB: f64 = 0.25;
    pub(super) const REQUEST_SECONDS: f64 = 0.020;
    pub(super) const TOKEN_SECONDS: f64 = 0.060;
    pub(super) const LOG_BYTES: f64 = 1_600.0;
    pub(super) const LOG_MONTHS: f64 = 3.0;
    pub(super) const ANSWER_BYTES: f64 = 1_500.0;
    pub(super) const METRICS: f64 = 60.0;
    /// The metrics that alarms look at: each is billed as an alarm.
    pub(super) const ALARMS: f64 = 22.0;
    /// X-Ray samples one request a second, and so much of the others.
    pub(super) const TRACED_SHARE: f64 = 0.05;
    /// In each of which some function sends each metric; a thousand scores fall into a tenth of the month.
    pub(super) const BUSY_SHARE: [f64; 4] = [0.1, 1.0, 1.0, 1.0];
}

/// US dollars in us-east-1, without anything that is free for a time or up to a limit.
mod price {
    pub(super) const HTTP_API_REQUEST: f64 = 1.00 / 1e6;
    pub(super) const INVOCATION: f64 = 0.20 / 1e6;
    pub(super) const GB_SECOND: f64 = 0.000_013_333_4;
    pub(super) const WRITE_UNIT: f64 = 0.625 / 1e6;
    pub(super) const READ_UNIT: f64 = 0.125 / 1e6;
    pub(super) const STORED_GB: f64 = 0.25;
    pub(super) const RECOVERABLE_GB: f64 = 0.20;
    pub(super) const SIGNATURE: f64 = 0.15 / 1e4;
    pub(super) const KEY: f64 = 1.00;
    pub(super) const LOG_GB: f64 = 0.50;
    pub(super) const LOG_GB_KEPT: f64 = 0.03;
    pub(super) const METRIC: f64 = 0.30;
    pub(super) const ALARM: f64 = 0.10;
    pub(super) const DASHBOARD: f64 = 3.00;
    pub(super) const TRACE: f64 = 5.00 / 1e6;
    pub(super) const SENT_GB: f64 = 0.09;
}

/// What a request takes of the table, in units of on-demand capacity.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Units {
    reads: f64,
    writes: f64,
}

/// What was measured.
struct Measured {
    token: Units,
    first_score: Units,
    score: Units,
    list: Units,
    results: Units,
    grades: Units,
    /// The size of items as the table bills them, in bytes.
    result_bytes: f64,
    history_bytes: f64,
}

fn taken(wire: &Wire) -> Units {
    let calls = wire.take_calls();
    assert!(
        !calls.is_empty() && calls.iter().all(|call| call.units().is_some_and(|units| units > 0.0)),
        "{calls:?}"
    );
    let (reads, writes) = Seen::all_units(&calls);
    Units { reads, writes }
}

impl Measured {
    async fn new() -> Self {
        let (classroom, wire) = Classroom::behind_a_wire().await;
        let item = classroom.item(10).await;
        // Whoever asks for the first time also reads what is kept in memory from then on.
        classroom.read(&item).await.expect(200);
        wire.take_calls();

        classroom.full_token(&classroom.tool).await;
        let token = taken(&wire);
        let mut body = classroom.score("learner-000001", 5, 10);
        body["comment"] = "Well done: four of the five questions are right.".into();
        classroom.grade(&item, &body).await.expect(200);
        let first_score = taken(&wire);
        body["timestamp"] = classroom.services.now().to_string().into();
        classroom.grade(&item, &body).await.expect(200);
        let score = taken(&wire);
        let result_bytes = billed(&classroom.rows(&item).await[0]);
        let history_bytes = billed(&classroom.history(&item, "learner-000001").await[0]);

        for number in 1..assumed::CLASS {
            body["userId"] = format!("learner-{:06}", number + 1).into();
            classroom.grade(&item, &body).await.expect(200);
        }
        wire.take_calls();
        classroom.read(&classroom.course.lineitems).await.expect(200);
        let list = taken(&wire);
        assert_eq!(classroom.all_results(&item).await.len(), assumed::CLASS as usize);
        let results = taken(&wire);
        classroom.get(&format!("{}/grades", classroom.lms_item(&item)), &classroom.lms).await.expect(200);
        let grades = taken(&wire);
        Self { token, first_score, score, list, results, grades, result_bytes, history_bytes }
    }

    /// A line for each kind of request.
    fn table(&self) -> String {
        let mut text = "| request | read units | write units |\n|---|--:|--:|\n".to_owned();
        for (request, units) in [
            ("token", self.token),
            ("score, the first of a learner on a line item", self.first_score),
            ("score, each further one", self.score),
            ("list of line items, one on it", self.list),
            ("results of a class", self.results),
            ("grades of a class, for the LMS", self.grades),
        ] {
            _ = writeln!(text, "| {request} | {} | {} |", units.reads, units.writes);
        }
        text
    }

    /// The parts of the bill of a month with so many scores, by whom they go to.
    fn bill(&self, scores: f64, busy: f64) -> [(&'static str, f64); 10] {
        let tokens = scores / assumed::SCORES_PER_TOKEN;
        let lists = scores / assumed::SCORES_PER_LIST;
        let pages = scores / assumed::SCORES_PER_PAGE;
        let firsts = scores / assumed::SCORES_PER_RESULT;
        let others = scores + lists + 2.0 * pages;
        let requests = tokens + others;

        let units = |part: fn(&Units) -> f64| {
            tokens * part(&self.token)
                + firsts * part(&self.first_score)
                + (scores - firsts) * part(&self.score)
                + lists * part(&self.list)
                + pages * (part(&self.results) + part(&self.grades))
        };
        let history = scores * assumed::HISTORY_DAYS / DAYS_A_MONTH * self.history_bytes;
        let results = firsts * assumed::RESULT_MONTHS * self.result_bytes;
        let stored = (history + results) / 1e9;
        let seconds = others * assumed::REQUEST_SECONDS + tokens * assumed::TOKEN_SECONDS;
        let logged = requests * assumed::LOG_BYTES / 1e9;
        let first_of_a_second = requests.min(busy * HOURS_A_MONTH * 3_600.0);
        let traced = first_of_a_second + (requests - first_of_a_second) * assumed::TRACED_SHARE;
        [
            ("API Gateway", requests * price::HTTP_API_REQUEST),
            ("Lambda", requests * price::INVOCATION + seconds * assumed::MEMORY_GB * price::GB_SECOND),
            (
                "DynamoDB, requests",
                units(|units| units.reads) * price::READ_UNIT
                    + units(|units| units.writes) * price::WRITE_UNIT,
            ),
            ("DynamoDB, storage and recovery", stored * (price::STORED_GB + price::RECOVERABLE_GB)),
            ("KMS", price::KEY + tokens * price::SIGNATURE),
            ("logs", logged * (price::LOG_GB + assumed::LOG_MONTHS * price::LOG_GB_KEPT)),
            ("metrics", busy * assumed::METRICS * price::METRIC),
            ("alarms and dashboard", assumed::ALARMS * price::ALARM + price::DASHBOARD),
            ("traces", traced * price::TRACE),
            ("data sent", requests * assumed::ANSWER_BYTES / 1e9 * price::SENT_GB),
        ]
    }

    fn bills(&self) -> String {
        let bills: Vec<_> =
            MONTHS.iter().zip(assumed::BUSY_SHARE).map(|(scores, busy)| self.bill(*scores, busy)).collect();
        let mut text =
            "| US dollars a month | 1 thousand scores | 1 million | 100 million | 3 billion |\n|---|--:|--:|--:|--:|\n"
                .to_owned();
        for (part, (name, _)) in bills[0].iter().enumerate() {
            _ = write!(text, "| {name} |");
            for bill in &bills {
                _ = write!(text, " {:.2} |", bill[part].1);
            }
            text.push('\n');
        }
        text.push_str("| **together** |");
        for bill in &bills {
            _ = write!(text, " **{:.2}** |", bill.iter().map(|(_, dollars)| dollars).sum::<f64>());
        }
        text + "\n"
    }
}

/// The size of an item as the table bills it, in bytes: names and values, and 100 for the index; rounded up to 50, for
/// the digits of a time or a number may be more or fewer.
fn billed(item: &HashMap<String, AttributeValue>) -> f64 {
    fn size(value: &AttributeValue) -> usize {
        match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::N(digits) => digits.len() / 2 + 1,
            AttributeValue::B(bytes) => bytes.as_ref().len(),
            AttributeValue::M(members) => {
                3 + members.iter().map(|(name, of)| name.len() + 1 + size(of)).sum::<usize>()
            }
            AttributeValue::L(entries) => 3 + entries.iter().map(|of| 1 + size(of)).sum::<usize>(),
            _ => 1,
        }
    }
    let bytes: usize = item.iter().map(|(name, of)| name.len() + size(of)).sum();
    u32::try_from((bytes + 100).next_multiple_of(50)).unwrap().into()
}

#[test]
fn the_bill_has_every_metric_that_an_alarm_looks_at() {
    let alarms = Deployment::get().resources_of("AWS::CloudWatch::Alarm");
    // The first of several is their sum.
    let metrics = alarms.map(|(_, alarm)| alarm["Metrics"].as_array().map_or(1, |parts| parts.len() - 1));
    let metrics = u32::try_from(metrics.sum::<usize>()).unwrap();
    assert!((assumed::ALARMS - f64::from(metrics)).abs() < 0.5, "{metrics}");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "it says whether to write the guide")]
async fn the_operations_guide_shows_what_a_month_costs() {
    let measured = Measured::new().await;
    let tables = format!("{}\n{}", measured.table(), measured.bills());
    let guide = read(FILE);
    let (before, rest) = guide.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let renewed = format!("{before}{BEGIN}{tables}{END}{after}");
    if std::env::var("AGS_TESTS_WRITE_COSTS").is_ok() {
        write(FILE, &renewed);
    } else {
        assert_eq!(guide, renewed, "{FILE} is out of date: make costs");
    }
}
