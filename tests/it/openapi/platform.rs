//! The LMS's side of the description.

use std::collections::BTreeSet;

use ags_tests::{Answer, Description, Operation, Wire};
use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::calls::SCOPES;
use crate::platform::{Desk, LEARNER, PLATFORM_CALLS, PlatformCall};

/// The operations of the LMS's side.
pub(super) fn is_platform(operation: &Operation) -> bool {
    operation.path.starts_with("/platform/")
}

fn operations() -> impl Iterator<Item = &'static Operation> {
    Description::get().operations().iter().filter(|operation| is_platform(operation))
}

fn call(operation: &Operation) -> &'static PlatformCall {
    let fits = |call: &&PlatformCall| call.method == operation.method && call.path == operation.path;
    PLATFORM_CALLS.iter().find(fits).unwrap_or_else(|| panic!("no call is {}", operation.id))
}

/// A desk to which every operation can be put.
struct Stage {
    desk: Desk,
    wire: Wire,
}

impl Stage {
    async fn new() -> Self {
        let (desk, wire) = Desk::behind_a_wire().await;
        Self { desk, wire }
    }

    /// Everything that an operation reads or removes is there.
    async fn prepare(&mut self) {
        self.desk.prepare().await;
        for call in PLATFORM_CALLS.iter().filter(|call| call.method == "PUT") {
            self.desk.call(call).await.expect(200);
        }
    }

    fn bare(&self, operation: &Operation) -> RequestBuilder {
        call(operation).request(&self.desk.world, &self.desk.tool, &self.desk.item)
    }

    fn at(&self, operation: &Operation, url: &str) -> RequestBuilder {
        self.desk.world.http.request(operation.method.parse().unwrap(), url).bearer_auth(&self.desk.token)
    }

    fn request(&self, operation: &Operation) -> RequestBuilder {
        self.bare(operation).bearer_auth(&self.desk.token)
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        self.desk.world.send(request).await
    }

    /// Makes the operation give that status.
    async fn provoke(&self, operation: &Operation, status: u16) -> Answer {
        let (world, with_body) = (&self.desk.world, operation.has_body());
        let url = call(operation).url(&world.base, &self.desk.item);
        let request = match status {
            200 | 204 => self.request(operation),
            400 if with_body => self.request(operation).body("[]"),
            400 if operation.parameters.contains("cursor") => self.at(operation, &format!("{url}?cursor=1")),
            400 => self.at(
                operation,
                &url.replace("/A", "/%00").replace(LEARNER, "%00").replace("tools/tool", "tools/%00"),
            ),
            401 => self.bare(operation),
            403 => {
                let token = world.token(&self.desk.tool, &SCOPES).await;
                self.bare(operation).bearer_auth(token)
            }
            404 => return self.absent(operation, &url).await,
            406 => self.request(operation).header("accept", "text/html"),
            409 => return self.conflict(operation).await,
            413 => self.request(operation).header("x-more", "x".repeat(16 * 1024)),
            415 => {
                let text = HeaderValue::from_static("text/plain");
                self.request(operation).headers(HeaderMap::from_iter([(CONTENT_TYPE, text)]))
            }
            500 | 503 => {
                for lookup in ["BatchGetItem", "Query", "GetItem"] {
                    if status == 500 { self.wire.refuse(lookup, "") } else { self.wire.fail(lookup, "") }
                }
                let answer = self.send(self.request(operation)).await;
                self.wire.mend();
                return answer;
            }
            _ => panic!("nothing here makes {} give {status}", operation.id),
        };
        self.send(request).await
    }

    /// The operation on something that never was.
    async fn absent(&self, operation: &Operation, url: &str) -> Answer {
        let never = url.replace("contexts/A", "contexts/never").replace("tools/tool", "tools/never");
        let mut request = self.request(operation).build().unwrap();
        *request.url_mut() = never.parse().unwrap();
        self.send(RequestBuilder::from_parts(self.desk.world.http.clone(), request)).await
    }

    /// What there is in the way of an operation, one way of each.
    async fn conflict(&self, operation: &Operation) -> Answer {
        let (world, token) = (&self.desk.world, &self.desk.token);
        match operation.id.as_str() {
            "putTool" => {
                let url = world.platform_url("tools/lms");
                let jwks: Value = serde_json::from_str(&self.desk.tool.key.jwks()).unwrap();
                let body = json!({ "name": "X", "deployments": ["1"], "jwks": jwks });
                world.put(&url, token, &body).await
            }
            "putProgress" => {
                let url = call(operation).url(&world.base, &self.desk.item);
                let late = json!({ "status": "completed", "percentage": 1, "at": "2020-01-01T00:00:00Z" });
                world.put(&url, token, &late).await
            }
            "restoreColumn" => {
                let link = world.platform_url("contexts/A/tools/tool/links/quiz");
                world.delete(&link, token).await.expect(204);
                self.send(self.request(operation)).await
            }
            id => panic!("nothing here makes {id} give 409"),
        }
    }
}

