//! A soak: the dev server under steady load, whose memory must not grow.
//!
//! What the table holds does not grow, so that whatever else does is a leak. The same learners get scores again and again,
//! of which no history is kept. A laptop's table never deletes the names of used assertions; a name is used again as soon as
//! the service no longer remembers it.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ags_shared::auth::LEEWAY_SECONDS;
use ags_shared::clock::{Clock, SystemClock};
use ags_tests::{Answer, Dev, LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE, Tool, token_form};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::Options;
use super::growth::{Growth, SAMPLES};
use crate::cores;

/// Each works for learners of its own.
const WORKERS: u32 = 4;
const LEARNERS: u32 = 50;
/// The results on a page.
const PAGE: usize = 50;
/// How long an assertion lives, and after how many tokens, one each second, its name is used again.
const LIFE: i64 = 5;
const NAMES: i64 = LIFE + LEEWAY_SECONDS + 5;

/// A tool of the dev server.
struct Soak {
    dev: Dev,
    tool: Tool,
    item: String,
    token: watch::Sender<String>,
    /// How many requests were answered.
    done: watch::Sender<u32>,
}

/// Prints how much memory `agsctl dev` has under steady load, and fails if that grows.
#[tokio::main]
pub(crate) async fn soak(arguments: &[String]) -> ExitCode {
    let options = Options::read(arguments, [("seconds", 300), ("rate", 60)]);
    let (seconds, rate) = (options.get("seconds"), options.get("rate"));
    eprintln!("   soak: {seconds} s");
    let directory = TempDir::new().expect("a directory");
    let soak = Arc::new(Soak::new(directory.path()).await);
    let mut load = JoinSet::new();
    let pause = Duration::from_secs(1) * WORKERS / rate;
    for worker in 0..WORKERS {
        let soak = Arc::clone(&soak);
        load.spawn(async move { soak.work(worker, pause).await });
    }
    let renewing = Arc::clone(&soak);
    load.spawn(async move { renewing.renew().await });

    let mut growth = Growth::new();
    let mut ticks = every(Duration::from_secs(seconds.into()) / SAMPLES);
    for _ in 0..=SAMPLES {
        tokio::select! {
            _ = ticks.tick() => growth.note(*soak.done.borrow(), cores::resident(soak.dev.id())),
            Some(ended) = load.join_next() => panic!("the load ended: {ended:?}"),
        }
        let now = *soak.done.borrow();
        assert!(growth.is_going_on(), "the server has stopped answering after {now} requests");
    }
    load.shutdown().await;
    soak.expect_no_history().await;
    println!("### Soak of the dev server\n\n{growth}");
    if growth.is_flat() {
        return ExitCode::SUCCESS;
    }
    eprintln!("the memory of agsctl dev grows: see above");
    ExitCode::FAILURE
}

/// Ticks that stay apart, however late one comes.
fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

impl Soak {
    async fn new(directory: &Path) -> Self {
        let dev = Dev::start(directory).await;
        let tool = dev.tool("tool");
        let url = format!("{}/tools/{}", dev.text("/platform_url"), tool.client_id);
        let request = dev.http.patch(url).bearer_auth(lms_token(&dev).await);
        Answer::fetch(request.json(&json!({ "defaults": { "history_days": 0 } }))).await.expect(200);

        let token = dev.token("tool", &[LINEITEM]).await;
        let body = json!({ "label": "Soak", "scoreMaximum": 100 });
        let request = dev.http.post(dev.text("/lineitems_url")).bearer_auth(&token).json(&body);
        let answer = Answer::fetch(request).await.expect(201);
        let item = answer.json()["id"].as_str().expect("an id").to_owned();
        let soak = Self { dev, tool, item, token: watch::Sender::default(), done: watch::Sender::default() };
        soak.take_token(0).await;
        soak
    }

    /// Sends a request after each pause: most are scores, as on a day of exams.
    async fn work(&self, worker: u32, pause: Duration) {
        let mut ticks = every(pause);
        let mut last = (String::new(), 0);
        for serial in 0_u32.. {
            ticks.tick().await;
            match serial % 10 {
                7 => {
                    let items = self.read(self.dev.text("/lineitems_url")).await;
                    let items = items.as_array().expect("an array");
                    assert!(items.iter().any(|item| item["id"] == self.item), "{items:?}");
                }
                8 => {
                    let results = self.read(&format!("{}/results?limit={PAGE}", self.item)).await;
                    assert!((1..=PAGE).contains(&results.as_array().expect("an array").len()), "{results}");
                }
                9 => {
                    let (user, given) = &last;
                    let result = self.read(&format!("{}/results/{user}", self.item)).await;
                    assert_eq!(result["resultScore"], *given, "not what was sent last: {result}");
                }
                _ => {
                    last = (format!("soak-{worker}-{}", serial % LEARNERS), serial % 101);
                    self.score(&last.0, last.1).await;
                }
            }
            self.done.send_modify(|done| *done += 1);
        }
    }

    /// Takes a token each second.
    async fn renew(&self) {
        let mut ticks = every(Duration::from_secs(1));
        for serial in 1.. {
            ticks.tick().await;
            self.take_token(serial % NAMES).await;
            self.done.send_modify(|done| *done += 1);
        }
    }

    async fn take_token(&self, name: i64) {
        let (url, now) = (self.dev.text("/token_url"), SystemClock.now().unix_seconds());
        let assertion = self.tool.assertion(url, now).claim("exp", now + LIFE);
        let assertion = assertion.claim("jti", format!("soak-{name}")).sign();
        let scopes = [LINEITEM_READONLY, RESULT_READONLY, SCORE].join(" ");
        let request = self.dev.http.post(url).form(&token_form(&assertion, &scopes));
        let answer = Answer::fetch(request).await.expect(200);
        self.token.send_replace(answer.json()["access_token"].as_str().expect("a token").to_owned());
    }

    async fn score(&self, user: &str, given: u32) {
        let body = json!({
            "userId": user,
            "scoreGiven": given,
            "scoreMaximum": 100,
            "comment": format!("{given} of 100 points."),
            "timestamp": SystemClock.now().to_string(),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
        });
        let token = self.token.borrow().clone();
        let request = self.dev.http.post(format!("{}/scores", self.item)).bearer_auth(token);
        Answer::fetch(request.json(&body)).await.expect(200);
    }

    async fn read(&self, url: &str) -> Value {
        let token = self.token.borrow().clone();
        self.dev.get(url, &token).await.expect(200).json()
    }

    /// Checks that the table does not grow by what it keeps of each score.
    async fn expect_no_history(&self) {
        let id = self.item.rsplit('/').next().expect("the URL of a line item");
        let (platform, context) = (self.dev.text("/platform_url"), self.dev.text("/context_id"));
        let grade = format!(
            "{platform}/contexts/{context}/tools/{}/lineitems/{id}/grades/soak-0-0/history",
            self.tool.client_id
        );
        let history = self.dev.get(&grade, &lms_token(&self.dev).await).await.expect(200).json();
        assert_eq!(history["entries"], json!([]), "{history}");
    }
}

/// A token for the LMS's side.
async fn lms_token(dev: &Dev) -> String {
    dev.token("lms", &[&format!("{}/scope/platform", dev.text("/issuer"))]).await
}
