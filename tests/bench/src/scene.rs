//! What every measurement plays over: a tool in a course with a class, and the functions around it.

use std::path::PathBuf;

use ags_shared::auth::access_token::{self, Grant};
use ags_shared::domain::{Role, Timestamp};
use ags_tests::{
    Course, Environment, Event, Function, LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE, Stack, Tool,
};
use serde_json::{Value, json};

use crate::cores;
use crate::front::Front;

/// Whose function it is that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// This project's.
    Ours,
    /// The one that makes the same calls of the table and nothing else.
    Floor,
}

/// The learners of the class whose results are read, as one page.
pub(crate) const CLASS: usize = 50;

pub(crate) struct Scene {
    pub(crate) stack: Stack,
    pub(crate) front: Front,
    pub(crate) tool: Tool,
    /// With a class.
    pub(crate) course: Course,
    /// With a result of each learner.
    pub(crate) item: String,
    /// Where line items come and go.
    pub(crate) workshop: Course,
    pub(crate) token: String,
    /// Tokens that no function has seen.
    unseen: Vec<String>,
    serial: u64,
    /// Line items of the workshop that were created and not yet deleted.
    created: Vec<String>,
}

/// The line items of the course, with the one that has results.
pub(crate) const LINE_ITEMS: usize = 11;
/// More than any measurement uses.
const UNSEEN: usize = 2_000;

impl Scene {
    pub(crate) async fn new() -> Self {
        let stack = Stack::new().await;
        let engine = stack.table.config().endpoint.clone().expect("an engine");
        let front = Front::of(engine.trim_start_matches("http://").to_owned()).await;
        let tool = stack.tool("tool").await;
        let course = stack.place(&tool, "course").await;
        let workshop = stack.place(&tool, "workshop").await;
        let item = stack.coupled_line_item(&tool, &course, "quiz").await;
        let mut scene = Self {
            stack,
            front,
            tool,
            course,
            item,
            workshop,
            token: String::new(),
            unseen: Vec::new(),
            serial: 0,
            created: Vec::new(),
        };
        let mut function = scene.start("token", &[]).await;
        let scopes = [LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE];
        scene.token = scene.stack.token(&mut function, &scene.tool, &scopes).await;
        scene.unseen = scene.tokens(UNSEEN).await;
        let mut function = scene.start("lineitems", &[]).await;
        for number in 1..LINE_ITEMS {
            let body = json!({ "label": format!("Essay {number}"), "scoreMaximum": 10, "tag": "grade" });
            let list = scene.course.lineitems.clone();
            let event = Event::new("POST", &list).bearer(&scene.token);
            function.answer(&event.body(LINE_ITEM, body.to_string())).await.expect(201);
        }
        let mut function = scene.start("scores", &[]).await;
        for _ in 0..CLASS {
            let event = Request::Score.event(&mut scene);
            function.answer(&event).await.expect(200);
        }
        scene
    }

    /// Starts the function `name` on the core for what is measured, run by `before`, if that names a program.
    pub(crate) async fn start(&self, name: &str, before: &[&str]) -> Function {
        Function::start_measured(before, name, &self.environment(name), cores::send_away).await
    }

    /// The environment of the function `name` in the cloud, but for a signing key in a file, and of the floor.
    pub(crate) fn environment(&self, name: &str) -> Environment {
        let mut environment = self.stack.environment(name);
        let context = self.course.context.to_string();
        let item = self.item.rsplit('/').next().unwrap_or_default();
        let trusted = self.front.trusted().to_string_lossy();
        environment.extend(
            [
                ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
                ("AWS_ENDPOINT_URL_DYNAMODB", self.front.endpoint()),
                ("SSL_CERT_FILE", &trusted),
                ("FLOOR_CLIENT", self.tool.client_id.as_str()),
                ("FLOOR_CONTEXT", &context),
                ("FLOOR_ITEM", item),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        environment
    }

    /// So many tokens, as the token function would issue them.
    async fn tokens(&self, count: usize) -> Vec<String> {
        let now = self.stack.services.now();
        let key = self.stack.signer.public_half().clone().signing_from(0);
        let mut tokens = Vec::new();
        for number in 0..count {
            let grant = Grant {
                client: self.tool.client_id.parse().expect("a client id"),
                scopes: Role::Tool.scopes(),
                deployment: None,
                token_id: format!("{number:032x}"),
            };
            let signer = self.stack.signer.as_ref();
            let issuer = self.stack.services.links.issuer();
            tokens.push(access_token::mint(signer, &key, issuer, &grant, now).await.expect("a token"));
        }
        tokens
    }

    /// The line item of the workshop that was created last; one that is not there for who does not look.
    fn created(&self) -> &str {
        self.created.last().unwrap_or(&self.item)
    }

    fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}

/// The header by which the floor knows what to stand for.
const FLOOR: &str = "x-floor";
const LINE_ITEM: &str = "application/vnd.ims.lis.v2.lineitem+json";
pub(crate) const SCORE_MEDIA: &str = "application/vnd.ims.lis.v1.score+json";

/// A request of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    Token,
    LineItems,
    LineItem,
    CreateLineItem,
    ReplaceLineItem,
    DeleteLineItem,
    Score,
    /// With a token that the function sees for the first time.
    ScoreOfNewToken,
    Results,
    Result,
}

impl Request {
    /// In an order in which there are line items to delete.
    pub(crate) const ALL: [Self; 10] = [
        Self::Token,
        Self::LineItems,
        Self::LineItem,
        Self::CreateLineItem,
        Self::ReplaceLineItem,
        Self::DeleteLineItem,
        Self::Score,
        Self::ScoreOfNewToken,
        Self::Results,
        Self::Result,
    ];

