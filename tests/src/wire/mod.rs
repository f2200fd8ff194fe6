//! The wire between the functions and the engine, which a test can disturb at a chosen call.

mod fault;
mod proxy;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::net::TcpSocket;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::Table;
use crate::process::patiently;
pub use fault::Fault;

/// A proxy before the engine.
pub struct Wire {
    address: SocketAddr,
    endpoint: String,
    state: Arc<Shared>,
    listening: tokio::sync::Mutex<Option<JoinHandle<()>>>,
    /// Bound and never listening, so that nobody else gets the port while the wire is down.
    _reserved: TcpSocket,
}

struct Shared {
    engine: String,
    http: reqwest::Client,
    rules: Mutex<Vec<Rule>>,
    seen: watch::Sender<Vec<Seen>>,
    release: Notify,
}

/// Which calls: a DynamoDB operation, and a text in its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Calls<'a> {
    operation: &'a str,
    containing: &'a str,
}

/// What befalls such calls, and how many of them; all, if it does not say.
struct Rule {
    operation: &'static str,
    containing: String,
    fault: Fault,
    left: Option<u32>,
}

/// A call that came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The DynamoDB operation.
    pub operation: String,
    /// What it asks.
    pub body: String,
    /// What the engine answered; empty where it did not.
    answer: String,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It waits.
    Held,
    /// The engine never saw it.
    Failed,
    /// The engine has carried it out, or refused it, with this status.
    Answered(u16),
}

impl Calls<'_> {
    fn include(&self, operation: &str, body: &str) -> bool {
        self.operation == operation && body.contains(self.containing)
    }
}

impl Shared {
    /// What befalls this call.
    fn fault(&self, operation: &str, body: &str) -> Option<Fault> {
        let mut rules = self.rules.lock().expect("nobody panics with it");
        let of = |rule: &Rule| {
            Calls { operation: rule.operation, containing: &rule.containing }.include(operation, body)
        };
        let index = rules.iter().position(of)?;
        let rule = &mut rules[index];
        let fault = rule.fault;
        if let Some(left) = &mut rule.left {
            *left -= 1;
            if *left == 0 {
                rules.remove(index);
            }
        }
        Some(fault)
    }
}

impl Wire {
    /// A wire to the engine that has this table.
    pub async fn to(table: &Table) -> Self {
        let reserved = bound((Ipv4Addr::LOCALHOST, 0).into());
        let address = reserved.local_addr().expect("an address");
        let state = Arc::new(Shared {
            engine: table.config().endpoint.clone().expect("an engine on this machine"),
            http: crate::http(),
            rules: Mutex::default(),
            seen: watch::Sender::default(),
            release: Notify::new(),
        });
        let endpoint = format!("http://{address}");
        let wire =
            Self { address, endpoint, state, listening: tokio::sync::Mutex::default(), _reserved: reserved };
        wire.up().await;
        wire
    }

    /// For `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// From now on nobody listens here, and every connection is broken off.
    pub async fn down(&self) {
        let listening = self.listening.lock().await.take();
        let listening = listening.expect("a wire that is up");
        listening.abort();
        assert!(listening.await.is_err_and(|end| end.is_cancelled()), "it listens until it is told not to");
    }

    /// Listens again.
    pub async fn up(&self) {
        let listener = bound(self.address).listen(1_024).expect("a port of our own");
        let task = tokio::spawn(proxy::serve(listener, Arc::clone(&self.state)));
        *self.listening.lock().await = Some(task);
    }

    fn rule(&self, fault: Fault, left: Option<u32>, operation: &'static str, containing: &str) {
        let rule = Rule { operation, containing: containing.to_owned(), fault, left };
        self.state.rules.lock().expect("nobody panics with it").push(rule);
    }

    /// From now on, `fault` befalls every call of `operation` with `containing` in its body.
    pub fn always(&self, fault: Fault, operation: &'static str, containing: &str) {
        self.rule(fault, None, operation, containing);
    }

    /// `fault` befalls the next `count` such calls.
    pub fn next(&self, count: u32, fault: Fault, operation: &'static str, containing: &str) {
        self.rule(fault, Some(count), operation, containing);
    }

    /// From now on, such calls wait and do not reach the engine.
    pub fn hold(&self, operation: &'static str, containing: &str) {
        self.always(Fault::Hold, operation, containing);
    }

