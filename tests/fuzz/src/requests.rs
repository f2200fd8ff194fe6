//! Whole requests, through every router and over the embedded engine.
//!
//! An input is a request as HTTP/1.1 writes it, without the version: `POST {item}/scores`, headers, an empty line and
//! the body. `{list}` and `{item}` stand for the paths of the container and of a line item with one score; a valid
//! token goes along unless there is an `authorization` header, in which `{token}` stands for it.

use std::sync::{Arc, LazyLock, Mutex};

use ags_shared::auth::access_token::{self, Grant};
use ags_shared::domain::Role;
use ags_shared::http::app;
use ags_tests::{Answer, Course, Platform, TestClock, Tool};
use agsctl::dev::all_routes;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

const ORIGIN: &str = "https://ags.example.edu";
const BASE: &str = "https://ags.example.edu/lti";
/// After so many scenes they are played in a new table, so that memory does not run out.
const SCENES_MAX: u32 = 1_000;

static THEATRE: LazyLock<Mutex<(Runtime, Theatre)>> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let theatre = runtime.block_on(Theatre::new());
    Mutex::new((runtime, theatre))
});

/// Whether the service does what the request asks for.
pub(crate) fn run(input: &[u8]) -> bool {
    let mut guard = THEATRE.lock().expect("no target goes on after a panic");
    let (runtime, theatre) = &mut *guard;
    Sent::parse(input, theatre).is_some_and(|sent| runtime.block_on(theatre.play(sent)))
}

/// A service with one tool, and what the next request meets there.
struct Theatre {
    platform: Platform,
    app: Router,
    tool: Tool,
    token: String,
    scenes: u32,
    list: String,
    item: String,
}

struct Sent {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    /// With the token, and with it alone.
    authorized: bool,
}

impl Sent {
    /// `None` for what an HTTP server refuses before any code of ours sees it.
    fn parse(input: &[u8], theatre: &Theatre) -> Option<Self> {
        let end = input.windows(2).position(|two| two == b"\n\n");
        let (head, body) = end.map_or((input, &b""[..]), |end| (&input[..end], &input[end + 2..]));
        let mut lines = head.split(|byte| *byte == b'\n');
        let (method, target) = str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
        let target = target.replace("{list}", &theatre.list).replace("{item}", &theatre.item);
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
            let value = value[1..].trim_ascii();
            let name = HeaderName::from_bytes(name).ok()?;
            let token = (name == AUTHORIZATION).then(|| str::from_utf8(value).ok()).flatten();
            let value = match token {
                Some(text) => HeaderValue::from_str(&text.replace("{token}", &theatre.token)).ok()?,
                None => HeaderValue::from_bytes(value).ok()?,
            };
            headers.append(name, value);
        }
        if !headers.contains_key(AUTHORIZATION) {
            headers.insert(AUTHORIZATION, theatre.bearer());
        }
        let authorized = headers.get_all(AUTHORIZATION).iter().all(|value| {
            let words: Vec<_> = value.to_str().unwrap_or_default().split_ascii_whitespace().collect();
            words.len() == 2 && words[0].eq_ignore_ascii_case("bearer") && words[1] == theatre.token
        });
        let (method, uri) = (method.parse().ok()?, target.parse().ok()?);
        Some(Self { method, uri, headers, body: Bytes::copy_from_slice(body), authorized })
    }
}

impl Theatre {
    async fn new() -> Self {
        let platform = Platform::embedded(BASE, Arc::new(TestClock::default())).await;
        let app = app(all_routes(platform.issuer()), &platform.config.links);
        let tool = platform.tool("tool").await;
        let grant = Grant {
            client: tool.client_id.parse().expect("a client id"),
            scopes: Role::Tool.scopes(),
            deployment: None,
            token_id: "1".to_owned(),
        };
        let signer = platform.signer.as_ref();
        let key = signer.public_half().clone().signing_from(0);
        let token = access_token::mint(signer, &key, BASE, &grant, platform.services.now()).await;
        let token = token.expect("a token");
        let (list, item) = (String::new(), String::new());
        let mut theatre = Self { platform, app, tool, token, scenes: 0, list, item };
        theatre.set().await;
        theatre
    }

    /// A new course with one line item and one score, so that no input meets what another one left.
    async fn set(&mut self) {
        self.scenes += 1;
        let Course { lineitems, .. } =
            self.platform.place(&self.tool, &format!("course-{}", self.scenes)).await;
        self.list = path_of(&lineitems);
        let body = json!({ "label": "Essay", "scoreMaximum": 10, "tag": "t" });
        let created = self.call(Method::POST, &self.list, &body).await.expect(201);
        self.item = path_of(created.json()["id"].as_str().expect("a URL"));
        let score = json!({
            "userId": "ada", "scoreGiven": 5, "scoreMaximum": 10, "timestamp": "2026-11-21T11:00:00Z",
            "activityProgress": "Completed", "gradingProgress": "FullyGraded",
        });
        self.call(Method::POST, &format!("{}/scores", self.item), &score).await.expect(200);
    }

