//! Ids that others chose, in paths that a gateway has percent-decoded, through the built functions.

use ags_tests::{Event, Function, RESULT_READONLY, SCORE, Stack, Tool};
use serde_json::{Value, json};

/// Ids with all that a path may not hold as it is, or that looks like an escape of it.
const IDS: [&str; 18] = [
    "a b/c#d?e%41+~",
    "/",
    "//x/",
    "?",
    "#",
    "%",
    "%41",
    "%2541",
    "A",
    "~",
    "~41",
    "~7e41",
    ".",
    "..",
    "a/../A",
    "\"quoted\" 'single' \\",
    " ",
    "<x>@y:{z};[&]=|^`,!$()*",
];

/// A line item of a tool, and the functions that record and read its scores.
struct Scene {
    stack: Stack,
    item: String,
    bearer: String,
    scores: Function,
    results: Function,
}

impl Scene {
    async fn new() -> Self {
        let stack = Stack::new().await;
        let tool = stack.tool("tool").await;
        let course = stack.place(&tool, "course").await;
        let item = stack.coupled_line_item(&tool, &course, "quiz").await;
        let mut token = stack.start("token").await;
        let bearer = stack.token(&mut token, &tool, &[SCORE, RESULT_READONLY]).await;
        let (scores, results) = (stack.start("scores").await, stack.start("results").await);
        Self { stack, item, bearer, scores, results }
    }

    /// Records a score; the URL of the result.
    async fn record(&mut self, user: &str, given: usize) -> String {
        let score = score(&self.stack, user, given);
        let event = Event::new("POST", &format!("{}/scores", self.item)).bearer(&self.bearer);
        let answer = self.scores.answer(&event.body("application/json", score.to_string())).await.expect(200);
        answer.json()["resultUrl"].as_str().unwrap().to_owned()
    }

    /// The status of the answer to a request for what stands below the results of the line item, and whose it is.
    async fn read(&mut self, segment: &str) -> (u16, Value) {
        let event = Event::new("GET", &format!("{}/results/{segment}", self.item)).bearer(&self.bearer);
        let answer = self.results.answer(&event).await;
        (answer.status, answer.json()["userId"].clone())
    }
}

fn score(stack: &Stack, user: &str, given: usize) -> Value {
    json!({
        "userId": user,
        "scoreGiven": given,
        "scoreMaximum": 100,
        "timestamp": stack.services.now().to_string(),
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    })
}

fn is_plain(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/~._-".contains(&byte))
}

#[tokio::test]
async fn every_user_id_comes_back_whole_from_the_address_of_its_result_ags_91_123() {
    let mut scene = Scene::new().await;
    let mut urls = Vec::new();
    for (given, user) in IDS.into_iter().enumerate() {
        let url = scene.record(user, given).await;
        let segment = url.strip_prefix(&format!("{}/results/", scene.item)).unwrap();
        assert!(is_plain(segment) && !segment.contains('/'), "{user}: {segment}");
        urls.push(url);
    }
    for ((given, user), url) in IDS.into_iter().enumerate().zip(&urls) {
        let event = Event::new("GET", url).bearer(&scene.bearer);
        let result = scene.results.answer(&event).await.expect(200).json();
        assert_eq!((&result["userId"], &result["id"]), (&json!(user), &json!(url)));
        assert_eq!(result["resultScore"], given, "{user}");
    }
}

/// What the LMS side's client sends, with a token of the LMS.
struct Office {
    stack: Stack,
    tool: Tool,
    bearer: String,
    platform: Function,
}

impl Office {
    async fn new(client: &str) -> Self {
        let stack = Stack::new().await;
        let (lms, tool) = (stack.lms("lms").await, stack.tool(client).await);
        let scope = format!("{}/scope/platform", stack.services.links.issuer());
        let bearer = stack.token(&mut stack.start("token").await, &lms, &[&scope]).await;
        let platform = stack.start("platform").await;
        Self { stack, tool, bearer, platform }
    }

    async fn put(&mut self, path: &[&str], body: Value) -> Value {
        let event = Event::new("PUT", &self.url(path)).bearer(&self.bearer);
        let event = event.body("application/json", body.to_string());
        self.platform.answer(&event).await.expect(200).json()
    }

    async fn get(&mut self, path: &[&str]) -> Value {
        let event = Event::new("GET", &self.url(path)).bearer(&self.bearer);
        self.platform.answer(&event).await.expect(200).json()
    }

    fn url(&self, path: &[&str]) -> String {
        let url = self.stack.services.links.platform(path);
        assert!(is_plain(url.split_once("://").unwrap().1), "{url}");
        url
    }
}

