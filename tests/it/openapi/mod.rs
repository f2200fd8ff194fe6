//! `infra/openapi.yaml` and the routers say the same. That no answer is off the description, the harness sees to:
//! [`Answer`](ags_tests::Answer) takes no other, in whichever test.

mod platform;
mod requests;

use std::collections::BTreeSet;

use ags_shared::domain::Scope;
use ags_shared::http::ProblemKind;
use ags_tests::sources::{read, sources};
use ags_tests::{Answer, Classroom, Description, Operation, Wire, leads_to, token_form};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::calls::{NEVER, SCOPES};
use platform::is_platform;

/// The operations of tools, and those that need no token.
fn of_tools() -> impl Iterator<Item = &'static Operation> {
    Description::get().operations().iter().filter(|operation| !is_platform(operation))
}

/// The calls to the table with which every operation begins.
const LOOKUPS: [&str; 2] = ["BatchGetItem", "Query"];

/// A class with one result, to which every operation can be put.
struct Stage {
    classroom: Classroom,
    wire: Wire,
    item: String,
}

impl Stage {
    async fn new() -> Self {
        let (classroom, wire) = Classroom::behind_a_wire().await;
        let item = classroom.item(10).await;
        classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
        Self { classroom, wire, item }
    }

    fn url(&self, operation: &Operation) -> String {
        let id = self.item.rsplit('/').next().unwrap();
        let path = operation.path.replace("{context}", self.classroom.course.context.as_str());
        format!("{}{}", self.classroom.base, path.replace("{item}", id).replace("{user}", "ada"))
    }

    /// The operation as it succeeds, but for a token, at another URL or its own.
    fn bare(&self, operation: &Operation, url: &str) -> RequestBuilder {
        let request = self.classroom.http.request(operation.method.parse().unwrap(), url);
        match operation.id.as_str() {
            "requestToken" => {
                let assertion = self.classroom.assertion(&self.classroom.tool).sign();
                request.form(&token_form(&assertion, &SCOPES.join(" ")))
            }
            "createLineItem" | "replaceLineItem" => request.json(&json!({ "label": "L", "scoreMaximum": 1 })),
            "postScore" => request.json(&self.classroom.score("ada", 6, 10)),
            _ => request,
        }
    }

    /// The same with a token where one is needed.
    fn request(&self, operation: &Operation, url: &str) -> RequestBuilder {
        let request = self.bare(operation, url);
        if operation.scopes.is_empty() { request } else { request.bearer_auth(&self.classroom.token) }
    }

    /// The same with a token that has every scope but those of the operation.
    async fn without_scope(&self, operation: &Operation) -> Answer {
        let scopes: Vec<_> = SCOPES.into_iter().filter(|scope| !operation.scopes.contains(*scope)).collect();
        let token = self.classroom.token(&self.classroom.tool, &scopes).await;
        self.classroom.send(self.bare(operation, &self.url(operation)).bearer_auth(token)).await
    }

