//! Every call of the LMS's side, and a course to make them in.

use ags_tests::{Answer, Tool, Wire, World};
use reqwest::RequestBuilder;
use serde_json::json;

/// A call.
#[derive(Debug)]
pub(crate) struct PlatformCall {
    pub(crate) method: &'static str,
    /// What stands after the base, with the names of its parameters in braces.
    pub(crate) path: &'static str,
    /// The parameters of the query that it must have.
    query: &'static str,
    /// The body that it succeeds with; `$JWKS` is the tool's key set.
    body: &'static str,
    /// The status of its success.
    pub(crate) success: u16,
}

const fn get(path: &'static str) -> PlatformCall {
    PlatformCall { method: "GET", path, query: "", body: "", success: 200 }
}

const fn put(path: &'static str, body: &'static str) -> PlatformCall {
    PlatformCall { method: "PUT", body, ..get(path) }
}

const fn post(path: &'static str, body: &'static str) -> PlatformCall {
    PlatformCall { method: "POST", body, ..get(path) }
}

const fn delete(path: &'static str, query: &'static str, success: u16) -> PlatformCall {
    PlatformCall { method: "DELETE", path, query, body: "", success }
}

const TOOL: &str = "/platform/tools/{client}";
const COURSE: &str = "/platform/contexts/{context}";
const PLACE: &str = "/platform/contexts/{context}/tools/{client}";
const LINK: &str = "/platform/contexts/{context}/tools/{client}/links/{link}";
const GRADE: &str = "/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}";
const OVERRIDE: &str = "/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}/override";
const COMMENT: &str = "/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}/comment";

/// All of them; those that remove something come last.
pub(crate) static PLATFORM_CALLS: [PlatformCall; 32] = [
    get("/platform/tools"),
    get(TOOL),
    put(TOOL, r#"{"name":"Tool","deployments":["1","2"],"jwks":$JWKS}"#),
    PlatformCall { method: "PATCH", ..put(TOOL, r#"{"name":"Tool"}"#) },
    get(COURSE),
    put(COURSE, r#"{"title":"A"}"#),
    get("/platform/contexts/{context}/tools"),
    get(PLACE),
    put(PLACE, r#"{"deployment":"1"}"#),
    get("/platform/contexts/{context}/tools/{client}/claim"),
    get("/platform/contexts/{context}/tools/{client}/links"),
    get(LINK),
    put(LINK, r#"{"title":"Quiz"}"#),
    get("/platform/contexts/{context}/tools/{client}/links/{link}/claim"),
    get("/platform/contexts/{context}/tools/{client}/links/{link}/grades"),
    put(
        "/platform/contexts/{context}/tools/{client}/links/{link}/progress/{user}",
        r#"{"status":"completed","percentage":60}"#,
    ),
    get("/platform/contexts/{context}/tools/{client}/lineitems"),
    post("/platform/contexts/{context}/tools/{client}/lineitems/{item}/restore", ""),
    get("/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades"),
    get("/platform/contexts/{context}/grades"),
    get(GRADE),
    get("/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}/history"),
    put(OVERRIDE, r#"{"score":9,"maximum":10,"by":"teacher","reason":"Said it aloud"}"#),
    put(COMMENT, r#"{"text":"Well done","by":"teacher"}"#),
    post("/platform/contexts/{context}/copies", r#"{"to":"B","links":{"quiz":"quiz-2"}}"#),
    get("/platform/users/{user}"),
    post("/platform/purges", ""),
    delete(OVERRIDE, "by=teacher&reason=Mistake", 204),
    delete(COMMENT, "by=teacher", 204),
    delete("/platform/users/{user}", "", 200),
    delete(LINK, "", 204),
    delete(PLACE, "", 204),
];

/// The learner whom the calls are about.
pub(crate) const LEARNER: &str = "learner";

impl PlatformCall {
    /// Whether it changes something.
    pub(crate) fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// The scopes of which it takes one.
    pub(crate) fn scopes(&self, base: &str) -> Vec<String> {
        let names: &[_] = if self.writes() { &["platform"] } else { &["platform", "platform.readonly"] };
        names.iter().map(|name| format!("{base}/scope/{name}")).collect()
    }

    /// Its URL in a course.
    pub(crate) fn url(&self, base: &str, item: &str) -> String {
        let mut path = self.path.replace("{item}", item.rsplit('/').next().unwrap_or_default());
        for (name, id) in [("{context}", "A"), ("{client}", "tool"), ("{link}", "quiz"), ("{user}", LEARNER)]
        {
            path = path.replace(name, id);
        }
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        format!("{base}{path}{query}")
    }

    /// The call without a token.
    pub(crate) fn request(&self, world: &World, tool: &Tool, item: &str) -> RequestBuilder {
        let request = world.http.request(self.method.parse().unwrap(), self.url(&world.base, item));
        if self.body.is_empty() {
            return request;
        }
        let body = self.body.replace("$JWKS", &tool.key.jwks());
        request.header("content-type", "application/json").body(body)
    }
}

/// An LMS with a course, in which a tool has a link and a learner a grade.
pub(crate) struct Desk {
    pub(crate) world: World,
    /// The LMS's token.
    pub(crate) token: String,
    pub(crate) tool: Tool,
    /// The coupled line item of the link `quiz`.
    pub(crate) item: String,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::in_world(World::new().await).await
    }

    /// With a wire to the table that the test can disturb.
    pub(crate) async fn behind_a_wire() -> (Self, Wire) {
        let (world, wire) = World::behind_a_wire().await;
        (Self::in_world(world).await, wire)
    }

    async fn in_world(world: World) -> Self {
        let (token, tool) = (world.lms_token().await, world.tool("tool").await);
        let mut desk = Self { world, token, tool, item: String::new() };
        desk.prepare().await;
        desk
    }

    /// Makes again whatever a call has changed or removed.
    pub(crate) async fn prepare(&mut self) {
        for (path, body) in [
            ("contexts/A", json!({ "title": "A" })),
            ("contexts/A/tools/tool", json!({ "deployment": "1" })),
            ("contexts/A/tools/tool/links/quiz", json!({ "title": "Quiz" })),
        ] {
            let made = self.world.put(&self.world.platform_url(path), &self.token, &body).await.expect(200);
            if let Some(item) = made.json()["line_item_url"].as_str() {
                item.clone_into(&mut self.item);
            }
        }
        let own = self.world.full_token(&self.tool).await;
        let score = self.world.score(LEARNER, 5, 10);
        self.world.post_score(&self.item, &own, &score).await.expect(200);
    }

    /// A call with a token of the LMS.
    pub(crate) async fn call(&self, call: &PlatformCall) -> Answer {
        let request = call.request(&self.world, &self.tool, &self.item);
        self.world.send(request.bearer_auth(&self.token)).await
    }
}
