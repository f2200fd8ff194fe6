//! The tools at work.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ags_tests::{Answer, Course, Event, LINEITEM_READONLY, RESULT_READONLY, SCORE, Stack, Tool};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

use super::fleet::{Fleet, Served};
use super::plan::{Act, Plan, Step, TOOLS, name};
use super::tally::{Kind, Tally};
use crate::scene::SCORE_MEDIA;

/// The results on a page.
const PAGE: usize = 100;

/// An exam in one course.
pub(crate) struct Session {
    pub(crate) stack: Stack,
    pub(crate) fleet: Fleet,
    pub(crate) plan: Plan,
    pub(crate) tally: Tally,
    pub(crate) desks: Vec<Desk>,
    /// Steps that were taken.
    taken: AtomicUsize,
    /// By learner, how many scores were acknowledged.
    acknowledged: Vec<watch::Sender<usize>>,
}

/// What a tool has.
pub(crate) struct Desk {
    tool: Tool,
    course: Course,
    pub(crate) item: String,
    token: Mutex<String>,
    /// The page of results that is read next.
    page: Mutex<String>,
}

impl Desk {
    fn first_page(&self) -> String {
        format!("{}/results?limit={PAGE}", self.item)
    }
}

impl Session {
    /// Before anybody has a score, and with a token for each tool.
    pub(crate) async fn open(stack: Stack, fleet: Fleet, learners: usize) -> Self {
        let mut desks = Vec::new();
        for (client, _) in TOOLS {
            let tool = stack.tool(client).await;
            let course = stack.place(&tool, "exam").await;
            let item = stack.coupled_line_item(&tool, &course, &format!("part of {client}")).await;
            let desk = Desk { tool, course, item, token: Mutex::default(), page: Mutex::default() };
            *desk.page.lock().expect("nobody panics with it") = desk.first_page();
            desks.push(desk);
        }
        let plan = Plan::new(learners, stack.services.now());
        let acknowledged = (0..learners).map(|_| watch::Sender::default()).collect();
        let session = Self {
            stack,
            fleet,
            plan,
            tally: Tally::default(),
            desks,
            taken: AtomicUsize::default(),
            acknowledged,
        };
        for desk in &session.desks {
            session.renew(desk).await;
        }
        session
    }

    /// Takes one step after the other until none is left; several do so side by side.
    pub(crate) async fn work(&self) {
        while let Some(step) = self.plan.steps.get(self.taken.fetch_add(1, Ordering::Relaxed)) {
            self.take(step).await;
        }
    }

    /// Whether so many percent of the steps were taken.
    pub(crate) fn is_past(&self, percent: usize) -> bool {
        self.taken.load(Ordering::Relaxed) * 100 >= self.plan.steps.len() * percent
    }

    async fn take(&self, step: &Step) {
        let desk = &self.desks[step.tool];
        match step.act {
            Act::Token => self.renew(desk).await,
            Act::LineItems => {
                let answer = self.read(Kind::LineItems, desk, &desk.course.lineitems).await;
                let items = answer.json();
                assert!(items[0]["id"] == desk.item && items[1].is_null(), "not those of the tool: {items}");
            }
            Act::Results => {
                let page = desk.page.lock().expect("nobody panics with it").clone();
                let (_, next) = self.results(desk, &page).await;
                *desk.page.lock().expect("nobody panics with it") = next.unwrap_or_else(|| desk.first_page());
            }
            Act::Score { learner, stage } => self.score(desk, learner, stage).await,
        }
    }

    async fn renew(&self, desk: &Desk) {
        let scopes = [LINEITEM_READONLY, RESULT_READONLY, SCORE].join(" ");
        let url = self.stack.token_url();
        // Nobody may send an assertion twice, be it because the service was busy.
        let answer = self.send(Kind::Token, || {
            let now = self.stack.services.now().unix_seconds();
            Event::token(&url, &desk.tool.assertion(&url, now).sign(), &scopes)
        });
        let token = answer.await.json()["access_token"].as_str().expect("a token").to_owned();
        *desk.token.lock().expect("nobody panics with it") = token;
    }

    async fn score(&self, desk: &Desk, learner: usize, stage: usize) {
        // What a learner did first is acknowledged before what came next is sent.
        let acknowledged = &self.acknowledged[learner];
        let before = acknowledged.subscribe().wait_for(|count| *count == stage).await.map(drop);
        before.expect("a sender that lives");
        let (url, body) = (format!("{}/scores", desk.item), self.plan.score(learner, stage).to_string());
        let event = || {
            let token = desk.token.lock().expect("nobody panics with it").clone();
            Event::new("POST", &url).bearer(&token).body(SCORE_MEDIA, &body)
        };
        let answer = self.send(Kind::Score, event).await.json();
        assert_eq!(answer["resultUrl"], format!("{}/results/{}", desk.item, name(learner)));
        acknowledged.send_replace(stage + 1);
    }

    /// How many scores were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.iter().map(|count| *count.borrow()).sum()
    }

    /// A page of results, and the address of the next.
    async fn results(&self, desk: &Desk, url: &str) -> (Vec<Value>, Option<String>) {
        let answer = self.read(Kind::Results, desk, url).await;
        let results = answer.json().as_array().expect("an array").clone();
        assert!(results.len() <= PAGE, "{} results on a page", results.len());
        (results, answer.next())
    }

    /// Every result that a tool sees, page by page.
    pub(crate) async fn all_results(&self, desk: &Desk) -> Vec<Value> {
        let mut all = Vec::new();
        let mut url = Some(desk.first_page());
        while let Some(here) = url {
            let (results, next) = self.results(desk, &here).await;
            all.extend(results);
            url = next;
        }
        all
    }

    async fn read(&self, kind: Kind, desk: &Desk, url: &str) -> Answer {
        let event = || Event::new("GET", url).bearer(&desk.token.lock().expect("nobody panics with it"));
        self.send(kind, event).await
    }

    /// Sends a request, and again where the answer is that the service is busy, when that says. Any other answer than
    /// success is a defect of the service, or of this bench.
    async fn send(&self, kind: Kind, event: impl Fn() -> Event) -> Answer {
        let mut whole = Duration::ZERO;
        loop {
            let event = event();
            let Served { response, waited, took } =
                self.fleet.invoke(kind.function(), &event.to_json()).await;
            whole += waited + took;
            let answer = Answer::from_gateway(&event, &response);
            match answer.status {
                200 => {
                    self.tally.done(kind, whole, took);
                    return answer;
                }
                503 => {
                    self.tally.refused(kind);
                    let wait = answer.header("retry-after").parse().expect("a number of seconds");
                    let wait = Duration::from_secs(wait);
                    sleep(wait).await;
                    whole += wait;
                }
                status => panic!("{kind:?} was answered {status}: {}", answer.text),
            }
        }
    }
}