    /// Makes the operation give that status.
    async fn provoke(&mut self, operation: &Operation, status: u16) -> Answer {
        let url = self.url(operation);
        let request = self.request(operation, &url);
        let with = |name: &str, value: &str| self.request(operation, &url).header(name, value);
        let posts = ["POST", "PUT"].contains(&operation.method.as_str());
        let request = match status {
            200 | 201 | 204 => request,
            304 => with("if-none-match", "*"),
            400 if posts => request.body("[]"),
            400 => self.request(operation, &format!("{url}?limit=0")),
            401 => self.bare(operation, &url),
            403 => return self.without_scope(operation).await,
            404 if url.contains(&self.item) => {
                self.request(operation, &url.replace(&self.item, &self.never()))
            }
            404 => self.request(
                operation,
                &format!("{}/contexts/{}/lineitems", self.classroom.base, "a".repeat(26)),
            ),
            406 => with("accept", "text/html"),
            409 if operation.id == "createLineItem" => {
                let first = self
                    .request(operation, &url)
                    .header("idempotency-key", "k")
                    .body(r#"{"label":"A","scoreMaximum":1}"#);
                self.classroom.send(first).await.expect(201);
                with("idempotency-key", "k")
            }
            409 => {
                let earlier = self.classroom.score("ada", 6, 10);
                let later = self.classroom.score("ada", 7, 10);
                self.classroom.grade(&self.item, &later).await.expect(200);
                request.json(&earlier)
            }
            412 => with("if-match", "\"99\""),
            413 if posts && operation.id != "requestToken" => request.body(" ".repeat(256 * 1024 + 1)),
            413 => with("x-more", &"x".repeat(16 * 1024)),
            415 => {
                let text = HeaderValue::from_static("text/plain");
                request.headers(HeaderMap::from_iter([(CONTENT_TYPE, text)]))
            }
            500 => {
                // What is kept of the keys is too old by then.
                self.classroom.clock.advance(if operation.id == "getKeys" { 300 } else { 0 });
                for call in LOOKUPS {
                    self.wire.refuse(call, "");
                }
                let answer = self.classroom.send(request).await;
                self.wire.mend();
                return answer;
            }
            _ => panic!("nothing here makes {} give {status}", operation.id),
        };
        self.classroom.send(request).await
    }

    fn never(&self) -> String {
        format!("{}/{NEVER}", self.classroom.course.lineitems)
    }
}

#[tokio::test]
async fn each_operation_gives_each_status_that_it_is_described_with() {
    let mut stage = Stage::new().await;
    for operation in of_tools() {
        for status in operation.statuses().filter(|status| *status != 503) {
            let answer = stage.provoke(operation, status).await;
            assert_eq!(answer.status, status, "{}: {answer:?}", operation.id);
            if (operation.method.as_str(), status) == ("DELETE", 204) {
                stage.item = stage.classroom.item(10).await;
                stage.classroom.grade(&stage.item, &stage.classroom.score("ada", 5, 10)).await.expect(200);
            }
        }
    }
    stage.classroom.clock.advance(300);
    // All at once, for each is tried again and again before it is given up.
    for call in LOOKUPS {
        stage.wire.fail(call, "");
    }
    let busy = of_tools().filter(|operation| operation.statuses().any(|status| status == 503));
    let requests: Vec<_> = busy.map(|operation| stage.request(operation, &stage.url(operation))).collect();
    for answer in stage.classroom.at_once(requests).await {
        answer.expect(503);
    }
}

/// The challenge of a 403 names what `Operation::accepts` has.
#[tokio::test]
async fn each_operation_takes_the_scopes_that_it_is_described_with_ags_29_30() {
    let stage = Stage::new().await;
    for operation in of_tools() {
        if operation.scopes.is_empty() {
            continue;
        }
        let answer = stage.without_scope(operation).await.expect(403);
        let challenge = answer.header("www-authenticate");
        let named: BTreeSet<_> = challenge.split('"').nth(3).unwrap().split(' ').map(str::to_owned).collect();
        assert_eq!(named, operation.scopes, "{}", operation.id);
    }
    let flow = &Description::get().document()["components"]["securitySchemes"]["accessToken"]["flows"];
    let listed: BTreeSet<_> =
        flow["clientCredentials"]["scopes"].as_object().unwrap().keys().cloned().collect();
    let every =
        Scope::OF_TOOLS.into_iter().chain(Scope::OF_LMS).map(|scope| scope.at("{issuer}").into_owned());
    assert_eq!(listed, every.collect());
}

/// `Allow` must list what is described, or `Answer` does not take it; that each path is there, the status tells.
#[tokio::test]
async fn each_path_that_is_described_is_there_with_these_methods_and_no_others_ags_46() {
    let stage = Stage::new().await;
    for operation in of_tools() {
        let options = stage.classroom.http.request(Method::OPTIONS, stage.url(operation));
        let answer = stage.classroom.send(options).await.expect(204);
        assert!(answer.header("allow").split(',').any(|method| method == operation.method), "{answer:?}");
    }
}

/// A router cannot be asked for its paths, but its source can; nothing there may name a path in another way.
fn routes() -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    // What the operator's program alone has is not on the network.
    for source in sources("functions").iter().filter(|source| source.path != "platform/src/operator.rs") {
        let calls = source.code.matches(".route(").count();
        let function = source.module().to_owned();
        let literal = |rest: &str| rest.split('"').next().map(str::to_owned);
        let paths: Vec<_> = source.code.split(".route(\"").skip(1).filter_map(literal).collect();
        assert_eq!(paths.len(), calls, "{}: a path is a literal after `.route(`", source.path);
        for other in ["nest(", "nest_service(", "route_service(", "fallback", "merge("] {
            assert!(!source.code.contains(&format!(".{other}")), "{} has paths by {other}", source.path);
        }
        routes.extend(paths.into_iter().map(|path| (path, function.clone())));
    }
    routes
}

#[test]
fn the_paths_of_the_routers_are_those_that_are_described() {
    let routes = routes();
    let served: BTreeSet<_> = routes.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(served, Description::get().paths());
}

