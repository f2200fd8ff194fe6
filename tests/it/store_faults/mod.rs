//! A table in trouble, at every call that every request makes to it: bounded tries, then 503 with `Retry-After`; never a
//! false success, never a state that the same request does not heal.

mod carried_out;
mod lasting;
mod passing;
mod reads;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ags_tests::{Answer, Fault, SCORE, Wire, ordered, token_form};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::task::JoinSet;

use crate::calls::{CALLS, Call, Scene, USER, scored_item};

/// A call to the table: its operation, and a text in its body that no other call of the same request has.
type TableCall = (&'static str, &'static str);

const KEYS: TableCall = ("Query", r#""KEYS""#);
const ACCESS: TableCall = ("BatchGetItem", "PLACEMENT");
const LINE_ITEMS: TableCall = ("Query", r#""ITEM#""#);
const RESULTS: TableCall = ("Query", r#""USER#""#);
const NEW_LINE_ITEM: TableCall = ("PutItem", "ITEM#");
const IDEMPOTENCY_KEY: TableCall = ("PutItem", "CREATION#");
const CHANGE: TableCall = ("UpdateItem", "changed_at");
const RESULT: TableCall = ("UpdateItem", "scored_at");
const HISTORY: TableCall = ("PutItem", "SCORE#");
const MARK: TableCall = ("UpdateItem", "outcome");
const TOOL: TableCall = ("Query", "TOOL#");
const ASSERTION: TableCall = ("PutItem", "JTI#");

/// A request of any kind that the service answers from the table.
#[derive(Debug, Clone, Copy)]
enum Request {
    Ags(&'static Call),
    /// A new line item under an `Idempotency-Key`.
    CreateOnce,
    /// Results, of one user.
    ResultsOf,
    /// A score older than the one on record, which is marked as late (AGS 100).
    LateScore,
    Token,
    PublishedKeys,
}

impl Request {
    fn all() -> impl Iterator<Item = Self> {
        use Request::{CreateOnce, LateScore, PublishedKeys, ResultsOf, Token};
        let others = [CreateOnce, ResultsOf, LateScore, Token, PublishedKeys];
        const { &CALLS }.iter().map(Self::Ags).chain(others)
    }

    /// One for each read of the table, which comes last in it, before any write.
    fn readers() -> impl Iterator<Item = Self> {
        let containers = ["", "/{item}", "/{item}/results"].map(|path| Self::ags(&Method::GET, path));
        containers.into_iter().chain([Self::PublishedKeys])
    }

    fn ags(method: &Method, path: &str) -> Self {
        let call = const { &CALLS }.iter().find(|call| call.method == *method && call.path == path);
        Self::Ags(call.unwrap_or_else(|| panic!("no such call: {method} {path}")))
    }

    const fn success(self) -> u16 {
        match self {
            Self::Ags(call) => call.success,
            Self::CreateOnce => 201,
            Self::LateScore => 409,
            Self::ResultsOf | Self::Token | Self::PublishedKeys => 200,
        }
    }

    /// What it asks of the table.
    fn table_calls(self) -> &'static [TableCall] {
        let call = match self {
            Self::Ags(call) => call,
            Self::CreateOnce => return &[KEYS, ACCESS, IDEMPOTENCY_KEY, NEW_LINE_ITEM],
            Self::ResultsOf => return &[KEYS, ACCESS],
            Self::LateScore => return &[KEYS, ACCESS, RESULT, HISTORY, MARK],
            Self::Token => return &[TOOL, KEYS, ASSERTION],
            Self::PublishedKeys => return &[KEYS],
        };
        match (call.method.as_str(), call.path) {
            ("GET", "") => &[KEYS, ACCESS, LINE_ITEMS],
            ("POST", "") => &[KEYS, ACCESS, NEW_LINE_ITEM],
            ("GET", "/{item}" | "/{item}/results/student") => &[KEYS, ACCESS],
            ("PUT" | "DELETE", "/{item}") => &[KEYS, ACCESS, CHANGE],
            ("POST", "/{item}/scores") => &[KEYS, ACCESS, RESULT, HISTORY],
            ("GET", "/{item}/results") => &[KEYS, ACCESS, RESULTS],
            _ => panic!("say here what {call:?} asks of the table"),
        }
    }
}

impl Request {
    /// What it writes to the table.
    fn writes(self) -> &'static [TableCall] {
        let calls = self.table_calls();
        let first = calls.iter().position(|(operation, _)| ["PutItem", "UpdateItem"].contains(operation));
        &calls[first.unwrap_or(calls.len())..]
    }
}

/// What a request did to the table: rows that came, and rows that went (less than zero), without what differs from one
/// request to the next.
type Effect = BTreeMap<String, i32>;

/// A service with a wire to its table, and one request at a time.
struct Stage {
    scene: Scene,
    wire: Wire,
    request: Request,
    prepared: Effect,
}

impl Stage {
    async fn new(request: Request) -> Self {
        let (scene, wire) = Scene::behind_a_wire().await;
        let mut stage = Self { scene, wire, request, prepared: Effect::new() };
        stage.prepare().await;
        stage
    }

    /// A new token and a new line item with a score; the published keys have to be read again.
    async fn prepare(&mut self) {
        let Scene { world, tool, course, .. } = &self.scene;
        let token = world.full_token(tool).await;
        let item = scored_item(world, course, &token).await;
        world.clock.advance(301);
        (self.scene.token, self.scene.item) = (token, item);
        self.prepared = self.rows().await;
        self.wire.take_calls();
    }

    /// The request, to be sent as often as a test likes.
    fn request(&self) -> RequestBuilder {
        let Scene { world, course, token, item, tool } = &self.scene;
        let http = &world.http;
        match self.request {
            Request::Ags(call) => call.request(world, &course.lineitems, item).bearer_auth(token),
            Request::CreateOnce => {
                let body = json!({ "label": "New", "scoreMaximum": 20 });
                let request = http.post(&course.lineitems).bearer_auth(token).json(&body);
                request.header("Idempotency-Key", item)
            }
            Request::ResultsOf => http.get(format!("{item}/results?user_id={USER}")).bearer_auth(token),
            Request::LateScore => {
                let mut score = world.score(USER, 1, 10);
                score["timestamp"] = "2026-11-21T11:00:00Z".into();
                http.post(format!("{item}/scores")).bearer_auth(token).json(&score)
            }
            Request::Token => {
                http.post(world.token_url()).form(&token_form(&world.assertion(tool).sign(), SCORE))
            }
            Request::PublishedKeys => http.get(format!("{}/.well-known/jwks.json", world.base)),
        }
    }

    /// Sends the request once; the same one can be sent again.
    async fn send(&self, request: &RequestBuilder) -> Answer {
        self.scene.world.send(request.try_clone().unwrap()).await
    }

    /// Sends a request that must end as one to a table in trouble.
    async fn fails(&self, request: &RequestBuilder, why: &str) {
        self.wire.take_calls();
        let answer = self.send(request).await;
        assert_eq!(answer.status, 503, "{why}: {}", answer.text);
        assert_eq!(answer.header("retry-after"), "5", "{why}");
        if matches!(self.request, Request::Token) {
            answer.expect_no_store();
            assert_eq!(answer.json()["error"], "temporarily_unavailable", "{why}");
            assert!(answer.json().get("access_token").is_none(), "{why}");
        } else {
            assert_eq!(answer.problem().0, "unavailable", "{why}");
        }
    }

    /// Sends a request while this befalls every such call: it fails after so many tries. When the fault has passed it
    /// succeeds, with the same effect as if it were the first.
    async fn fails_until_mended(
        &mut self,
        call: TableCall,
        fault: Fault,
        tries: RangeInclusive<usize>,
        usual: &Effect,
    ) {
        let why = format!("{:?}, {fault:?} at {call:?}", self.request);
        let request = self.request();
        self.disturb(call, fault, None);
        self.fails(&request, &why).await;
        let tried = self.tries(call);
        assert!(tries.contains(&tried), "{why}: {tried} tries");
        self.wire.mend();
        self.succeeds(&request, &why).await;
        assert_eq!(self.effect().await, *usual, "{why}");
        self.prepare().await;
    }

    /// Sends a request that must succeed.
    async fn succeeds(&self, request: &RequestBuilder, why: &str) {
        let answer = self.send(request).await;
        assert_eq!(answer.status, self.request.success(), "{why}: {}", answer.text);
    }

    /// How often the table was asked this since the request that failed last.
    fn tries(&self, (operation, containing): TableCall) -> usize {
        self.wire.take_calls().iter().filter(|call| call.is(operation, containing)).count()
    }

    /// From now on, or for the next calls, this befalls the call.
    fn disturb(&self, (operation, containing): TableCall, fault: Fault, count: Option<u32>) {
        match count {
            Some(count) => self.wire.next(count, fault, operation, containing),
            None => self.wire.always(fault, operation, containing),
        }
    }

    /// What was done to the table since the preparation.
    async fn effect(&self) -> Effect {
        let mut effect = self.rows().await;
        for (row, count) in &self.prepared {
            *effect.entry(row.clone()).or_default() -= count;
        }
        effect.retain(|_, count| *count != 0);
        effect
    }

    /// The effect of the request on a table that works.
    async fn usual_effect(&mut self) -> Effect {
        self.succeeds(&self.request(), "undisturbed").await;
        let effect = self.effect().await;
        assert_eq!(effect.is_empty(), self.request.writes().is_empty(), "{:?}: {effect:?}", self.request);
        self.prepare().await;
        effect
    }

    async fn rows(&self) -> Effect {
        let mut rows = Effect::new();
        for mut item in self.scene.world.all_items().await {
            item.remove("jwk");
            *rows.entry(without_serials(&ordered(&item).to_string())).or_default() += 1;
        }
        rows
    }
}

/// A text without ids, times, fingerprints and serial numbers: whatever has a digit and is long, or follows `jti-`.
fn without_serials(text: &str) -> String {
    let of_serial = |c: char| c.is_ascii_hexdigit() || ['-', ':', '.', 'T', 'Z'].contains(&c);
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| !of_serial(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (run, after) = rest.split_at(length);
        let digits = run.contains(|c: char| c.is_ascii_digit());
        plain.push_str(if digits && (run.len() >= 8 || plain.ends_with("jti")) { "…" } else { run });
        rest = after;
    }
    plain
}

/// Runs a scenario for each of the requests, all at once.
async fn for_each<F>(requests: impl Iterator<Item = Request>, scenario: impl Fn(Stage) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut running = JoinSet::new();
    for request in requests {
        running.spawn(scenario(Stage::new(request).await));
    }
    running.join_all().await;
}

/// The chart that the other tests go by is whole.
#[tokio::test]
async fn every_request_asks_the_table_what_the_tests_say() {
    for_each(Request::all(), async |stage| {
        stage.succeeds(&stage.request(), "undisturbed").await;
        let mut expected = stage.request.table_calls().to_vec();
        for call in stage.wire.take_calls() {
            let known = expected.iter().position(|(operation, containing)| call.is(operation, containing));
            expected.remove(known.unwrap_or_else(|| panic!("{:?}: unknown {call:?}", stage.request)));
        }
        assert_eq!(expected, [], "{:?}", stage.request);
    })
    .await;
}