#[test]
fn the_calls_that_the_tests_make_are_those_that_are_described() {
    let described: BTreeSet<_> =
        operations().map(|operation| (operation.method.as_str(), operation.path.as_str())).collect();
    let made: BTreeSet<_> = PLATFORM_CALLS.iter().map(|call| (call.method, call.path)).collect();
    assert_eq!(made, described);
}

#[tokio::test]
async fn each_operation_of_the_lms_gives_each_status_that_it_is_described_with() {
    let mut stage = Stage::new().await;
    for operation in operations() {
        for status in operation.statuses() {
            // The others are refused before anything is looked at, or find what is there.
            if [200, 204, 409].contains(&status) {
                stage.prepare().await;
            }
            let answer = stage.provoke(operation, status).await;
            assert_eq!(answer.status, status, "{}: {answer:?}", operation.id);
        }
    }
}

#[test]
fn each_operation_of_the_lms_takes_the_scopes_that_it_is_described_with() {
    for operation in operations() {
        let scopes: BTreeSet<_> = call(operation).scopes("{issuer}").into_iter().collect();
        assert_eq!(scopes, operation.scopes, "{}", operation.id);
    }
}

/// Bodies with every member that may stand beside the others; `$JWKS` is a key set.
const BODIES: [(&str, &str); 8] = [
    (
        "putTool",
        r#"{"name":"T","enabled":true,"scopes":["https://purl.imsglobal.org/spec/lti-ags/scope/score"],"jwks":$JWKS,"deployments":["1"],
            "contact":"c","defaults":{"gradable":true,"columns":"single","comments":"drop","missing_score":"keep","late":"refuse","history_days":1}}"#,
    ),
    ("putContext", r#"{"title":"A"}"#),
    ("putPlacement", r#"{"deployment":"1"}"#),
    (
        "putLink",
        r#"{"title":"Q","deployment":"1","gradable":true,"columns":"single","comments":"drop","missing_score":"keep","late":"refuse","history_days":1,
            "submission":{"start":"2026-11-21T10:00:00Z","end":"2026-11-22T10:00:00Z"},"score_maximum":5,"label":"L","resource_id":"r","tag":"t","grades_released":true}"#,
    ),
    ("putProgress", r#"{"status":"completed","percentage":60,"at":"2026-11-21T11:00:00Z"}"#),
    ("putOverride", r#"{"score":9,"maximum":10,"by":"teacher","reason":"Said it aloud"}"#),
    ("putComment", r#"{"text":"Well done","by":"teacher"}"#),
    ("copyContext", r#"{"to":"B","title":"B","links":{"quiz":"quiz-2"}}"#),
];

/// A body from which each member is left out, and in which each is replaced: the schema and the service say the same of
/// all of them.
#[tokio::test]
async fn a_body_of_the_lms_is_taken_if_it_is_as_described_and_refused_if_it_is_not() {
    let desk = Desk::new().await;
    let values = ["null", r#""""#, "[]", "{}", "7", "-1", "0", r#""7""#, "true", r#"" ""#];
    for (id, good) in BODIES {
        let operation = operations().find(|operation| operation.id == id).unwrap();
        let good: Value = serde_json::from_str(&good.replace("$JWKS", &desk.tool.key.jwks())).unwrap();
        let mut bodies = vec![good.clone()];
        for name in good.as_object().unwrap().keys() {
            let mut less = good.clone();
            less.as_object_mut().unwrap().remove(name);
            bodies.push(less);
            bodies.extend(values.iter().map(|value| {
                let mut other = good.clone();
                other[name] = serde_json::from_str(value).unwrap();
                other
            }));
        }
        for body in bodies {
            let request = call(operation).request(&desk.world, &desk.tool, &desk.item);
            let request = request.bearer_auth(&desk.token).body(body.to_string());
            let answer = desk.world.send(request).await;
            // What is there is not for a schema to tell: a deployment of the tool, a later score.
            let taken = [200, 409].contains(&answer.status) || answer.text.contains("one of the tool's");
            assert_eq!(Description::get().takes(operation, &body), taken, "{id}: {body}: {}", answer.text);
        }
    }
}
