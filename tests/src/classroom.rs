//! What most tests start from: one tool in one course, with a token for everything.

use std::ops::Deref;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{Answer, Course, Tool, Wire, World};

/// A [`World`] with one tool, its course and its token.
pub struct Classroom {
    /// The service and its surroundings.
    pub world: World,
    /// The tool.
    pub tool: Tool,
    /// Where it is placed.
    pub course: Course,
    /// Holds the scopes of every AGS call.
    pub token: String,
    /// Holds the scope of every call on the LMS's side.
    pub lms: String,
}

impl Deref for Classroom {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Classroom {
    /// A fresh one.
    pub async fn new() -> Self {
        Self::in_world(World::new().await).await
    }

    /// A fresh one, with a wire to the table that the test can cut.
    pub async fn behind_a_wire() -> (Self, Wire) {
        let (world, wire) = World::behind_a_wire().await;
        (Self::in_world(world).await, wire)
    }

    async fn in_world(world: World) -> Self {
        let tool = world.tool("tool").await;
        let course = world.place(&tool, "course").await;
        let token = world.full_token(&tool).await;
        let lms = world.lms_token().await;
        Self { world, tool, course, token, lms }
    }

    /// The LMS's URL of a line item of the tool.
    pub fn lms_item(&self, item: &str) -> String {
        let id = item.rsplit('/').next().expect("a line item URL");
        self.platform_url(&format!("contexts/course/tools/tool/lineitems/{id}"))
    }

    /// The LMS's URL of a user's grade.
    pub fn lms_grade(&self, item: &str, user: &str) -> String {
        format!("{}/grades/{user}", self.lms_item(item))
    }

    /// Gives a user so many points of so many in an instructor's name, or takes them back.
    pub async fn decide(&self, item: &str, user: &str, points: Option<(u32, u32)>) {
        let url = format!("{}/override", self.lms_grade(item, user));
        if let Some((score, maximum)) = points {
            let body =
                json!({ "score": score, "maximum": maximum, "by": "teacher-1", "reason": "Talked it over" });
            self.put(&url, &self.lms, &body).await.expect(200);
        } else {
            self.delete(&format!("{url}?by=teacher-1&reason=A+slip"), &self.lms).await.expect(204);
        }
    }

    /// A request with the token.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.http.request(method, url).bearer_auth(&self.token)
    }

    /// GET with the token.
    pub async fn read(&self, url: &str) -> Answer {
        self.get(url, &self.token).await
    }

    /// Sends a line item to the container.
    pub async fn create(&self, body: &Value) -> Answer {
        self.post(&self.course.lineitems, &self.token, body).await
    }

    /// A line item with this label, and with the members of `rest`; its URL.
    pub async fn create_labelled(&self, label: &str, rest: &Value) -> String {
        let mut body = json!({ "label": label, "scoreMaximum": 10 });
        let members = body.as_object_mut().expect("an object");
        members.extend(rest.as_object().cloned().unwrap_or_default());
        let answer = self.create(&body).await.expect(201);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// A line item of so many points; its URL.
    pub async fn item(&self, maximum: impl Into<Value>) -> String {
        self.line_item(&self.course, &self.token, maximum).await
    }

    /// Sends a changed line item.
    pub async fn replace(&self, item: &str, body: &Value) -> Answer {
        self.put(item, &self.token, body).await
    }

    /// Sends a score.
    pub async fn grade(&self, item: &str, score: &Value) -> Answer {
        self.post_score(item, &self.token, score).await
    }

    /// Sends a body of any kind to the scores of a line item.
    pub async fn grade_with(&self, item: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, &format!("{item}/scores"));
        self.send(request.header("content-type", "application/json").body(body)).await
    }

    /// The single result of a user.
    pub async fn result(&self, item: &str, user: &str) -> Answer {
        self.read(&format!("{item}/results/{user}")).await
    }

    /// All results of a line item.
    pub async fn all_results(&self, item: &str) -> Vec<Value> {
        self.results(item, &self.token).await
    }

    /// The pages from `url` on, by their next links; none but a first page may be empty (AGS 79).
    pub async fn walk(&self, url: &str) -> Vec<Vec<Value>> {
        let mut pages: Vec<Vec<Value>> = Vec::new();
        let mut url = Some(url.to_owned());
        while let Some(here) = url {
            let answer = self.read(&here).await.expect(200);
            let entries = answer.json().as_array().expect("an array").clone();
            assert!(pages.is_empty() || !entries.is_empty(), "a link to an empty page: {here}");
            pages.push(entries);
            url = answer.next();
            assert!(pages.len() <= 100, "the links never end: {here}");
        }
        pages
    }

    /// The labels on the pages from `url` on.
    pub async fn labels(&self, url: &str) -> Vec<Vec<String>> {
        texts(&self.walk(url).await, "label")
    }

    /// The users on the pages of results from `url` on.
    pub async fn users(&self, url: &str) -> Vec<Vec<String>> {
        texts(&self.walk(url).await, "userId")
    }

    /// A text of the only row; empty where it is absent.
    pub async fn only_row(&self, item: &str, name: &str) -> String {
        let rows = self.rows(item).await;
        assert_eq!(rows.len(), 1, "one user, one row: {rows:?}");
        rows[0].get(name).map(|value| value.as_s().expect("a text").clone()).unwrap_or_default()
    }

    /// Sends all of them at once; the answers in the same order.
    pub async fn at_once(&self, requests: Vec<RequestBuilder>) -> Vec<Answer> {
        let running: Vec<_> =
            requests.into_iter().map(|request| tokio::spawn(Answer::fetch(request))).collect();
        let mut answers = Vec::new();
        for request in running {
            answers.push(request.await.expect("no panic"));
        }
        answers
    }

    /// Sends scores all at once; the answers in the same order.
    pub async fn grade_at_once(&self, item: &str, scores: &[Value]) -> Vec<Answer> {
        let url = format!("{item}/scores");
        let request = |score| self.request(Method::POST, &url).json(score);
        self.at_once(scores.iter().map(request).collect()).await
    }
}

fn texts(pages: &[Vec<Value>], name: &str) -> Vec<Vec<String>> {
    let text = |entry: &Value| entry[name].as_str().expect("a text").to_owned();
    pages.iter().map(|page| page.iter().map(text).collect()).collect()
}
