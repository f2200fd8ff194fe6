//! The service and its surroundings.

use std::net::Ipv4Addr;
use std::ops::Deref;
use std::sync::Arc;

use ags_shared::http::app;
use agsctl::dev;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::tool::token_form;
use crate::{Answer, Course, LINEITEM, RESULT_READONLY, SCORE, Scene, TestClock, Tool};

/// One test's world.
pub struct World {
    /// Its clock, which stands still but for what the test moves.
    pub clock: Arc<TestClock>,
    /// Its table, whose members and methods are the world's too.
    pub scene: Scene,
    /// Sends requests.
    pub http: reqwest::Client,
    /// The public address.
    pub base: String,
}

impl Deref for World {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.scene
    }
}

impl World {
    /// A service with an empty table.
    pub async fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let clock = Arc::new(TestClock::default());
        let scene = Scene::new(&base, clock.clone()).await;
        let routes = dev::all_routes(&scene.services, scene.signer.clone());
        tokio::spawn(axum::serve(listener, app(routes, &scene.config.links)).into_future());
        Self { clock, scene, http: reqwest::Client::new(), base }
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.base)
    }

    /// Asks for a token with this assertion.
    pub async fn request_token(&self, assertion: &str, scope: &str) -> Answer {
        let form = token_form(assertion, scope);
        self.send(self.http.post(self.token_url()).form(&form)).await
    }

    /// A token of `tool` with these scopes.
    pub async fn token(&self, tool: &Tool, scopes: &[&str]) -> String {
        let assertion = tool.assertion(&self.token_url(), self.clock.seconds()).sign();
        let answer = self.request_token(&assertion, &scopes.join(" ")).await.expect(200);
        answer.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// A token with every scope that the tests need together.
    pub async fn full_token(&self, tool: &Tool) -> String {
        self.token(tool, &[LINEITEM, SCORE, RESULT_READONLY]).await
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::read(request.send().await.expect("an answer")).await
    }

    /// Calls with a token and, unless it is null, a JSON body of the plain type.
    pub async fn call(&self, method: Method, url: &str, token: &str, body: &Value) -> Answer {
        let request = self.http.request(method, url).bearer_auth(token);
        let with_body = |request: RequestBuilder| {
            request.header("content-type", "application/json").body(body.to_string())
        };
        self.send(if body.is_null() { request } else { with_body(request) }).await
    }

    /// GET with a token.
    pub async fn get(&self, url: &str, token: &str) -> Answer {
        self.call(Method::GET, url, token, &Value::Null).await
    }

    /// POST with a token.
    pub async fn post(&self, url: &str, token: &str, body: &Value) -> Answer {
        self.call(Method::POST, url, token, body).await
    }

    /// PUT with a token.
    pub async fn put(&self, url: &str, token: &str, body: &Value) -> Answer {
        self.call(Method::PUT, url, token, body).await
    }

    /// DELETE with a token.
    pub async fn delete(&self, url: &str, token: &str) -> Answer {
        self.call(Method::DELETE, url, token, &Value::Null).await
    }

    /// Creates a line item of so many points; its URL.
    pub async fn line_item(&self, course: &Course, token: &str, maximum: impl Into<Value>) -> String {
        let body = json!({ "label": "Essay", "scoreMaximum": maximum.into() });
        let answer = self.post(&course.lineitems, token, &body).await.expect(201);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// A final score of `given` of `maximum` for `user`, made now; tests change what they need.
    pub fn score(&self, user: &str, given: impl Into<Value>, maximum: impl Into<Value>) -> Value {
        json!({
            "userId": user,
            "scoreGiven": given.into(),
            "scoreMaximum": maximum.into(),
            "timestamp": self.services.now().to_string(),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
        })
    }

    /// Posts a score to a line item.
    pub async fn post_score(&self, item: &str, token: &str, score: &Value) -> Answer {
        self.post(&format!("{item}/scores"), token, score).await
    }

    /// The results of a line item.
    pub async fn results<'a>(&'a self, item: &'a str, token: &'a str) -> Vec<Value> {
        let answer = self.get(&format!("{item}/results"), token).await.expect(200);
        answer.json().as_array().expect("an array").clone()
    }
}
