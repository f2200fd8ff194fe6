//! What a request took of the table, as its line says it and as the wire saw it.

use ags_tests::{Event, Fault, LINEITEM, Platform, Seen};
use serde_json::Value;

use super::Office;

/// The units that the engine reported for these calls: of reads, and of writes.
fn units(calls: &[Seen]) -> (f64, f64) {
    let mut sums = (0.0, 0.0);
    for call in calls {
        assert_eq!(call.json()["ReturnConsumedCapacity"], "TOTAL", "{call:?}");
        let units = call.units().unwrap_or_default();
        let reads = ["GetItem", "BatchGetItem", "Query"].contains(&call.operation.as_str());
        if reads { sums.0 += units } else { sums.1 += units }
    }
    sums
}

fn number(line: &Value, name: &str) -> f64 {
    line[name].as_f64().unwrap()
}

/// Whether the line says what the wire saw; the units.
fn measured(office: &Office, line: &Value) -> (f64, f64) {
    let calls = office.wire.take_calls();
    let (reads, writes) = units(&calls);
    let said = (number(line, "read_units"), number(line, "write_units"));
    assert!((said.0 - reads).abs() < 1e-9 && (said.1 - writes).abs() < 1e-9, "{said:?}: {calls:?}");
    let tries = number(line, "store_calls") + number(line, "store_retries");
    assert!((tries - f64::from(u32::try_from(calls.len()).unwrap())).abs() < 0.5, "{line}: {calls:?}");
    let (waited, duration) = (number(line, "store_ms"), number(line, "duration_ms"));
    assert!(0.0 < waited && waited <= duration + 0.002, "{line}");
    said
}

#[tokio::test]
async fn a_score_takes_three_read_units_and_two_write_units_at_most_as_its_line_says() {
    let mut office = Office::new().await;
    let token = office.tools_token().await;
    // The first request also reads the published keys.
    for seconds in [-2, -1, 0] {
        office.wire.take_calls();
        let (answer, line) = office.ask("scores", &office.score(&token, "ada", 5, seconds)).await;
        answer.expect(200);
        let (reads, writes) = measured(&office, &line);
        assert!(reads > 0.0 && writes > 0.0, "{line}");
        if seconds > -2 {
            assert!(reads <= 3.0 && writes <= 2.0, "{line}");
        }
    }
    office.lines().await;
}

#[tokio::test]
async fn the_units_calls_and_tries_of_every_kind_of_request_are_those_on_the_wire() {
    let mut office = Office::new().await;
    office.wire.take_calls();
    let tool = Platform::client("tool");
    let (token, line) = office.token(&tool, LINEITEM).await;
    measured(&office, &line);
    let lms = office.lms_token().await;
    let list = office.course.lineitems.clone();
    let request = |method: &str, url: &str, token: &str, body: &str| {
        Event::new(method, url).bearer(token).body("application/json", body)
    };
    let essay = r#"{ "label": "Essay", "scoreMaximum": 10 }"#;
    let link = office.platform("contexts/algebra%201/tools/tool/links/week-1");
    for (name, event) in [
        ("lineitems", request("POST", &list, &token, essay).header("idempotency-key", "1")),
        ("lineitems", request("GET", &list, &token, "")),
        ("lineitems", request("PUT", &office.item, &token, essay)),
        (
            "platform",
            request("PUT", &office.platform("contexts/algebra%201"), &lms, r#"{"title":"Algebra"}"#),
        ),
        ("platform", request("PUT", &link, &lms, r#"{"title":"Week 1"}"#)),
        ("platform", request("DELETE", &link, &lms, "")),
    ] {
        office.wire.take_calls();
        let (answer, line) = office.ask(name, &event).await;
        assert!(answer.status < 300, "{answer:?}");
        let (reads, writes) = measured(&office, &line);
        assert!(reads > 0.0 || writes > 0.0, "{line}");
    }
    office.lines().await;
}

#[tokio::test]
async fn what_is_asked_again_is_counted_as_a_retry() {
    let mut office = Office::new().await;
    let token = office.tools_token().await;
    office.ask("scores", &office.score(&token, "ada", 5, -5)).await.0.expect(200);
    let (_, line) = office.ask("scores", &office.score(&token, "ada", 5, -4)).await;
    assert_eq!((&line["store_calls"], &line["store_retries"]), (&3.into(), &0.into()), "{line}");
    office.wire.next(2, Fault::THROTTLED, "UpdateItem", "");
    let (_, line) = office.ask("scores", &office.score(&token, "ada", 5, -3)).await;
    assert_eq!((&line["store_calls"], &line["store_retries"]), (&3.into(), &2.into()), "{line}");
    office.wire.next(1, Fault::LeaveBatch, "BatchGetItem", "");
    let (_, line) = office.ask("scores", &office.score(&token, "ada", 5, -2)).await;
    assert_eq!((&line["store_calls"], &line["store_retries"]), (&4.into(), &1.into()), "{line}");
    office.lines().await;
}
