//! The guide for developers of an LMS shows what the service really does: its requests and answers are those of this story.

use std::fmt::Write as _;

use ags_tests::sources::{read, write};
use ags_tests::{Answer, SCORE, World};
use reqwest::Method;
use serde_json::{Value, json};

const FILE: &str = "functions/platform/README.md";
const BASE: &str = "https://ags.example.edu";
const ITEM: &str = "01a1fdfa-4600-7000-8000-000000000001";
/// Before and after what this test writes.
const BEGIN: &str = "<!-- from the test: ";
const END: &str = "<!-- end -->";

/// The story, and what was said so far.
struct Story {
    world: World,
    /// The LMS's token.
    token: String,
    exchanges: Vec<(&'static str, String)>,
}

impl Story {
    async fn new() -> Self {
        let world = World::new().await;
        let token = world.lms_token().await;
        Self { world, token, exchanges: Vec::new() }
    }

    /// The LMS sends a request that must succeed; the story goes on with its answer.
    async fn lms(&mut self, name: &'static str, method: Method, path: &str, body: Value) -> Value {
        let url = if path.starts_with("http") { path.to_owned() } else { self.world.platform_url(path) };
        let answer = self.world.call(method.clone(), &url, &self.token, &body).await;
        assert!(matches!(answer.status, 200 | 204), "{name}: {answer:?}");
        self.tell(name, &method, &url, &body, &answer);
        if answer.text.is_empty() { Value::Null } else { answer.json() }
    }

    fn tell(&mut self, name: &'static str, method: &Method, url: &str, body: &Value, answer: &Answer) {
        let path = url.strip_prefix(&self.world.base).unwrap_or(url);
        let mut text = format!("{method} {path} HTTP/1.1\nHost: ags.example.edu\nAuthorization: Bearer …\n");
        if !body.is_null() {
            _ = write!(text, "Content-Type: application/json\n\n{body:#}\n");
        }
        let status = answer.status;
        let said = if answer.text.is_empty() { String::new() } else { format!("\n{:#}\n", answer.json()) };
        let text = self.timeless(&format!("```http\n{text}```\n\n```http\nHTTP/1.1 {status}\n{said}```\n"));
        self.exchanges.push((name, text));
    }

    /// A text without what differs from run to run.
    fn timeless(&self, text: &str) -> String {
        let text = text.replace(&self.world.base, BASE);
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            let run =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(rest.len());
            let (word, after) = rest.split_at(run.max(first.len_utf8()));
            let said = match word {
                word if word.len() == 36 && word.matches('-').count() == 4 => ITEM.to_owned(),
                // A fraction of a second.
                word if word.ends_with('Z') && word.contains('.') => {
                    format!("{}Z", word.split('.').next().unwrap_or_default())
                }
                // A cursor, a key, a digest, the id of a token.
                word if word.len() >= 32 => "…".to_owned(),
                // Nanoseconds since 1970.
                word if word.len() == 19 && word.bytes().all(|byte| byte.is_ascii_digit()) => {
                    format!("{}000000000", &word[..10])
                }
                word => word.to_owned(),
            };
            plain.push_str(&said);
            rest = after;
        }
        plain
    }

    /// The guide with the exchanges of this story.
    fn renewed(&self, guide: &str) -> String {
        let mut text = guide.to_owned();
        for (name, exchange) in &self.exchanges {
            let begin = format!("{BEGIN}{name} -->\n");
            let (before, rest) =
                text.split_once(&begin).unwrap_or_else(|| panic!("{FILE} has no place for {name}"));
            let (_, after) = rest.split_once(END).unwrap_or_else(|| panic!("{name} in {FILE} has no end"));
            text = format!("{before}{begin}{exchange}{END}{after}");
        }
        assert_eq!(text.matches(BEGIN).count(), self.exchanges.len(), "{FILE} shows what nothing tells");
        text
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "it says whether to write the guide")]
async fn the_guide_for_an_lms_shows_what_the_service_answers() {
    let mut story = Story::new().await;
    let tool = ags_tests::Platform::client("quiz-tool");
    let jwks: Value = serde_json::from_str(&tool.key.jwks()).unwrap();
    let body = json!({ "name": "Quiz tool", "jwks": jwks, "deployments": ["1"] });
    story.lms("tool", Method::PUT, "tools/quiz-tool", body).await;
    story.lms("context", Method::PUT, "contexts/algebra-1", json!({ "title": "Algebra" })).await;
    let place = "contexts/algebra-1/tools/quiz-tool";
    story.lms("placement", Method::PUT, place, json!({ "deployment": "1" })).await;
    let body = json!({
        "title": "Quiz of the first week",
        "score_maximum": 20,
        "submission": { "end": "2026-12-01T23:59:59Z" },
        "late": "refuse",
    });
    let link = story.lms("link", Method::PUT, &format!("{place}/links/quiz-1"), body).await;
    let item = link["line_item_url"].as_str().unwrap().to_owned();
    let claim = format!("{place}/links/quiz-1/claim?user_id=learner-7");
    let claim = story.lms("claim", Method::GET, &claim, Value::Null).await;
    let endpoint = &claim["claims"]["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"];
    assert_eq!(endpoint["lineitem"], item);

    // The tool, which knows nothing but the claim.
    let own = story.world.token(&tool, &[SCORE]).await;
    let score = story.world.score("learner-7", 8, 10);
    let url = format!("{}/scores", endpoint["lineitem"].as_str().unwrap());
    let answer = story.world.post(&url, &own, &score).await.expect(200);
    story.tell("score", &Method::POST, &url, &score, &answer);

    let grades = story.lms("grades", Method::GET, "contexts/algebra-1/grades", Value::Null).await;
    assert_eq!(grades["entries"][0]["result"]["score"], 16);
    let id = item.rsplit('/').next().unwrap();
    let grade = format!("{place}/lineitems/{id}/grades/learner-7");
    let body = json!({ "score": 18, "by": "teacher-1", "reason": "The third question was ambiguous" });
    story.lms("override", Method::PUT, &format!("{grade}/override"), body).await;
    let changes = grades["changes"].as_str().unwrap();
    let changed = story.lms("changes", Method::GET, changes, Value::Null).await;
    assert_eq!(changed["entries"][0]["result"]["score"], 18);
    story.lms("history", Method::GET, &format!("{grade}/history"), Value::Null).await;
    let body = json!({ "to": "algebra-2", "links": { "quiz-1": "quiz-1b" } });
    story.lms("copy", Method::POST, "contexts/algebra-1/copies", body).await;
    story.lms("export", Method::GET, "users/learner-7", Value::Null).await;
    story.lms("erase", Method::DELETE, "users/learner-7", Value::Null).await;

    let guide = read(FILE);
    let renewed = story.renewed(&guide);
    if std::env::var("AGS_TESTS_WRITE_GUIDE").is_ok() {
        write(FILE, &renewed);
    } else {
        assert_eq!(guide, renewed, "{FILE} is out of date: make guide");
    }
}
