//! The service and its surroundings.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, LazyLock, Mutex};

use ags_shared::auth::LocalSigner;
use ags_shared::config::{Config, StoreConfig};
use ags_shared::domain::{
    ContextId, Dates, Definition, LineItem, LmsContextId, Placement, Registration, ResourceLink, ScopeSet,
};
use ags_shared::http::app;
use ags_shared::links::Links;
use ags_shared::services::Services;
use ags_shared::store;
use agsctl::engine::Engine;
use agsctl::keys::{ToolKey, new_signing_key, new_tool_key};
use agsctl::{dev, table};
use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{Answer, Assertion, DEPLOYMENT, LINEITEM, Outage, RESULT_READONLY, SCORE, TestClock, Tool};

/// Making an RSA key takes a while, so each name gets one for all tests.
static TOOL_KEYS: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);

/// One test's world.
pub struct World {
    /// Its clock, which stands still but for what the test moves.
    pub clock: Arc<TestClock>,
    /// What the functions have; for setting the scene, not for what is tested.
    pub services: Services,
    /// The engine, for tests that look at raw items.
    pub engine: Engine,
    /// The signing key of access tokens.
    pub signer: Arc<LocalSigner>,
    /// Sends requests.
    pub http: reqwest::Client,
    /// The public address.
    pub base: String,
}

/// A context in which a tool is placed.
#[derive(Debug, Clone)]
pub struct Course {
    /// The context.
    pub context: ContextId,
    /// The container of line items.
    pub lineitems: String,
}

impl World {
    /// A service with an empty table.
    pub async fn new() -> Self {
        let engine = Engine::start(None).await.expect("an engine");
        let store = engine.store_config();
        Self::over(engine, store).await
    }

    /// As [`new`](Self::new), over a table of which the test can let operations fail.
    pub async fn with_outage() -> (Self, Outage) {
        let engine = Engine::start(None).await.expect("an engine");
        let (endpoint, outage) = Outage::before(engine.endpoint()).await;
        let store = StoreConfig { endpoint: Some(endpoint), ..engine.store_config() };
        (Self::over(engine, store).await, outage)
    }

    async fn over(engine: Engine, store: StoreConfig) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let config = Config { links: Links::new(&base).expect("a base URL"), store };
        table::create(&store::connect(&config.store), &config.store.table).await.expect("a table");

