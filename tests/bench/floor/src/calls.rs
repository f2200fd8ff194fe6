//! Which calls of DynamoDB each request makes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use lambda_http::Error;

type Item = HashMap<String, AttributeValue>;

pub(crate) struct Floor {
    pub(crate) dynamodb: Client,
    pub(crate) table: String,
    pub(crate) client: String,
    pub(crate) context: String,
    pub(crate) item: String,
}

/// For rows that must not be there yet.
fn serial() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    u64::from(std::process::id()) << 32 | NEXT.fetch_add(1, Ordering::Relaxed)
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn row<const N: usize>(pk: String, sk: impl Into<String>, rest: [(&str, &str); N]) -> Item {
    let rest = rest.map(|(name, value)| (name.to_owned(), text(value)));
    [("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))].into_iter().chain(rest).collect()
}

impl Floor {
    /// Makes the calls of the request called so.
    pub(crate) async fn call(&self, request: &str) -> Result<(), Error> {
        match request {
            "token" => {
                self.query(self.tool_partition(), "TOOL", None).await?;
                self.put(row(format!("JTI#{}#floor-{}", self.client, serial()), "JTI", [])).await
            }
            "line-items" => {
                self.standing([]).await?;
                self.query(self.placement_partition(), "ITEM#", Some(101)).await
            }
            "line-item" => self.standing([self.line_item_key()]).await,
            "create-line-item" => {
                self.standing([]).await?;
                self.put(Self::own(&self.placement_partition(), format!("ITEM#{}", serial()), LINE_ITEM))
                    .await
            }
            "replace-line-item" => {
                self.standing([self.line_item_key()]).await?;
                self.update(Self::own(&self.placement_partition(), "ITEM#1", []), &LINE_ITEM).await
            }
            "delete-line-item" => {
                self.standing([self.line_item_key()]).await?;
                self.update(Self::own(&self.placement_partition(), "ITEM#2", []), &DELETION).await
            }
            "score" => {
                self.standing([self.line_item_key()]).await?;
                let entry = format!("SCORE#1795348800000000000-{:03}#2c26b46b68ffc68ff99b453c", serial());
                let entry = Self::own(&format!("ITEM#{}#USER#learner-000001", self.item), entry, HISTORY);
                let result = Self::own(&format!("ITEM#{}", self.item), "USER#learner-000001", []);
                let (update, put) = tokio::join!(self.update(result, &RESULT), self.put(entry));
                update.and(put)
            }
            "results" => {
                self.standing([self.line_item_key()]).await?;
                self.query(format!("ITEM#{}", self.item), "USER#", Some(51)).await
            }
            "result" => self.standing([self.line_item_key(), self.result_key()]).await,
            _ => Err(format!("no request is called {request}").into()),
        }
    }

    fn tool_partition(&self) -> String {
        format!("TOOL#{}", self.client)
    }

    fn placement_partition(&self) -> String {
        format!("CTX#{}#TOOL#{}", self.context, self.client)
    }

    fn line_item_key(&self) -> Item {
        row(self.placement_partition(), format!("ITEM#{}", self.item), [])
    }

    /// A row that is written, which must spoil none of ours.
    fn own<const N: usize>(pk: &str, sk: impl Into<String>, rest: [(&str, &str); N]) -> Item {
        row(format!("FLOOR#{pk}"), sk, rest)
    }

    fn result_key(&self) -> Item {
        row(format!("ITEM#{}", self.item), "USER#learner-000001", [])
    }

    /// The registration and the placement, and what the request is about, in one batch.
    async fn standing<const N: usize>(&self, more: [Item; N]) -> Result<(), Error> {
        let standing =
            [row(self.tool_partition(), "TOOL", []), row(self.placement_partition(), "PLACEMENT", [])];
        let keys = standing.into_iter().chain(more).collect();
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build()?;
        self.dynamodb.batch_get_item().request_items(&self.table, keys).send().await?;
        Ok(())
    }

    async fn query(&self, partition: String, prefix: &str, limit: Option<i32>) -> Result<(), Error> {
        self.dynamodb
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text(partition))
            .expression_attribute_values(":prefix", text(prefix))
            .consistent_read(true)
            .set_limit(limit)
            .send()
            .await?;
        Ok(())
    }

    async fn put(&self, item: Item) -> Result<(), Error> {
        self.dynamodb
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await?;
        Ok(())
    }

    async fn update(&self, key: Item, changes: &[(&str, &str)]) -> Result<(), Error> {
        let sets: Vec<_> = changes.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
        let names = changes.iter().map(|(name, _)| (format!("#{name}"), (*name).to_owned()));
        let values = changes.iter().map(|(name, value)| (format!(":{name}"), text(*value)));
        self.dynamodb
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .update_expression(format!("SET {}", sets.join(", ")))
            .condition_expression("attribute_not_exists(nothing)")
            .set_expression_attribute_names(Some(names.collect()))
            .set_expression_attribute_values(Some(values.collect()))
            .send()
            .await?;
        Ok(())
    }
}

/// As much as our rows hold.
const LINE_ITEM: [(&str, &str); 6] = [
    ("label", "Quiz 1"),
    ("score_maximum", "100"),
    ("tag", "grade"),
    ("resource_id", "quiz-1"),
    ("deployment", "1"),
    ("version", "1"),
];
const DELETION: [(&str, &str); 3] =
    [("deleted_at", "1795348800000000000"), ("gsi1pk", "FLOOR"), ("gsi1sk", "FLOOR")];
const RESULT: [(&str, &str); 11] = [
    ("activity", "Completed"),
    ("grading", "FullyGraded"),
    ("final_given", "83"),
    ("final_maximum", "100"),
    ("comment", "Well done: four of the five questions are right."),
    ("submitted_at", "2026-11-22T12:00:00Z"),
    ("scored_at", "1795348800000000000"),
    ("received_at", "1795348800000000000"),
    ("fingerprint", "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"),
    ("gsi1pk", "USER#floor"),
    ("gsi1sk", "CTX#cmfvvbv5kx5t7hbpu6eqmdzcgi#TOOL#tool#ITEM#01a1fdfa-4604-7a4d-84ce-3d5d2593a242"),
];
const HISTORY: [(&str, &str); 5] = [
    (
        "body",
        r#"{"userId":"floor","scoreGiven":83,"scoreMaximum":100,"comment":"Well done: four of the five questions are right.","timestamp":"2026-11-22T12:00:00.000001Z","activityProgress":"Completed","gradingProgress":"FullyGraded"}"#,
    ),
    ("client", "tool"),
    ("token_id", "01a1fdfa-4604-7a4d-84ce-3d5d2593a242"),
    ("received_at", "1795348800000000000"),
    ("expires_at", "1829908800"),
];
