//! The log of the built functions, as CloudWatch reads it.

mod capacity;
mod metrics;
mod outcomes;
mod queries;
mod secrecy;

use std::collections::BTreeMap;

use ags_shared::domain::Timestamp;
use ags_tests::{
    Answer, Course, DEPLOYMENT, Event, Function, LINEITEM, Platform, RESULT_READONLY, SCORE, Stack, Tool,
    Wire,
};
use serde_json::{Value, json};

/// The functions over one table, with a tool in a course and an LMS, and all that was asked of them.
struct Office {
    stack: Stack,
    wire: Wire,
    functions: BTreeMap<&'static str, Function>,
    asked: Vec<String>,
    tool: Tool,
    course: Course,
    item: String,
}

impl Office {
    async fn new() -> Self {
        let (stack, wire) = Stack::beside_a_wire().await;
        let tool = stack.tool("tool").await;
        let course = stack.place(&tool, "algebra 1").await;
        let item = stack.coupled_line_item(&tool, &course, "quiz").await;
        let mut functions = BTreeMap::new();
        for name in ["token", "lineitems", "scores", "results", "platform"] {
            let mut environment = stack.environment(name);
            environment.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned());
            environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), wire.endpoint().to_owned());
            functions.insert(name, Function::start(name, &environment).await);
        }
        Self { stack, wire, functions, asked: Vec::new(), tool, course, item }
    }

    /// Asks the function `name`: the answer, and the line about it.
    async fn ask(&mut self, name: &str, event: &Event) -> (Answer, Value) {
        let function = self.functions.get_mut(name).unwrap();
        let answer = function.answer(event).await;
        let id = answer.header("x-request-id").to_owned();
        let logged = function.logged(&id).await;
        let line = logged.lines().find(|line| line.contains(&id)).map(serde_json::from_str);
        self.asked.push(id);
        (answer, line.unwrap().unwrap())
    }

    /// A token of `client` for these scopes, and the line about it.
    async fn token(&mut self, client: &Tool, scopes: &str) -> (String, Value) {
        let url = self.stack.token_url();
        let assertion = client.assertion(&url, self.stack.services.now().unix_seconds()).sign();
        let (answer, line) = self.ask("token", &Event::token(&url, &assertion, scopes)).await;
        (answer.expect(200).json()["access_token"].as_str().unwrap().to_owned(), line)
    }

    /// A token of the tool for all that it may do.
    async fn tools_token(&mut self) -> String {
        let tool = Platform::client("tool");
        self.token(&tool, &[LINEITEM, SCORE, RESULT_READONLY].join(" ")).await.0
    }

    /// A token of an LMS.
    async fn lms_token(&mut self) -> String {
        let lms = self.stack.lms("lms").await;
        let scope = format!("{}/scope/platform", self.stack.services.links.issuer());
        self.token(&lms, &scope).await.0
    }

    /// The request that sends a score, `seconds` later than now.
    fn score(&self, token: &str, user: &str, given: i64, seconds: i64) -> Event {
        let nanos = self.stack.services.now().unix_nanos() + i128::from(seconds) * 1_000_000_000;
        let score = json!({
            "userId": user,
            "scoreGiven": given,
            "scoreMaximum": 10,
            "timestamp": Timestamp::from_unix_nanos(nanos).unwrap(),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
        });
        self.body(token, &score.to_string())
    }

    /// The request that sends this as a score.
    fn body(&self, token: &str, body: &str) -> Event {
        Event::new("POST", &format!("{}/scores", self.item)).bearer(token).body("application/json", body)
    }

    /// A URL of the LMS's side.
    fn platform(&self, path: &str) -> String {
        format!("{}/{path}", self.stack.services.links.platform(&[]))
    }

    /// Every line that the functions wrote. Each is an object, and each request has one that tells how it ended.
    async fn lines(mut self) -> Vec<Value> {
        // Whatever came before is written when these are.
        let nothing = Event::new("GET", &format!("{}/nothing", self.stack.services.links.issuer()));
        let mut lines: Vec<Value> = Vec::new();
        for name in self.functions.keys().copied().collect::<Vec<_>>() {
            self.ask(name, &nothing).await.0.expect(404);
            let said = self.functions[name].said();
            let parsed = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            lines.extend(said.lines().map(parsed));
        }
        assert!(lines.iter().all(Value::is_object), "{lines:?}");
        for id in &self.asked {
            let about = lines.iter().filter(|line| line["request_id"] == *id && !line["outcome"].is_null());
            assert_eq!(about.count(), 1, "{id}: {lines:?}");
        }
        lines
    }

    /// Requests of every kind to every function, and every line about them.
    async fn day() -> Vec<Value> {
        let mut office = Self::new().await;
        let token = office.tools_token().await;
        let lms = office.lms_token().await;
        let far = office.stack.tool_at("far", "https://127.0.0.1/keys").await;
        let url = office.stack.token_url();
        let assertion = far.assertion(&url, office.stack.services.now().unix_seconds());
        let assertion = assertion.claim(DEPLOYMENT, "1").sign();
        office.ask("token", &Event::token(&url, &assertion, SCORE)).await.0.expect(400);
        let tool = office.tool.assertion(&url, office.stack.services.now().unix_seconds());
        let narrowed = tool.claim(DEPLOYMENT, "1").sign();
        office.ask("token", &Event::token(&url, &narrowed, SCORE)).await.0.expect(200);
        let score = office.score(&token, "ada", 5, 0);
        for (event, status) in [
            (score.clone(), 200),
            (score, 200),
            (office.score(&token, "ada", 5, -60), 409),
            (office.body(&token, "{}"), 400),
            (office.score("hunter2", "ada", 5, 0), 401),
        ] {
            office.ask("scores", &event).await.0.expect(status);
        }
        let item = Event::new("GET", &office.item).bearer(&token);
        office.ask("lineitems", &item).await.0.expect(200);
        let results = Event::new("GET", &format!("{}/results", office.item)).bearer(&token);
        office.ask("results", &results).await.0.expect(200);
        let erase = Event::new("DELETE", &office.platform("users/ada")).bearer(&lms);
        office.ask("platform", &erase).await.0.expect(200);
        office.wire.refuse("BatchGetItem", "");
        office.ask("results", &results).await.0.expect(500);
        office.wire.mend();
        office.lines().await
    }
}