#[test]
fn cargo_lambda_sends_each_path_to_the_function_that_serves_it() {
    let manifest = read("Cargo.toml");
    let (_, table) = manifest.split_once("[workspace.metadata.lambda.watch.router]\n").unwrap();
    let entry = |line: &str| {
        let mut quoted = line.split('"').skip(1).step_by(2).map(str::to_owned);
        Some((quoted.next()?, quoted.next()?))
    };
    let entries: Vec<_> = table.lines().take_while(|line| !line.starts_with('[')).filter_map(entry).collect();
    let routes = routes();
    for (path, function) in &routes {
        let here = entries.iter().filter(|(pattern, _)| leads_to(pattern, path));
        let functions: Vec<_> = here.map(|(_, function)| function).collect();
        assert_eq!(functions, [function], "{path}");
    }
    for (pattern, _) in &entries {
        assert!(routes.iter().any(|(path, _)| leads_to(pattern, path)), "{pattern} leads nowhere");
    }
}

/// The values of `type` that the schemas of problems allow, with their statuses.
fn problems(part: &Value, found: &mut BTreeSet<(String, u64)>) {
    if let Some(status) = part["properties"]["status"]["const"].as_u64() {
        let kind = &part["properties"]["type"];
        let names = kind["enum"].as_array().cloned().unwrap_or_else(|| vec![kind["const"].clone()]);
        found.extend(names.iter().map(|name| (name.as_str().unwrap().to_owned(), status)));
    }
    let members = part.as_object().into_iter().flat_map(|members| members.values());
    for part in members.chain(part.as_array().into_iter().flatten()) {
        problems(part, found);
    }
}

#[test]
fn the_problems_that_are_described_are_those_of_the_catalogue() {
    let mut described = BTreeSet::new();
    problems(Description::get().document(), &mut described);
    let uri = |kind: &ProblemKind| format!("urn:lambda-ags:problem:{}", kind.name());
    let catalogue = ProblemKind::ALL.iter().map(|kind| (uri(kind), kind.status().as_u16().into()));
    assert_eq!(described, catalogue.collect());
}

/// The harness itself: no test gets around the description.
#[test]
#[should_panic(expected = "infra/openapi.yaml has no such answer")]
fn no_test_is_given_an_answer_that_is_not_described() {
    let event = ags_tests::Event::new("GET", "https://ags.example.edu/.well-known/jwks.json");
    Answer::from_gateway(&event, &json!({ "statusCode": 418, "headers": {}, "body": "" }));
}

type Change<'a> = &'a dyn Fn(&mut Answer);

/// The harness itself: every way in which an answer can be off the description.
#[tokio::test]
async fn an_answer_that_is_not_as_described_is_noticed() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let good = classroom.read(&item).await;
    let complaint = |method: &str, url: &str, change: Change| {
        let mut answer = good.clone();
        change(&mut answer);
        let checked = Description::get().check(method, url, answer.status, &answer.headers, &answer.text);
        checked.err().unwrap_or_default()
    };
    let set = |headers: &mut HeaderMap, name: &'static str, value: &'static str| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    };
    let with = |name: &str, value: Value| {
        let mut body = good.json();
        body[name] = value;
        body.to_string()
    };
    assert_eq!(complaint("GET", &item, &|_| {}), "");
    let cases: [(&str, Change); 8] = [
        ("the status is not described", &|answer| answer.status = 418),
        ("the header etag is missing", &|answer| drop(answer.headers.remove("etag"))),
        ("the header location is not described", &|answer| set(&mut answer.headers, "location", "/")),
        ("etag: ", &|answer| set(&mut answer.headers, "etag", "1")),
        ("the media type \"text/html\"", &|answer| set(&mut answer.headers, "content-type", "text/html")),
        ("additionalProperties", &|answer| answer.text = with("coupled", true.into())),
        ("want number", &|answer| answer.text = with("scoreMaximum", "10".into())),
        ("missing properties 'label'", &|answer| answer.text = answer.text.replace("label", "https://l")),
    ];
    for (expected, change) in cases {
        let complaint = complaint("GET", &item, change);
        assert!(complaint.contains(expected), "{expected}: {complaint:?}");
    }
    for (method, url, expected) in [
        ("PATCH", item.clone(), "MethodNotAllowed is described as 405"),
        ("OPTIONS", item.clone(), "Options is described as 204"),
        ("GET", format!("{item}/history"), "NotFound is described as 404"),
        ("HEAD", item.clone(), "HEAD has no body"),
        ("DELETE", item.clone(), "the status is not described"),
    ] {
        let complaint = complaint(method, &url, &|_| {});
        assert!(complaint.contains(expected), "{method}: {complaint:?}");
    }
    let mut refused = classroom.send(classroom.http.patch(&item)).await.expect(405);
    set(&mut refused.headers, "allow", "DELETE,GET,HEAD");
    let checked = Description::get().check("PATCH", &item, 405, &refused.headers, &refused.text);
    assert!(checked.is_err_and(|complaint| complaint.starts_with("Allow is DELETE,GET,HEAD")));
}
