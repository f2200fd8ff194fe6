//! A class of any size, and functions whose calls of the table are seen on the wire.

use std::collections::HashMap;

use ags_shared::store;
use ags_tests::{Answer, Course, Event, Function, LINEITEM, RESULT_READONLY, SCORE, Seen, Stack, Tool, Wire};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use serde_json::{Value, json};

use crate::scene::{LINE_ITEMS, learner, score};

/// As many as the table writes with one call.
const BATCH: usize = 25;

/// What a request took of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Taken {
    pub(crate) calls: usize,
    pub(crate) reads: f64,
    pub(crate) writes: f64,
    /// Writes whose condition did not hold. The table reports no units for them, and bills at least one for each.
    pub(crate) refused: usize,
}

/// A course with a link, on whose line item all learners of the class but the last have a result.
pub(crate) struct Class {
    pub(crate) size: usize,
    pub(crate) stack: Stack,
    pub(crate) course: Course,
    /// The URL of the line item.
    pub(crate) item: String,
    pub(crate) tool: Tool,
    lms: Tool,
    wire: Wire,
    functions: HashMap<&'static str, Function>,
    token: String,
    lms_token: String,
}

impl Class {
    pub(crate) async fn of(size: usize) -> Self {
        let (stack, wire) = Stack::beside_a_wire().await;
        let (tool, lms) = (stack.tool("tool").await, stack.lms("lms").await);
        let course = stack.place(&tool, "course").await;
        let item = stack.coupled_line_item(&tool, &course, "quiz").await;
        let mut functions = HashMap::new();
        for name in ["token", "lineitems", "scores", "results", "platform"] {
            let mut environment = stack.environment(name);
            environment.extend(
                [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_ENDPOINT_URL_DYNAMODB", wire.endpoint())]
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
            );
            functions.insert(name, Function::start(name, &environment).await);
        }
        let (token, lms_token) = (String::new(), String::new());
        let mut class = Self { size, stack, course, item, tool, lms, wire, functions, token, lms_token };
        class.prepare().await;
        class
    }

    /// Makes what is read, and has each function read the keys that it then keeps in memory for a while.
    async fn prepare(&mut self) {
        let issuer = self.functions.get_mut("token").expect("a function");
        self.token = self.stack.token(issuer, &self.tool, &[LINEITEM, SCORE, RESULT_READONLY]).await;
        let platform = format!("{}/scope/platform", self.stack.services.links.issuer());
        self.lms_token = self.stack.token(issuer, &self.lms, &[&platform]).await;
        for number in 1..LINE_ITEMS {
            let body = json!({ "label": format!("Essay {number}"), "scoreMaximum": 10, "tag": "grade" });
            let event = self.event("POST", &self.course.lineitems).body("application/json", body.to_string());
            self.ask("lineitems", &event).await.0.expect(201);
        }
        let score = self.score(1);
        self.ask("scores", &score).await.0.expect(200);
        self.fill().await;
        let warm = self.event("GET", &format!("{}/results?limit=1", self.item));
        self.ask("results", &warm).await.0.expect(200);
        let warm = self.lms_event("GET", "contexts/course/tools/tool");
        self.ask("platform", &warm).await.0.expect(200);
    }

    /// Gives the other learners, but the last, copies of the row that a genuine score has made for the first.
    async fn fill(&self) {
        let row = self.stack.rows(&self.item).await.remove(0);
        let of = |number| {
            let mut row = row.clone();
            let key = AttributeValue::S(format!("USER#{}", learner(number)));
            for name in ["sk", "gsi1pk"] {
                assert!(row.insert(name.to_owned(), key.clone()).is_some(), "a row has {name}");
            }
            let put = PutRequest::builder().set_item(Some(row)).build().expect("a row");
            WriteRequest::builder().put_request(put).build()
        };
        let config = self.stack.table.config();
        let table = store::connect(config);
        for first in (2..self.size).step_by(BATCH) {
            let rows = (first..self.size.min(first + BATCH)).map(of).collect();
            let written = table.batch_write_item().request_items(&config.table, rows).send().await;
            let left = written.expect("a table").unprocessed_items.unwrap_or_default();
            assert!(left.is_empty(), "the engine is never busy");
        }
    }

    /// A request of the tool.
    pub(crate) fn event(&self, method: &str, url: &str) -> Event {
        Event::new(method, url).bearer(&self.token)
    }

    /// A request of the LMS.
    pub(crate) fn lms_event(&self, method: &str, path: &str) -> Event {
        let url = format!("{}/platform/{path}", self.stack.services.links.issuer());
        Event::new(method, &url).bearer(&self.lms_token)
    }

    /// A score that was made now.
    pub(crate) fn score(&self, number: usize) -> Event {
        let body = score(&learner(number), self.stack.services.now()).to_string();
        self.event("POST", &format!("{}/scores", self.item)).body("application/json", body)
    }

    /// Sends a request to a function; the answer, and what it took. What the wire saw and what the function logged must
    /// agree.
    pub(crate) async fn ask(&mut self, function: &str, event: &Event) -> (Answer, Taken) {
        self.wire.take_calls();
        let function = self.functions.get_mut(function).expect("a function that was started");
        let answer = function.answer(event).await;
        let taken = taken(&self.wire.take_calls());
        let id = answer.header("x-request-id");
        let logged = function.logged(id).await;
        let line = logged.lines().rfind(|line| line.contains(id) && line.contains("store_calls"));
        let line: Value = serde_json::from_str(line.expect("a line of the request")).expect("JSON");
        assert_eq!(line["store_calls"], taken.calls, "{line}");
        assert_eq!((&line["read_units"], &line["write_units"]), (&taken.reads.into(), &taken.writes.into()));
        (answer, taken)
    }
}

fn taken(calls: &[Seen]) -> Taken {
    let (reads, writes) = Seen::all_units(calls);
    let refused = calls.iter().filter(|call| call.units().is_none());
    assert!(refused.clone().all(|call| matches!(&*call.operation, "PutItem" | "UpdateItem")), "{calls:?}");
    Taken { calls: calls.len(), reads, writes, refused: refused.count() }
}
