//! The engine of the tests always reads what was written last; the real table does so only if it is asked to.

use serde_json::Value;

use super::{Request, for_each};

/// The index cannot be read so; nothing that a tool asks is read from it.
#[tokio::test]
async fn every_read_asks_for_what_was_written_last() {
    for_each(Request::all(), |stage| async move {
        stage.succeeds(&stage.request(), "undisturbed").await;
        let calls = stage.wire.take_calls();
        let mut reads = 0;
        for call in &calls {
            let body = call.json();
            let asked: Vec<&Value> = match call.operation.as_str() {
                "Query" => vec![&body],
                "BatchGetItem" => body["RequestItems"].as_object().unwrap().values().collect(),
                "PutItem" | "UpdateItem" => continue,
                other => panic!("say here how {other} reads"),
            };
            assert!(!asked.is_empty());
            for read in asked {
                assert_eq!(
                    (&read["ConsistentRead"], &read["IndexName"]),
                    (&true.into(), &Value::Null),
                    "{call:?}"
                );
                reads += 1;
            }
        }
        assert!(reads > 0, "{calls:?}");
    })
    .await;
}
