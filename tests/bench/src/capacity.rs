//! What each request takes of the table, and that a large class makes none dearer.

use std::fmt::Display;

use ags_tests::{Answer, Event, SCORE};
use serde_json::json;

use crate::class::{Class, Taken};
use crate::figures::Table;
use crate::scene::{Request, learner};

const CLASSES: [usize; 3] = [10, 1_000, 100_000];

/// Learners on each page of a walk through all results: in the larger classes the last has 100.
const PAGE: usize = 900;

/// What a request may take.
#[derive(Clone, Copy)]
enum Bound {
    /// The same in every class.
    Same,
    /// The same in every class, and at most so many read and write units.
    Units(f64, f64),
    /// As much as its page, of which a class of 10 has less than one.
    Page,
}

/// A kind of request in one class.
struct Measured {
    title: &'static str,
    bound: Bound,
    taken: Taken,
}

/// The calls and units of every request, in classes of three sizes.
pub(crate) async fn table() -> String {
    let mut classes = Vec::new();
    for size in CLASSES {
        eprintln!("   capacity: a class of {size}");
        classes.push(Session::of(size).await);
    }
    let mut table =
        Table::new(&["request", "calls", "read units", "write units", "in a larger class", "budget"]);
    for (row, Measured { title, bound, .. }) in classes[0].iter().enumerate() {
        let taken = [0, 1, 2].map(|class: usize| classes[class][row].taken);
        table.row(&[
            (*title).to_owned(),
            figures(taken.map(|taken| taken.calls)),
            figures(taken.map(|taken| taken.reads)),
            figures(taken.map(|Taken { writes, refused, .. }| match refused {
                0 => writes.to_string(),
                refused => format!("{writes} and {refused} refused"),
            })),
            growth(*bound, taken).to_owned(),
            budget(*bound, taken),
        ]);
    }
    table.to_string()
}

/// One figure where all classes have the same, else all three.
fn figures(of_classes: [impl Display; 3]) -> String {
    let [first, others @ ..] = of_classes.map(|figure| figure.to_string());
    if others.iter().all(|other| *other == first) {
        return first;
    }
    format!("{first} / {}", others.join(" / "))
}

fn growth(bound: Bound, [small, large, huge]: [Taken; 3]) -> &'static str {
    match bound {
        Bound::Page if large == huge => "that of the page",
        Bound::Same | Bound::Units(..) if small == large && large == huge => "the same",
        _ => "**not the same**",
    }
}

fn budget(bound: Bound, taken: [Taken; 3]) -> String {
    let Bound::Units(reads, writes) = bound else { return "–".to_owned() };
    #[expect(clippy::cast_precision_loss, reason = "one or two")]
    let billed = |taken: &Taken| taken.writes + taken.refused as f64;
    let kept = taken.iter().all(|taken| taken.reads <= reads && billed(taken) <= writes);
    format!("≤ {reads} and {writes}: {}", if kept { "kept" } else { "**over**" })
}

/// The requests in one class, as far as they are measured.
struct Session {
    class: Class,
    measured: Vec<Measured>,
}

impl Session {
    async fn of(size: usize) -> Vec<Measured> {
        let mut session = Self { class: Class::of(size).await, measured: Vec::new() };
        session.line_items().await;
        session.scores().await;
        session.results().await;
        session.lms().await;
        session.measured
    }

    /// Sends a request, which is answered with `status`, and notes what it took.
    async fn ask(
        &mut self,
        title: &'static str,
        bound: Bound,
        function: &str,
        status: u16,
        event: Event,
    ) -> Answer {
        let (answer, taken) = self.class.ask(function, &event).await;
        self.measured.push(Measured { title, bound, taken });
        answer.expect(status)
    }