    /// What a person calls it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Token => "POST token",
            Self::LineItems => "GET line items (11)",
            Self::LineItem => "GET line item",
            Self::CreateLineItem => "POST line item",
            Self::ReplaceLineItem => "PUT line item",
            Self::DeleteLineItem => "DELETE line item",
            Self::Score => "POST score",
            Self::ScoreOfNewToken => "POST score, token not seen before",
            Self::Results => "GET results (50)",
            Self::Result => "GET result of one user",
        }
    }

    /// What the floor calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::LineItems => "line-items",
            Self::LineItem => "line-item",
            Self::CreateLineItem => "create-line-item",
            Self::ReplaceLineItem => "replace-line-item",
            Self::DeleteLineItem => "delete-line-item",
            Self::Score | Self::ScoreOfNewToken => "score",
            Self::Results => "results",
            Self::Result => "result",
        }
    }

    /// Which function answers it.
    pub(crate) const fn function(self, whose: Whose) -> &'static str {
        match self {
            _ if matches!(whose, Whose::Floor) => "bench-floor",
            Self::Token => "token",
            Self::Score | Self::ScoreOfNewToken => "scores",
            Self::Results | Self::Result => "results",
            _ => "lineitems",
        }
    }

    /// Sends it, and checks that it was done.
    pub(crate) async fn play(self, whose: Whose, scene: &mut Scene, function: &mut Function) {
        let event = self.event(scene).to_json();
        self.done(whose, scene, &function.invoke(&event).await);
    }

    /// Checks an answer.
    pub(crate) fn done(self, whose: Whose, scene: &mut Scene, answer: &Value) {
        let expected = match (whose, self) {
            (Whose::Ours, Self::CreateLineItem) => 201,
            (Whose::Ours, Self::DeleteLineItem) => 204,
            _ => 200,
        };
        assert_eq!(answer["statusCode"], expected, "{self:?}: {answer}");
        if let (Whose::Ours, Self::LineItems | Self::Results) = (whose, self) {
            let body: Value =
                answer["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).expect("a list");
            let expected = if self == Self::Results { CLASS } else { LINE_ITEMS };
            assert_eq!(body.as_array().map(Vec::len), Some(expected), "{self:?}");
        }
        if expected == 201 {
            let location = answer["headers"]["location"].as_str().expect("the URL of what was created");
            scene.created.push(location.to_owned());
        } else if expected == 204 {
            scene.created.pop();
        }
    }

    /// As it comes from the gateway, with a body that was never sent before. The floor gets the same, and goes by a header
    /// that nobody else looks at.
    pub(crate) fn event(self, scene: &mut Scene) -> Event {
        let serial = scene.next();
        let item = json!({
            "label": format!("Quiz {serial}"), "scoreMaximum": 100, "tag": "grade", "resourceId": "quiz-1",
        });
        let item = item.to_string();
        let now = scene.stack.services.now();
        let event = match self {
            Self::Token => {
                let url = scene.stack.token_url();
                let assertion = scene.tool.assertion(&url, now.unix_seconds()).sign();
                return Event::token(&url, &assertion, SCORE).header(FLOOR, self.name());
            }
            Self::LineItems => Event::new("GET", &scene.course.lineitems),
            Self::LineItem => Event::new("GET", &scene.item),
            Self::CreateLineItem => Event::new("POST", &scene.workshop.lineitems).body(LINE_ITEM, item),
            Self::ReplaceLineItem => Event::new("PUT", scene.created()).body(LINE_ITEM, item),
            Self::DeleteLineItem => Event::new("DELETE", scene.created()),
            Self::Score | Self::ScoreOfNewToken => {
                let number = usize::try_from(scene.serial).expect("a small number") % CLASS + 1;
                Event::new("POST", &format!("{}/scores", scene.item))
                    .body(SCORE_MEDIA, score(&learner(number), now).to_string())
            }
            Self::Results => Event::new("GET", &format!("{}/results?limit={CLASS}", scene.item)),
            Self::Result => Event::new("GET", &format!("{}/results/learner-000001", scene.item)),
        };
        let unseen = (self == Self::ScoreOfNewToken).then(|| scene.unseen.pop().expect("enough tokens"));
        event.bearer(unseen.as_ref().unwrap_or(&scene.token)).header(FLOOR, self.name())
    }
}

/// The id by which the LMS and the tools know a learner, the first being 1.
pub(crate) fn learner(number: usize) -> String {
    format!("learner-{number:06}")
}

/// A final score such as tools send it.
pub(crate) fn score(user: &str, at: Timestamp) -> Value {
    json!({
        "userId": user,
        "scoreGiven": 83,
        "scoreMaximum": 100,
        "comment": "Well done: four of the five questions are right.",
        "timestamp": at.to_string(),
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    })
}

/// Where the functions are that are measured.
pub(crate) fn program(name: &str) -> PathBuf {
    let directory = std::env::var_os("AGS_TESTS_FUNCTIONS").expect("make bench says where they are");
    PathBuf::from(directory).join(name).join("bootstrap")
}