#[tokio::test]
async fn every_id_of_an_lms_comes_back_whole() {
    let mut office = Office::new("a/b c?d#e%41~2f").await;
    let client = office.tool.client_id.clone();
    for id in IDS {
        let course = ["contexts", id];
        assert_eq!(office.put(&course, json!({ "title": "T" })).await["id"], id);
        assert_eq!(office.get(&course).await["id"], id);
        let place = ["contexts", id, "tools", &client];
        office.put(&place, json!({ "deployment": "1" })).await;
        let link = [&place[..], &["links", id]].concat();
        let made = office.put(&link, json!({ "title": "T" })).await;
        assert_eq!((&made["id"], &made["tool"]), (&json!(id), &json!(client)));
        let progress = [&link[..], &["progress", id]].concat();
        office.put(&progress, json!({ "status": "completed", "percentage": 40 })).await;
        let item = made["line_item_url"].as_str().unwrap().rsplit('/').next().unwrap();
        let grade = [&place[..], &["lineitems", item, "grades", id]].concat();
        assert_eq!(office.get(&grade).await["user_id"], id);
        let person = office.get(&["users", id]).await;
        assert_eq!(person["entries"][0]["context_id"], id, "{person}");
    }
}

#[tokio::test]
async fn a_user_id_is_decoded_once_and_reaches_nobody_elses_result_ags_123() {
    let mut scene = Scene::new().await;
    for (given, user) in ["A", "%41", "a/b"].into_iter().enumerate() {
        scene.record(user, given).await;
    }
    for (segment, found) in [
        // A client may percent-encode as it likes.
        ("A", Some("A")),
        ("%41", Some("A")),
        ("~41", Some("A")),
        ("%7E41", Some("A")),
        ("%2541", Some("%41")),
        ("~2541", Some("%41")),
        ("%7e2541", Some("%41")),
        ("a~2Fb", Some("a/b")),
        ("%252541", None),
        ("~252541", None),
        ("~7e41", None),
        ("%257E41", None),
        ("a%2Fb", None),
        ("a%252Fb", None),
    ] {
        let (status, user) = scene.read(segment).await;
        let expected = found.map_or((404, Value::Null), |user| (200, json!(user)));
        assert_eq!((status, user), expected, "{segment}");
    }
}

#[tokio::test]
async fn no_decoded_path_leads_to_something_else_than_it_names_ags_123() {
    let mut scene = Scene::new().await;
    scene.record("ada", 1).await;
    for segment in [
        ".",
        "..",
        "%2E%2E",
        "%252e%252e",
        "ada%2F..",
        "x%2F..%2Fada",
        ".%2Fada",
        "ada%23x",
        "ada%09",
        "%0Aada",
        "x%5C..%5Cada",
        "ada%5C",
        "ada%00",
        "ada%20",
        "ada~",
        "ada~2",
        "ada~zz",
        "~ff",
        "~c3",
        "~c3~bc",
        "%ff",
        "%C3%BC",
        "ada~00",
    ] {
        assert_eq!(scene.read(segment).await, (404, Value::Null), "{segment}");
    }
}

#[tokio::test]
async fn an_id_that_is_not_escaped_as_it_must_be_is_the_mistake_of_the_lms() {
    let mut office = Office::new("tool").await;
    for (path, name) in [
        ("contexts/a~", "context"),
        ("contexts/~zz", "context"),
        ("contexts/~ff", "context"),
        ("contexts/~c3~bc", "context"),
        ("contexts/%C3%BC", "context"),
        ("tools/a~2", "client"),
        ("contexts/c/tools/tool/links/~/claim", "link"),
        ("users/~1", "user"),
    ] {
        let event = Event::new("GET", &format!("{}/{path}", office.url(&[]))).bearer(&office.bearer);
        office.platform.answer(&event).await.refuses(400, "invalid-parameter", name, path);
    }
}

#[tokio::test]
async fn no_raw_path_makes_an_error_of_a_function() {
    let stack = Stack::new().await;
    let paths = [
        "",
        "/",
        "//",
        ".",
        "..",
        "x",
        "*",
        "@x",
        ":0",
        ":99999999",
        "[",
        "?",
        "#",
        "\\",
        "%",
        "%zz",
        "%00",
        "~",
        "~~",
        "/../..",
        "/./",
        "/\u{0}",
        "/\t",
        "/ ",
        "/ü",
        "/\u{fffd}",
        "/\u{10ffff}",
        "/{x}",
        "/{*x}",
        "/|^`<>\"",
        "/contexts//lineitems",
        "//ags.example.edu//",
        "/contexts/%/lineitems",
        "/platform/#/?",
        "/platform/contexts/\\",
        "/token#x",
    ];
    for name in ["token", "lineitems", "scores", "results", "platform"] {
        let mut function = stack.start(name).await;
        for path in paths.iter().map(|path| (*path).to_owned()).chain(["/x".repeat(4_000)]) {
            let mut event = Event::new("GET", "https://ags.example.edu/").to_json();
            event["rawPath"] = json!(path);
            event["requestContext"]["http"]["path"] = json!(path);
            let status = function.invoke(&event).await["statusCode"].clone();
            assert!(
                [404, 401, 405, 400, 307].map(Value::from).contains(&status),
                "{name} {path:?}: {status}"
            );
        }
    }
}
