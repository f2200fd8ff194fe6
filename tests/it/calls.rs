//! Every call of the service that needs a token (AGS 29), and a scene to make them in.

use std::collections::BTreeSet;

use ags_tests::{Answer, Course, LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE, Tool, Wire, World};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::platform::PLATFORM_CALLS;

/// Every scope (AGS 2).
pub(crate) const SCOPES: [&str; 4] = [LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE];

/// The user whom the calls are about.
pub(crate) const USER: &str = "student";

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// What stands after the URL of the container; `{item}` is the id of a line item.
    pub(crate) path: &'static str,
    /// The scopes of which it takes one.
    pub(crate) scopes: &'static [&'static str],
    /// The status of its success.
    pub(crate) success: u16,
}

const fn call(method: Method, path: &'static str, scopes: &'static [&'static str], success: u16) -> Call {
    Call { method, path, scopes, success }
}

/// All of them; the one that removes the line item comes last.
pub(crate) const CALLS: [Call; 8] = [
    call(Method::GET, "", &[LINEITEM, LINEITEM_READONLY], 200),
    call(Method::POST, "", &[LINEITEM], 201),
    call(Method::GET, "/{item}", &[LINEITEM, LINEITEM_READONLY], 200),
    call(Method::PUT, "/{item}", &[LINEITEM], 200),
    call(Method::POST, "/{item}/scores", &[SCORE], 200),
    call(Method::GET, "/{item}/results", &[RESULT_READONLY], 200),
    call(Method::GET, "/{item}/results/student", &[RESULT_READONLY], 200),
    call(Method::DELETE, "/{item}", &[LINEITEM], 204),
];

/// Those about one line item.
pub(crate) fn calls_on_a_line_item() -> impl Iterator<Item = &'static Call> {
    const { &CALLS }.iter().filter(|call| call.path.starts_with("/{item}"))
}

impl Call {
    /// Its URL, for a line item in a container.
    pub(crate) fn url(&self, container: &str, item: &str) -> String {
        format!("{container}{}", self.path.replace("{item}", item.rsplit('/').next().unwrap_or_default()))
    }

    /// The body that it succeeds with.
    fn body(&self, world: &World) -> Value {
        match self.method {
            Method::GET | Method::DELETE => Value::Null,
            _ if self.path.ends_with("/scores") => world.score(USER, 5, 10),
            _ => json!({ "label": "Changed", "scoreMaximum": 20 }),
        }
    }

    /// The call without a token.
    pub(crate) fn request(&self, world: &World, container: &str, item: &str) -> RequestBuilder {
        let request = world.http.request(self.method.clone(), self.url(container, item));
        match self.body(world) {
            Value::Null => request,
            body => request.header("content-type", "application/json").body(body.to_string()),
        }
    }

    /// The call with a token.
    pub(crate) async fn send(&self, world: &World, container: &str, item: &str, token: &str) -> Answer {
        world.send(self.request(world, container, item).bearer_auth(token)).await
    }
}

/// A tool in a context with a line item and a result.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) tool: Tool,
    pub(crate) course: Course,
    pub(crate) token: String,
    pub(crate) item: String,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::in_world(World::new().await).await
    }

    /// With a wire to the table that the test can disturb.
    pub(crate) async fn behind_a_wire() -> (Self, Wire) {
        let (world, wire) = World::behind_a_wire().await;
        (Self::in_world(world).await, wire)
    }

    async fn in_world(world: World) -> Self {
        let tool = world.tool("tool").await;
        let course = world.place(&tool, "A").await;
        let token = world.full_token(&tool).await;
        let item = scored_item(&world, &course, &token).await;
        Self { world, tool, course, token, item }
    }

    pub(crate) async fn call(&self, call: &Call, token: &str) -> Answer {
        call.send(&self.world, &self.course.lineitems, &self.item, token).await
    }

    /// Sends every call, also of the LMS's side, with these `Authorization` headers, and checks that each is refused in the same way.
    pub(crate) async fn refuses(&self, authorization: &[String], what: &str) {
        for call in &CALLS {
            let mut request = call.request(&self.world, &self.course.lineitems, &self.item);
            for value in authorization {
                request = request.header("authorization", value);
            }
            check_unauthenticated(&self.world.send(request).await, &format!("{what}: {call:?}"));
        }
        for call in &PLATFORM_CALLS {
            let mut request = call.request(&self.world, &self.tool, &self.item);
            for value in authorization {
                request = request.header("authorization", value);
            }
            check_unauthenticated(&self.world.send(request).await, &format!("{what}: {call:?}"));
        }
        self.is_unchanged().await;
    }

    /// Checks that no refused call has had an effect.
    pub(crate) async fn is_unchanged(&self) {
        let listed = self.world.get(&self.course.lineitems, &self.token).await.expect(200).json();
        assert_eq!(listed, json!([{ "id": self.item, "label": "Essay", "scoreMaximum": 10 }]));
        let results = self.world.results(&self.item, &self.token).await;
        assert_eq!((results.len(), &results[0]["resultScore"]), (1, &json!(7)));
    }
}

/// A new line item on which the user has 7 of 10 points.
pub(crate) async fn scored_item(world: &World, course: &Course, token: &str) -> String {
    let item = world.line_item(course, token, 10).await;
    world.post_score(&item, token, &world.score(USER, 7, 10)).await.expect(200);
    item
}

/// Checks that the answer asks for a valid token (AGS 37).
#[track_caller]
pub(crate) fn check_unauthenticated(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.text);
    assert_eq!(answer.header("www-authenticate"), r#"Bearer error="invalid_token""#, "{what}");
    assert_eq!(answer.problem().0, "invalid-token", "{what}");
}

/// Checks that the answer asks for one of the call's scopes (AGS 37).
#[track_caller]
pub(crate) fn check_insufficient(answer: &Answer, call: &Call, what: &str) {
    assert_eq!(answer.status, 403, "{what}: {}", answer.text);
    assert_eq!(answer.problem().0, "insufficient-scope", "{what}");
    let challenge = answer.header("www-authenticate");
    let named = challenge.strip_prefix(r#"Bearer error="insufficient_scope", scope=""#);
    let named = named.and_then(|rest| rest.strip_suffix('"'));
    let named: BTreeSet<_> = named.unwrap_or_default().split(' ').collect();
    assert_eq!(named, call.scopes.iter().copied().collect(), "{what}: {challenge}");
}

/// The id of a line item that never was.
pub(crate) const NEVER: &str = "01a1fdfa-4600-7000-8000-000000000000";

/// Checks that a call is answered as if its line item, or its whole context, had never been there (AGS 35).
#[track_caller]
pub(crate) fn check_absent(call: &Call, answer: &Answer, never: &Answer) {
    assert_eq!(answer.status, 404, "{call:?}: {}", answer.text);
    assert_eq!(answer.problem().0, "not-found", "{call:?}");
    assert_eq!(answer.comparable(), never.comparable(), "{call:?}");
    let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(answer), names(never), "{call:?}");
}

/// Sends every call about `item` of `container`, and checks each against the same call about one that never was.
pub(crate) async fn check_hidden(world: &World, container: &str, item: &str, token: &str) {
    for call in calls_on_a_line_item() {
        let answer = call.send(world, container, item, token).await;
        let never = call.send(world, container, NEVER, token).await;
        check_absent(call, &answer, &never);
    }
}
