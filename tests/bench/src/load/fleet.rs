//! The functions, as many instances of each as there may be.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ags_tests::{Function, Stack};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::cores;

/// Every function that a tool calls.
const FUNCTIONS: [&str; 4] = ["token", "lineitems", "scores", "results"];

/// As in Lambda an instance has one event at a time. An event that finds none free waits, where Lambda would start one.
pub(crate) struct Fleet(BTreeMap<&'static str, Pool>);

struct Pool {
    free: Mutex<UnboundedReceiver<Function>>,
    back: UnboundedSender<Function>,
    processes: Vec<u32>,
    /// What they took of the cores before the first event, in milliseconds.
    start: f64,
}

/// What came of an event.
pub(crate) struct Served {
    pub(crate) response: Value,
    /// For an instance.
    pub(crate) waited: Duration,
    /// From the event to the response.
    pub(crate) took: Duration,
}

/// What the instances of a function took of the machine.
pub(crate) struct Spent {
    pub(crate) function: &'static str,
    /// On a core since the first event, in milliseconds.
    pub(crate) cpu: f64,
    /// Of each instance, in megabytes.
    pub(crate) resident: Vec<f64>,
}

impl Fleet {
    /// So many instances of the scores function, and of each other, which reach the table at `endpoint`.
    pub(crate) async fn start(stack: &Stack, endpoint: &str, scores: u32, others: u32) -> Self {
        let mut pools = BTreeMap::new();
        for name in FUNCTIONS {
            let mut environment = stack.environment(name);
            let variables = [("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("AWS_ENDPOINT_URL_DYNAMODB", endpoint)];
            environment.extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
            let (back, free) = mpsc::unbounded_channel();
            let mut processes = Vec::new();
            for _ in 0..if name == "scores" { scores } else { others } {
                let function = Function::start(name, &environment).await;
                processes.push(function.id());
                back.send(function).unwrap_or_else(|_| unreachable!("the other end is here"));
            }
            let start = processes.iter().map(|process| cores::cpu(*process)).sum();
            pools.insert(name, Pool { free: Mutex::new(free), back, processes, start });
        }
        Self(pools)
    }

    /// Hands an event to the first free instance of a function; those that came first go first.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Served {
        let pool = &self.0[function];
        let came = Instant::now();
        let mut instance = pool.free.lock().await.recv().await.expect("the other end is here");
        let began = Instant::now();
        let response = instance.invoke(event).await;
        let took = began.elapsed();
        pool.back.send(instance).unwrap_or_else(|_| unreachable!("the other end is here"));
        Served { response, waited: began.duration_since(came), took }
    }

    pub(crate) fn spent(&self) -> Vec<Spent> {
        let spent = |(function, pool): (&&'static str, &Pool)| Spent {
            function,
            cpu: pool.processes.iter().map(|process| cores::cpu(*process)).sum::<f64>() - pool.start,
            resident: pool.processes.iter().map(|process| cores::resident(*process)).collect(),
        };
        self.0.iter().map(spent).collect()
    }

    /// Ends the functions, and tells what their logs say: calls of the table, and how many of these were tried again.
    pub(crate) async fn end(self) -> (u64, u64) {
        let (mut calls, mut again) = (0, 0);
        for pool in self.0.into_values() {
            let mut free = pool.free.into_inner();
            for _ in &pool.processes {
                let function = free.recv().await.expect("no event is under way");
                for line in function.said().lines() {
                    let line: Value = serde_json::from_str(line).expect("a log in JSON");
                    calls += line["store_calls"].as_u64().unwrap_or_default();
                    again += line["store_retries"].as_u64().unwrap_or_default();
                }
            }
        }
        (calls, again)
    }
}