    /// From now on, such calls are refused, as for a missing permission.
    pub fn refuse(&self, operation: &'static str, containing: &str) {
        self.always(Fault::REFUSED, operation, containing);
    }

    /// From now on, such calls fail, as on a table in trouble.
    pub fn fail(&self, operation: &'static str, containing: &str) {
        self.always(Fault::BROKEN, operation, containing);
    }

    /// The answer to the next such call is lost after the engine has carried it out, so that the client library sends
    /// it again.
    pub fn lose_one_answer(&self, operation: &'static str, containing: &str) {
        self.next(1, Fault::LoseAnswer, operation, containing);
    }

    /// From now on, a batch brings the first half of its keys, at least one, and leaves the others to be asked for again,
    /// as a busy table does.
    pub fn halve_batches(&self) {
        self.always(Fault::HalveBatch, "BatchGetItem", "");
    }

    /// Whether everything that was to befall a number of calls has.
    pub fn is_spent(&self) -> bool {
        self.state.rules.lock().expect("nobody panics with it").is_empty()
    }

    /// The calls that came since they were last taken, or since [`answered_calls`](Self::answered_calls).
    pub fn take_calls(&self) -> Vec<Seen> {
        self.state.seen.send_replace(Vec::new())
    }

    /// The operations that the engine has answered since the calls were last taken.
    pub fn answered_calls(&self) -> Vec<String> {
        let answered = |call: &Seen| matches!(call.end, End::Answered(_));
        self.take_calls().into_iter().filter(answered).map(|call| call.operation).collect()
    }

    /// From now on, every call passes; those that are held stay so.
    pub fn mend(&self) {
        self.state.rules.lock().expect("nobody panics with it").clear();
    }

    /// Lets the calls that are held go on to the engine, whether or not anybody still waits for their answers.
    pub fn release(&self) {
        self.state.release.notify_waiters();
    }

    /// Waits until such a call is held.
    pub async fn held(&self, operation: &'static str, containing: &str) {
        self.saw(operation, containing, |end| end == End::Held).await;
    }

    /// Waits until the engine has answered such a call with `status`.
    pub async fn answered(&self, operation: &'static str, containing: &str, status: u16) {
        self.saw(operation, containing, |end| end == End::Answered(status)).await;
    }

    async fn saw(&self, operation: &str, containing: &str, ended: impl Fn(End) -> bool) {
        let calls = Calls { operation, containing };
        let among =
            |seen: &Vec<Seen>| seen.iter().any(|call| call.is(operation, containing) && ended(call.end));
        let mut seen = self.state.seen.subscribe();
        let found = patiently(&format!("{calls:?} on the wire"), seen.wait_for(among)).await;
        drop(found.expect("a sender that lives"));
    }
}

impl Seen {
    /// Whether it is a call of `operation` with `containing` in its body.
    pub fn is(&self, operation: &str, containing: &str) -> bool {
        Calls { operation, containing }.include(&self.operation, &self.body)
    }

    /// What the engine reckons for it, in read or write units; none if it did not answer.
    pub fn units(&self) -> Option<f64> {
        let answer: Value = serde_json::from_str(&self.answer).ok()?;
        // Of one table, or of each one in a list.
        let of = |table: &Value| table["CapacityUnits"].as_f64();
        let consumed = &answer["ConsumedCapacity"];
        consumed.as_array().map_or_else(|| of(consumed), |tables| tables.iter().map(of).sum())
    }

    /// What the engine reckons for all of these, in read units and in write units.
    pub fn all_units(calls: &[Self]) -> (f64, f64) {
        let of = |reads: bool| {
            let is_read = |name: &str| matches!(name, "GetItem" | "BatchGetItem" | "Query");
            let calls = calls.iter().filter(|call| is_read(&call.operation) == reads);
            calls.fold(0.0, |sum, call| sum + call.units().unwrap_or_default())
        };
        (of(true), of(false))
    }

    /// What it asks, as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a call is JSON")
    }
}

/// A socket at the address, beside others of the same wire.
fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("an option of sockets");
    socket.set_reuseport(true).expect("an option of sockets");
    socket.bind(address).expect("a free port");
    socket
}