        let clock = Arc::new(TestClock::default());
        let services = Services::with_clock(&config, clock.clone());
        let pem = new_signing_key().expect("a key");
        let signer = Arc::new(LocalSigner::from_pem(pem.as_bytes()).expect("a P-256 key"));
        services.store.signing_key_publish(signer.public_jwk()).await.expect("a table");
        let routes = dev::all_routes(&services, signer.clone());
        tokio::spawn(axum::serve(listener, app(routes, &config.links)).into_future());
        Self { clock, services, engine, signer, http: reqwest::Client::new(), base }
    }

    /// Registers a tool with every scope and the deployments `1` and `2`.
    pub async fn tool(&self, client_id: &str) -> Tool {
        let pem = {
            let mut keys = TOOL_KEYS.lock().expect("no test panics while it holds the lock");
            let pem = keys.entry(client_id.to_owned());
            pem.or_insert_with(|| new_tool_key().expect("a key")).clone()
        };
        let key = ToolKey::from_pem(pem.as_bytes()).expect("an RSA key");
        let tool = Tool { client_id: client_id.to_owned(), key };
        self.register(&tool, |_| {}).await;
        tool
    }

    /// Registers a tool again, with a change.
    pub async fn register(&self, tool: &Tool, change: impl FnOnce(&mut Registration)) {
        let mut registration = Registration {
            client: tool.client_id.parse().expect("a client id"),
            name: tool.client_id.clone(),
            enabled: true,
            scopes: ScopeSet::all(),
            jwks: tool.key.jwks().expect("JSON"),
            deployments: ["1", "2"].map(|id| id.parse().expect("a deployment id")).into(),
        };
        change(&mut registration);
        self.services.store.tool_put(&registration).await.expect("a table");
    }

    /// Places a tool in a context, under the deployment `1`.
    pub async fn place(&self, tool: &Tool, lms_context: &str) -> Course {
        let context = ContextId::of(&lms_context.parse::<LmsContextId>().expect("a context id"));
        let placement = Placement { deployment: "1".parse().expect("a deployment id") };
        let client = tool.client_id.parse().expect("a client id");
        self.services.store.placement_put(&context, &client, &placement).await.expect("a table");
        Course { lineitems: self.services.links.line_items(&context), context }
    }

    /// Takes a tool out of a context.
    pub async fn remove(&self, tool: &Tool, course: &Course) {
        let client = tool.client_id.parse().expect("a client id");
        self.services.store.placement_delete(&course.context, &client).await.expect("a table");
    }

    /// Makes a resource link of a tool known, under the deployment `1`.
    pub async fn link(&self, tool: &Tool, course: &Course, id: &str) {
        let link = ResourceLink {
            id: id.parse().expect("a link id"),
            deployment: "1".parse().expect("a deployment id"),
            title: id.to_owned(),
        };
        let client = tool.client_id.parse().expect("a client id");
        self.services.store.link_put(&course.context, &client, &link).await.expect("a table");
    }

    /// Makes a link together with its line item, as the platform does; the line item's URL.
    pub async fn coupled_line_item(&self, tool: &Tool, course: &Course, link: &str) -> String {
        self.link(tool, course, link).await;
        let item = LineItem {
            id: self.services.new_line_item_id().expect("random numbers"),
            definition: Definition {
                label: link.parse().expect("a label"),
                score_maximum: "100".parse().expect("a maximum"),
                resource_id: None,
                tag: None,
                dates: Dates::default(),
                grades_released: None,
                submission_review: None,
                extensions: std::collections::BTreeMap::new(),
            },
            resource_link: Some(link.parse().expect("a link id")),
            deployment: "1".parse().expect("a deployment id"),
            coupled: true,
            version: 1,
        };
        let client = tool.client_id.parse().expect("a client id");
        let created =
            self.services.store.line_item_create(&course.context, &client, &item, self.services.now());
        created.await.expect("a table");
        self.services.links.line_item(&course.context, item.id)
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.base)
    }

    /// Asks for a token with this assertion.
    pub async fn request_token(&self, assertion: &str, scope: &str) -> Answer {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
            ("scope", scope),
        ];
        self.post_form(&form).await
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

    /// A token of `tool` that is narrowed to a deployment, with every scope that the tests need together (AGS 142).
    pub async fn narrow_token(&self, tool: &Tool, deployment: &str) -> String {
        let assertion = self.assertion(tool).claim(DEPLOYMENT, deployment);
        self.exchange(&assertion, &[LINEITEM, SCORE, RESULT_READONLY]).await
    }

    async fn exchange(&self, assertion: &Assertion, scopes: &[&str]) -> String {
        let answer = self.request_token(&assertion.sign(), &scopes.join(" ")).await.expect(200);
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

    /// Takes the table away from under the running service, for good.
    pub async fn lose_table(&mut self) {
        let spare = Engine::start(None).await.expect("an engine");
        std::mem::replace(&mut self.engine, spare).stop().await.expect("an engine that stops");
    }

    /// The raw items of a partition of the table.
    pub async fn raw_items(&self, partition: &str) -> Vec<HashMap<String, AttributeValue>> {
        let config = self.engine.store_config();
        let answer = store::connect(&config)
            .query()
            .table_name(config.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .send()
            .await;
        answer.expect("a table").items.unwrap_or_default()
    }

    /// The history entries of one user on one line item.
    pub async fn history(&self, item: &str, user: &str) -> Vec<HashMap<String, AttributeValue>> {
        let id = item.rsplit('/').next().expect("a line item URL");
        self.raw_items(&format!("ITEM#{id}#USER#{user}")).await
    }
}