    async fn play(&mut self, sent: Sent) -> bool {
        let (method, body, authorized) = (sent.method.clone(), sent.body.clone(), sent.authorized);
        let path = sent.uri.path().to_owned();
        let answer = self.send(sent).await;
        assert!((200..500).contains(&answer.status), "{answer:?}");
        if method != Method::HEAD {
            well_formed(&answer, &path);
        }
        let taken = answer.status < 400 && answer.status != 307;
        if !taken || method == Method::OPTIONS {
            return taken;
        }
        assert!(authorized || path.contains("well-known"), "{path} is open to everyone: {answer:?}");
        if method == Method::GET {
            self.turns_the_page(&answer).await;
        } else if method != Method::HEAD {
            self.reads_back(&method, &answer, &body).await;
            if self.scenes == SCENES_MAX {
                *self = Self::new().await;
            } else {
                self.set().await;
            }
        }
        taken
    }

    /// A next link leads to a page with something on it (AGS 79).
    async fn turns_the_page(&self, answer: &Answer) {
        if let Some(next) = answer.next() {
            let page = self.read(&next).await.expect(200);
            assert!(page.json().as_array().is_some_and(|page| !page.is_empty()), "{next} is empty");
        }
    }

    /// What was taken in is there, and spoils nothing that is read afterwards.
    async fn reads_back(&self, method: &Method, answer: &Answer, body: &[u8]) {
        self.read(&self.list).await.expect(200);
        if method == Method::DELETE {
            self.read(&self.item).await.expect(404);
            return;
        }
        self.read(&format!("{}/results", self.item)).await.expect(200);
        if let Some(url) = answer.json()["resultUrl"].as_str() {
            let result = self.read(url).await.expect(200);
            let score: Value = serde_json::from_slice(body).unwrap_or_default();
            assert!(score.is_null() || score["userId"] == result.json()["userId"], "{result:?}");
        } else {
            let item = self.read(answer.json()["id"].as_str().expect("a URL")).await.expect(200);
            assert_eq!((&item.text, item.header("etag")), (&answer.text, answer.header("etag")));
        }
    }

    async fn read(&self, url: &str) -> Answer {
        self.call(Method::GET, &path_of(url), &Value::Null).await
    }

    async fn call(&self, method: Method, target: &str, body: &Value) -> Answer {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, self.bearer())]);
        let uri = target.parse().expect("a path of ours");
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        self.send(Sent { method, uri, headers, body, authorized: true }).await
    }

    async fn send(&self, sent: Sent) -> Answer {
        let method = sent.method.to_string();
        // The description knows nothing of the path of the base.
        let path = sent.uri.path();
        let is_below = path.trim_start_matches('/').starts_with("lti/");
        let target = if is_below { path.replacen("/lti", "", 1) } else { path.to_owned() };
        let mut request = Request::new(Body::from(sent.body));
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) =
            (sent.method, sent.uri, sent.headers);
        let response = self.app.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let text = String::from_utf8(body.into()).expect("an answer in UTF-8");
        Answer::to(&method, &target, status, headers, text)
    }

    fn bearer(&self) -> HeaderValue {
        format!("Bearer {}", self.token).parse().expect("a header")
    }
}

fn path_of(url: &str) -> String {
    url.strip_prefix(ORIGIN).unwrap_or(url).to_owned()
}

fn well_formed(answer: &Answer, path: &str) {
    let type_of_body = answer.header("content-type");
    match answer.status {
        200 | 201 => {
            assert!(type_of_body.starts_with("application/"), "{answer:?}");
            assert!(serde_json::from_str::<&RawValue>(&answer.text).is_ok(), "{answer:?}");
        }
        // The last: to whoever has the path without slashes too many.
        204 | 304 | 307 => assert_eq!(answer.text, "", "{answer:?}"),
        400 if path.trim_end_matches('/').ends_with("/token") => {
            answer.refusal();
        }
        status => {
            let (kind, field) = answer.problem();
            assert_eq!(
                !field.is_empty(),
                matches!(&*kind, "invalid-member" | "invalid-parameter"),
                "{answer:?}"
            );
            assert_eq!(status == 405, !answer.header("allow").is_empty(), "{answer:?}");
            assert_eq!(
                matches!(&*kind, "invalid-token" | "insufficient-scope"),
                answer.header("www-authenticate").starts_with("Bearer error="),
                "{answer:?}"
            );
        }
    }
}
