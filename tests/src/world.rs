//! The service and its surroundings.

use std::net::Ipv4Addr;
use std::ops::Deref;
use std::sync::Arc;

use ags_shared::auth::jwks::KeyFetcher;
use ags_shared::http::app;
use ags_shared::services::Services;
use ags_token::Issuer;
use agsctl::dev;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::deployment::{Gateway, Guard};
use crate::tool::token_form;
use crate::{
    Answer, Assertion, Course, DEPLOYMENT, Deployment, LINEITEM, Platform, RESULT_READONLY, SCORE, Table,
    TestClock, Tool, Wire,
};

/// One test's world. The service is all routers in this process, or the deployed functions, if this run of the tests is
/// about those.
pub struct World {
    /// Its clock, which stands still but for what the test moves.
    pub clock: Arc<TestClock>,
    /// Its table, whose members and methods are the world's too.
    pub platform: Platform,
    /// Sends requests.
    pub http: reqwest::Client,
    /// The public address.
    pub base: String,
    /// Ends the test if a role of the template has refused a call.
    _guard: Option<Guard>,
}

impl Deref for World {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}

impl World {
    /// A service with an empty table.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// As [`new`](Self::new), with a wire to the table that the test can cut.
    pub async fn behind_a_wire() -> (Self, Wire) {
        Self::with_and_wire(|_| {}).await
    }

    /// The token endpoint of another instance of the service, which shares nothing with the first but the table and the
    /// keys; `change` may take other keys.
    pub async fn another_token_url(&self, change: impl FnOnce(&mut Issuer)) -> String {
        in_this_process();
        let (listener, base) = listen().await;
        let services = Services::with_clock(&self.platform.config, self.clock.clone());
        let mut issuer = Issuer { services, ..self.platform.issuer() };
        change(&mut issuer);
        let app = app(dev::all_routes(issuer), &self.platform.config.links);
        tokio::spawn(axum::serve(listener, app).into_future());
        format!("{base}/token")
    }

    /// As [`new`](Self::new), where the key sets of tools are fetched so.
    pub async fn fetching(fetcher: KeyFetcher) -> Self {
        in_this_process();
        Self::with(|platform| platform.fetcher = Arc::new(fetcher)).await
    }

    /// As [`fetching`](Self::fetching), with a wire to the table.
    pub async fn fetching_behind_a_wire(fetcher: KeyFetcher) -> (Self, Wire) {
        in_this_process();
        Self::with_and_wire(|platform| platform.fetcher = Arc::new(fetcher)).await
    }

    async fn with(change: impl FnOnce(&mut Platform)) -> Self {
        let (listener, base) = listen().await;
        let clock = Arc::new(TestClock::default());
        let table = match Deployment::under_test() {
            Some(stack) => Table::named(&stack.table.name).await,
            None => Table::new().await,
        };
        let store = table.config().clone();
        let mut platform = Platform::over(&base, clock.clone(), table, store);
        change(&mut platform);
        Self::serve(listener, base, clock, platform).await
    }

    async fn with_and_wire(change: impl FnOnce(&mut Platform)) -> (Self, Wire) {
        let (listener, base) = listen().await;
        let clock = Arc::new(TestClock::default());
        let table = match Deployment::under_test() {
            Some(stack) => Table::named(&stack.table.name).await,
            None => Table::for_a_wire().await,
        };
        let (mut platform, wire) = Platform::behind_a_wire(&base, clock.clone(), table).await;
        change(&mut platform);
        (Self::serve(listener, base, clock, platform).await, wire)
    }

    async fn serve(listener: TcpListener, base: String, clock: Arc<TestClock>, platform: Platform) -> Self {
        let (platform, guard) = if let Some(stack) = Deployment::under_test() {
            // What tests sign themselves is signed by an older key that is still published.
            let now = clock.seconds();
            platform.publish(platform.signer.public_half().clone(), now - 2).await;
            platform.publish(stack.signing_key().await, now - 1).await;
            let table = platform.config.store.endpoint.clone().expect("an engine");
            let guard = Guard::before(stack, table).await;
            Gateway::serve(listener, stack, &base, guard.endpoint());
            (platform, Some(guard))
        } else {
            let platform = platform.with_key().await;
            let routes = dev::all_routes(platform.issuer());
            tokio::spawn(axum::serve(listener, app(routes, &platform.config.links)).into_future());
            (platform, None)
        };
        Self { clock, platform, http: crate::http(), base, _guard: guard }
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.base)
    }

    /// Asks for a token with this assertion.
    pub async fn request_token(&self, assertion: &str, scope: &str) -> Answer {
        self.post_form(&token_form(assertion, scope)).await
    }

    /// Posts a form to the token endpoint.
    pub async fn post_form(&self, form: &[(&str, &str)]) -> Answer {
        self.send(self.http.post(self.token_url()).form(form)).await
    }

    /// An assertion of `tool` that is valid now.
    pub fn assertion(&self, tool: &Tool) -> Assertion {
        tool.assertion(&self.token_url(), self.clock.seconds())
    }

    /// A token of `tool` with these scopes.
    pub async fn token(&self, tool: &Tool, scopes: &[&str]) -> String {
        self.exchange(&self.assertion(tool), scopes).await
    }

    async fn exchange(&self, assertion: &Assertion, scopes: &[&str]) -> String {
        let answer = self.request_token(&assertion.sign(), &scopes.join(" ")).await.expect(200);
        answer.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// A token of `tool` that is narrowed to a deployment, with every scope that the tests need together (AGS 142).
    pub async fn narrow_token(&self, tool: &Tool, deployment: &str) -> String {
        let assertion = self.assertion(tool).claim(DEPLOYMENT, deployment);
        self.exchange(&assertion, &[LINEITEM, SCORE, RESULT_READONLY]).await
    }

    /// A token with every scope that the tests need together.
    pub async fn full_token(&self, tool: &Tool) -> String {
        self.token(tool, &[LINEITEM, SCORE, RESULT_READONLY]).await
    }

    /// A token of an LMS with every scope that there is for it.
    pub async fn lms_token(&self) -> String {
        let lms = self.lms("lms").await;
        self.token(&lms, &[&format!("{}/scope/platform", self.base)]).await
    }

    /// A URL of the platform's routes, below `/platform/`.
    pub fn platform_url(&self, path: &str) -> String {
        format!("{}/platform/{path}", self.base)
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::fetch(request).await
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

/// Ends a test of what deployed functions do not have.
fn in_this_process() {
    assert!(Deployment::under_test().is_none(), "deployed functions are as the template has them");
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, base)
}
