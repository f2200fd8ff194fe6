//! A process that dies between the two writes of a score: the tool was not answered, and its retry adds what is
//! missing (the protocol in `store::scores`).

use ags_tests::{Event, Function, RESULT_READONLY, SCORE, Stack, Wire};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

const UPDATE: &str = "UpdateItem";
const PUT: &str = "PutItem";

/// A tool with a line item of ten points, and a wire that can be cut.
struct Scoring {
    stack: Stack,
    wire: Wire,
    item: String,
    token: String,
}

impl Scoring {
    async fn new() -> Self {
        let (stack, wire) = Stack::beside_a_wire().await;
        let tool = stack.tool("tool").await;
        let course = stack.place(&tool, "course").await;
        let item = stack.coupled_line_item(&tool, &course, "quiz").await;
        let token = stack.token(&mut stack.start("token").await, &tool, &[SCORE, RESULT_READONLY]).await;
        Self { stack, wire, item, token }
    }

    async fn function(&self) -> Function {
        self.stack.start_through("scores", self.wire.endpoint()).await
    }

    /// So many points for `ann`, at such a second of a minute.
    fn score(&self, given: i64, second: u8) -> Event {
        let body = json!({
            "userId": "ann",
            "scoreGiven": given,
            "scoreMaximum": 100,
            "timestamp": format!("2026-01-02T03:04:{second:02}.5Z"),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
        });
        let event = Event::new("POST", &format!("{}/scores", self.item)).bearer(&self.token);
        event.body("application/vnd.ims.lis.v1.score+json", body.to_string())
    }

    /// Sends `event`, waits until a call of `operation` with `containing` in its body hangs, and kills the process.
    async fn dies_before(&self, event: &Event, operation: &'static str, containing: &str, done: Done) {
        let function = self.function().await;
        self.wire.hold(operation, containing);
        let mut outcome = function.send(&event.to_json());
        tokio::select! {
            () = self.wire.answered(done.operation, done.containing, done.status) => {}
            early = &mut outcome => panic!("ended without {operation}: {early:?}"),
        }
        tokio::select! {
            () = self.wire.held(operation, containing) => {}
            early = &mut outcome => panic!("ended without {operation}: {early:?}"),
        }
        function.kill().await;
        assert!(outcome.try_recv().is_err(), "answered before both writes were done");
    }

    /// Sends `event` to a new process over an uncut wire; the status.
    async fn retry(&self, event: &Event) -> u16 {
        self.stack.start("scores").await.answer(event).await.status
    }

    /// Sends `event` again, and again: each time the answer, the one result and the history are these.
    async fn is_healed_by(&self, event: &Event, status: u16, shown: i64, history: &[(Value, String)]) {
        for _ in 0..2 {
            assert_eq!(self.retry(event).await, status);
            assert_eq!(self.result_count().await, 1);
            assert_eq!(self.results().await[0]["resultScore"], shown);
            assert_eq!(self.history().await, history);
        }
    }

    /// What the tool reads.
    async fn results(&self) -> Value {
        let event = Event::new("GET", &format!("{}/results", self.item)).bearer(&self.token);
        self.stack.start("results").await.answer(&event).await.expect(200).json()
    }

    /// How many results the table holds.
    async fn result_count(&self) -> usize {
        let id = self.item.rsplit('/').next().unwrap_or_default();
        self.stack.raw_items(&format!("ITEM#{id}")).await.len()
    }

    /// Points and outcome of each history entry, in the order of time.
    async fn history(&self) -> Vec<(Value, String)> {
        let entries = self.stack.history(&self.item, "ann").await;
        let text = |value: Option<&AttributeValue>| match value {
            Some(AttributeValue::S(text)) => text.clone(),
            _ => String::new(),
        };
        let entry = |body: String, outcome| {
            let body: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"));
            (body["scoreGiven"].clone(), outcome)
        };
        entries.iter().map(|item| entry(text(item.get("body")), text(item.get("outcome")))).collect()
    }
}

/// A call that the engine must have answered before the process dies.
struct Done {
    operation: &'static str,
    containing: &'static str,
    status: u16,
}

fn entry(given: i64, outcome: &str) -> (Value, String) {
    (json!(given), outcome.to_owned())
}

#[tokio::test]
async fn a_retry_heals_a_score_whose_history_was_lost() {
    let scoring = Scoring::new().await;
    let score = scoring.score(70, 1);
    let updated = Done { operation: UPDATE, containing: "USER#ann", status: 200 };
    scoring.dies_before(&score, PUT, "SCORE#", updated).await;
    assert_eq!(scoring.result_count().await, 1);
    assert_eq!(scoring.history().await, []);

    scoring.is_healed_by(&score, 200, 70, &[entry(70, "")]).await;
}

#[tokio::test]
async fn a_retry_heals_a_score_whose_result_was_lost() {
    let scoring = Scoring::new().await;
    let score = scoring.score(70, 1);
    let kept = Done { operation: PUT, containing: "SCORE#", status: 200 };
    scoring.dies_before(&score, UPDATE, "USER#ann", kept).await;
    assert_eq!(scoring.result_count().await, 0);
    assert_eq!(scoring.history().await, [entry(70, "")]);

    scoring.is_healed_by(&score, 200, 70, &[entry(70, "")]).await;
}

/// AGS 99, 100.
#[tokio::test]
async fn a_retry_heals_a_late_score_that_was_not_marked_as_late() {
    let scoring = Scoring::new().await;
    assert_eq!(scoring.retry(&scoring.score(90, 30)).await, 200);
    let late = scoring.score(10, 1);
    let refused = Done { operation: UPDATE, containing: "USER#ann", status: 400 };
    scoring.dies_before(&late, UPDATE, "stale", refused).await;
    assert_eq!(scoring.history().await, [entry(10, ""), entry(90, "")]);

    scoring.is_healed_by(&late, 409, 90, &[entry(10, "stale"), entry(90, "")]).await;
}

#[tokio::test]
async fn a_score_whose_history_was_lost_stays_with_a_newer_one_in_between() {
    let scoring = Scoring::new().await;
    let lost = scoring.score(70, 1);
    let updated = Done { operation: UPDATE, containing: "USER#ann", status: 200 };
    scoring.dies_before(&lost, PUT, "SCORE#", updated).await;
    assert_eq!(scoring.retry(&scoring.score(90, 2)).await, 200);

    assert_eq!(scoring.retry(&lost).await, 409);
    assert_eq!(scoring.results().await[0]["resultScore"], 90);
    assert_eq!(scoring.history().await, [entry(70, "stale"), entry(90, "")]);
}

/// An acknowledged score has both writes, so one that lacks either is no success.
#[tokio::test]
async fn a_score_is_acknowledged_only_if_both_writes_succeeded() {
    for (operation, containing) in [(PUT, "SCORE#"), (UPDATE, "USER#ann")] {
        let scoring = Scoring::new().await;
        scoring.wire.refuse(operation, containing);
        let mut function = scoring.function().await;
        let score = scoring.score(70, 1);
        let answer = function.answer(&score).await;
        assert_eq!(answer.status, 500, "without {operation}: {answer:?}");
        answer.problem();
        assert_eq!(scoring.retry(&score).await, 200);
        assert_eq!(scoring.results().await[0]["resultScore"], 70);
        assert_eq!(scoring.history().await, [entry(70, "")]);
    }
}