    /// The token, and the requests that know no learner.
    async fn line_items(&mut self) {
        let url = self.class.stack.token_url();
        let assertion = self.class.tool.assertion(&url, self.class.stack.services.now().unix_seconds());
        let event = Event::token(&url, &assertion.sign(), SCORE);
        self.ask(Request::Token.title(), Bound::Units(1.0, 1.0), "token", 200, event).await;

        let essay = json!({ "label": "Essay", "scoreMaximum": 10, "tag": "grade" }).to_string();
        let essay = |event: Event| event.body("application/json", &essay);
        let (list, item) = (self.class.course.lineitems.clone(), self.class.item.clone());
        let event = self.class.event("GET", &list);
        self.ask(Request::LineItems.title(), Bound::Same, "lineitems", 200, event).await;
        let event = self.class.event("GET", &item);
        self.ask(Request::LineItem.title(), Bound::Same, "lineitems", 200, event).await;
        let event = essay(self.class.event("POST", &list));
        let created = self.ask(Request::CreateLineItem.title(), Bound::Same, "lineitems", 201, event).await;
        let event = essay(self.class.event("PUT", created.header("location")));
        self.ask(Request::ReplaceLineItem.title(), Bound::Same, "lineitems", 200, event).await;
        let event = self.class.event("DELETE", created.header("location"));
        self.ask(Request::DeleteLineItem.title(), Bound::Same, "lineitems", 204, event).await;
    }

    /// After these, the last learner of the class has a result, too.
    async fn scores(&mut self) {
        let bound = Bound::Units(3.0, 2.0);
        let stale = self.class.score(1);
        let event = self.class.score(1);
        self.ask(Request::Score.title(), bound, "scores", 200, event.clone()).await;
        self.ask("… sent again", bound, "scores", 200, event).await;
        self.ask("… older than the one on record", bound, "scores", 409, stale).await;
        let first = self.class.score(self.class.size);
        self.ask("… the first of a learner", bound, "scores", 200, first).await;
    }

    async fn results(&mut self) {
        let item = self.class.item.clone();
        let event = self.class.event("GET", &format!("{item}/results/{}", learner(1)));
        self.ask(Request::Result.title(), Bound::Same, "results", 200, event).await;
        for (limit, title) in [(50, Request::Results.title()), (100, "GET results (100)")] {
            let event = self.class.event("GET", &format!("{item}/results?limit={limit}"));
            let answer = self.ask(title, Bound::Page, "results", 200, event).await;
            assert_eq!(entries(&answer), limit.min(self.class.size));
        }
        let mut url = format!("{item}/results?limit={PAGE}");
        let mut seen = 0;
        while self.class.size - seen > PAGE {
            let (answer, _) = self.class.ask("results", &self.class.event("GET", &url)).await;
            seen += entries(&answer);
            url = answer.next().expect("a page that is not the last");
        }
        let event = self.class.event("GET", &url);
        let last = self.ask("… the last 100 of all", Bound::Page, "results", 200, event).await;
        assert_eq!(
            (seen + entries(&last), last.next()),
            (self.class.size, None),
            "the whole class, each once"
        );
    }

    async fn lms(&mut self) {
        let item = self.class.item.rsplit('/').next().unwrap_or_default();
        let grades = format!("contexts/course/tools/tool/lineitems/{item}/grades?limit=100");
        let link = "contexts/course/tools/tool/links/quiz";
        let claim = format!("{link}/claim?user_id={}", learner(1));
        let person = format!("users/{}", learner(1));
        let event = self.class.lms_event("GET", &grades);
        self.ask("GET grades of a line item (100), for the LMS", Bound::Page, "platform", 200, event).await;
        let event = self.class.lms_event("GET", &claim);
        self.ask("GET claim of a launch", Bound::Same, "platform", 200, event).await;
        let event = self.class.lms_event("PUT", link);
        let event = event.body("application/json", json!({ "title": "Quiz of the week" }).to_string());
        self.ask("PUT link", Bound::Same, "platform", 200, event).await;
        let event = self.class.lms_event("GET", &person);
        self.ask("GET all that is held on a person", Bound::Same, "platform", 200, event).await;
    }
}

/// How many entries a page has.
fn entries(page: &Answer) -> usize {
    page.json().as_array().expect("a list").len()
}
