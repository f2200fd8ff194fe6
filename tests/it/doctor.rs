//! `agsctl doctor`: what it says of a service that is well, and of one that is not.

use std::path::PathBuf;

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::domain::{PublicKeys, Scope};
use ags_tests::{
    Authority, Course, EcKey, Ended, Environment, Fault, LINEITEM, Process, Reply, Tool, ToolHost, Wire,
    World, http_reply,
};
use agsctl::keys::{ToolKey, new_tool_key, write_private};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A service that keeps real time, a tool that is placed in the course `algebra`, and the file of the tool's key.
struct Patient {
    world: World,
    wire: Wire,
    tool: Tool,
    course: Course,
    keys: TempDir,
}

/// What the doctor said, to a program.
struct Said {
    status: Option<i32>,
    report: Value,
    /// All that was printed anywhere.
    text: String,
}

impl Said {
    fn of(ended: &Ended) -> Self {
        let text = format!("{}{}", ended.stdout, ended.stderr);
        let report = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
        Self { status: ended.status.code(), report, text }
    }

    /// The checks that passed, or failed.
    fn checks(&self, ok: bool) -> Vec<&str> {
        let checks = self.report["checks"].as_array().unwrap().iter();
        checks.filter(|check| check["ok"] == ok).map(|check| check["check"].as_str().unwrap()).collect()
    }

    /// Insists on one fault, with these texts in what is wrong and what to do.
    #[track_caller]
    fn names(&self, check: &str, wrong: &str, advice: &str) {
        assert_eq!((self.status, self.checks(false)), (Some(1), vec![check]), "{}", self.text);
        assert_eq!(self.report["ok"], false);
        let checks = self.report["checks"].as_array().unwrap();
        let found = checks.iter().find(|found| found["check"] == check).unwrap();
        assert!(found["detail"].as_str().unwrap().contains(wrong), "{wrong:?} in {found}");
        assert!(found["advice"].as_str().unwrap().contains(advice), "{advice:?} in {found}");
    }
}

/// Runs it in an environment that has nothing of AWS in it.
fn start(arguments: &[&str]) -> Process {
    Process::start("agsctl", &[&["doctor"], arguments].concat(), &Environment::new())
}

async fn examine(arguments: &[&str]) -> Said {
    Said::of(&start(&[arguments, &["--json"]].concat()).ended().await)
}

impl Patient {
    async fn new() -> Self {
        let (world, wire) = World::behind_a_wire().await;
        world.clock.advance(SystemClock.now().unix_seconds() - world.clock.seconds());
        let pem = new_tool_key().unwrap();
        let tool = Tool { client_id: "quiz".to_owned(), key: ToolKey::from_pem(pem.as_bytes()).unwrap() };
        world.register(&tool, |_| {}).await;
        let course = world.place(&tool, "algebra").await;
        let keys = TempDir::new().unwrap();
        write_private(&keys.path().join("quiz.pem"), pem.as_bytes()).unwrap();
        Self { world, wire, tool, course, keys }
    }

    fn key(&self) -> PathBuf {
        self.keys.path().join("quiz.pem")
    }

    /// The arguments of a whole examination.
    fn arguments(&self) -> Vec<String> {
        let key = self.key().display().to_string();
        let rest = ["--client", "quiz", "--key", &key, "--context", "algebra"];
        [&[self.world.base.as_str()], &rest[..]].concat().into_iter().map(str::to_owned).collect()
    }

    fn start(&self, more: &[&str]) -> Process {
        let arguments = self.arguments();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        start(&arguments)
    }

    async fn examined(&self) -> Said {
        Said::of(&self.start(&["--json"]).ended().await)
    }

    /// The line items that the tool sees, and the grades that the LMS does.
    async fn left(&self) -> (Value, Value) {
        let token = self.world.token(&self.tool, &[LINEITEM]).await;
        let items = self.world.get(&self.course.lineitems, &token).await.expect(200).json();
        let lms = self.world.lms_token().await;
        self.world
            .put(&self.world.platform_url("contexts/algebra"), &lms, &json!({ "title": "Algebra" }))
            .await
            .expect(200);
        let grades = self.world.platform_url("contexts/algebra/grades");
        (items, self.world.get(&grades, &lms).await.expect(200).json()["entries"].clone())
    }

    async fn has_nothing_left(&self) {
        assert_eq!(self.left().await, (json!([]), json!([])));
    }
}

const WITHOUT_A_TOOL: [&str; 7] =
    ["address", "clock", "metadata", "key set", "refused assertion", "refused request", "unknown path"];
const AS_A_TOOL: [&str; 6] = ["token", "scopes", "line item", "score", "result", "clean-up"];

#[tokio::test]
async fn a_service_that_is_well_passes_every_check_and_keeps_nothing_of_them() {
    let patient = Patient::new().await;
    let said = examine(&[&patient.world.base]).await;
    assert_eq!((said.status, said.checks(true)), (Some(0), WITHOUT_A_TOOL.to_vec()), "{}", said.text);

    let said = patient.examined().await;
    let all = [&WITHOUT_A_TOOL[..], &AS_A_TOOL[..]].concat();
    assert_eq!((said.status, said.checks(true)), (Some(0), all.clone()), "{}", said.text);
    assert_eq!((&said.report["ok"], said.checks(false)), (&json!(true), vec![]));
    patient.has_nothing_left().await;
    // What is left is what every deleted line item leaves, for as long as it can be restored.
    assert!(patient.world.all_items().await.iter().any(|item| format!("{item:?}").contains("agsctl-doctor")));

    let ended = patient.start(&[]).ended().await;
    assert!(ended.status.success(), "{ended:?}");
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), all.len(), "{ended:?}");
    for (line, check) in lines.iter().zip(&all) {
        assert!(line.starts_with(&format!("ok     {check}  ")), "{check}: {line}");
    }
    assert!(!ended.stdout.contains("eyJ"), "a token: {ended:?}");
}

#[tokio::test]
async fn a_tool_that_signs_on_p_256_or_has_several_keys_is_examined_too() {
    let patient = Patient::new().await;
    let pem = agsctl::keys::new_signing_key().unwrap();
    let der = pem::parse(&pem).unwrap();
    let private = jsonwebtoken::EncodingKey::from_ec_der(der.contents());
    let mut public =
        jsonwebtoken::jwk::Jwk::from_encoding_key(&private, jsonwebtoken::Algorithm::ES256).unwrap();
    public.common.key_id = Some("mine".to_owned());
    let other = EcKey::new(jsonwebtoken::Algorithm::ES256);
    let mut set: Value = serde_json::from_str(&other.jwks).unwrap();
    set["keys"].as_array_mut().unwrap().push(json!(public));
    patient.world.register(&patient.tool, |tool| tool.keys = PublicKeys::Set(set.to_string())).await;
    write_private(&patient.key(), pem.as_bytes()).unwrap();

    let named = Said::of(&patient.start(&["--kid", "mine", "--json"]).ended().await);
    assert_eq!((named.status, named.checks(false)), (Some(0), vec![]), "{}", named.text);
    let mistaken = Said::of(&patient.start(&["--kid", "ec", "--json"]).ended().await);
    mistaken.names("token", "invalid_client", "--kid");
}

#[tokio::test]
async fn what_is_wrong_with_a_tool_is_named_with_what_to_do() {
    let patient = Patient::new().await;
    let Patient { world, tool, course, .. } = &patient;

    world.register(tool, |tool| tool.enabled = false).await;
    patient.examined().await.names("token", "unauthorized_client", "agsctl tools enable quiz");

    world.register(tool, |tool| tool.scopes = [].into_iter().collect()).await;
    patient.examined().await.names("token", "invalid_scope", "agsctl tools change quiz scopes:=");

    world
        .register(tool, |tool| tool.scopes = [Scope::LineItem, Scope::ResultReadOnly].into_iter().collect())
        .await;
    let said = patient.examined().await;
    said.names("scopes", "does not hold score", "agsctl tools change quiz scopes:=");
    assert_eq!(said.checks(true).last(), Some(&"token"), "{}", said.text);

    let other = ags_tests::Platform::client("another");
    world.register(tool, |tool| tool.keys = PublicKeys::Set(other.key.jwks())).await;
    patient.examined().await.names("token", "invalid_client", "agsctl tools show quiz");

    world.register(tool, |_| {}).await;
    world.remove(tool, course).await;
    patient.examined().await.names("line item", "404", "agsctl placements put algebra quiz");
    patient.world.place(tool, "algebra").await;
    patient.has_nothing_left().await;
}

#[tokio::test]
async fn a_service_at_another_address_than_its_issuer_is_named() {
    let patient = Patient::new().await;
    let elsewhere = patient.world.base.replace("127.0.0.1", "localhost");
    examine(&[&elsewhere]).await.names("metadata", &patient.world.base, "AGS_BASE_URL");
    for (base, wrong) in [
        ("http://ags.example.edu", "https://"),
        ("https://ags.example.edu/", "trailing slash"),
        ("ags.example.edu", "absolute URL"),
    ] {
        examine(&[base]).await.names("address", wrong, "Issuer");
    }
}

#[tokio::test]
async fn a_service_that_is_down_is_named_and_not_asked_again() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", port.local_addr().unwrap());
    drop(port);
    let said = examine(&[&base]).await;
    said.names("address", "no answer", "leads to the stack");
    assert_eq!(said.checks(true), Vec::<&str>::new());
}

#[tokio::test]
async fn a_table_that_is_away_is_named() {
    let patient = Patient::new().await;
    patient.wire.down().await;
    let said = patient.examined().await;
    assert_eq!(said.status, Some(1));
    assert_eq!(said.checks(false).last(), Some(&"token"), "{}", said.text);
    assert!(said.text.contains("answered 503") && said.text.contains("TableErrors"), "{}", said.text);
}

#[tokio::test]
async fn nothing_is_left_when_the_score_fails() {
    let patient = Patient::new().await;
    patient.wire.fail("UpdateItem", "USER#agsctl-doctor");
    let said = patient.examined().await;
    said.names("score", "answered 503", "TableErrors");
    assert_eq!(said.checks(true).last(), Some(&"clean-up"), "{}", said.text);
    patient.has_nothing_left().await;
}

/// The table says that it keeps the score, and does not.
#[tokio::test]
async fn a_result_that_is_not_what_was_sent_is_named() {
    let patient = Patient::new().await;
    patient.wire.always(Fault::Error(200, "Nothing"), "UpdateItem", "USER#agsctl-doctor");
    let said = patient.examined().await;
    said.names("result", "instead of 8", "deploy again");
    assert_eq!(said.checks(true).last(), Some(&"clean-up"), "{}", said.text);
}

/// Nobody was told its URL.
#[tokio::test]
async fn nothing_is_left_when_the_line_item_was_made_and_the_answer_said_that_it_was_not() {
    let patient = Patient::new().await;
    patient.wire.always(Fault::LoseAnswer, "PutItem", "agsctl doctor");
    let said = patient.examined().await;
    said.names("line item", "answered 503", "TableErrors");
    assert_eq!(said.checks(true).last(), Some(&"clean-up"), "{}", said.text);
    patient.wire.mend();
    patient.has_nothing_left().await;
}

#[tokio::test]
async fn nothing_is_left_after_ctrl_c() {
    let patient = Patient::new().await;
    patient.wire.hold("UpdateItem", "USER#agsctl-doctor");
    let running = patient.start(&["--json"]);
    patient.wire.held("UpdateItem", "USER#agsctl-doctor").await;
    running.signal("INT").await;
    Said::of(&running.ended().await).names("exchange", "interrupted", "again");
    patient.wire.mend();
    patient.wire.release();
    patient.has_nothing_left().await;
}

#[tokio::test]
async fn a_line_item_that_cannot_be_deleted_is_named() {
    let patient = Patient::new().await;
    patient.wire.fail("UpdateItem", "ITEM#");
    let said = patient.examined().await;
    assert_eq!(said.checks(false).last(), Some(&"clean-up"), "{}", said.text);
    assert!(said.text.contains(&format!("{}?resource_id=agsctl-doctor-", patient.course.lineitems)));
}

/// Only what stands in the way: a date, a cache that is forbidden, a redirection, another service.
#[tokio::test]
async fn what_something_in_between_does_to_answers_is_named_and_a_redirection_is_not_followed() {
    let (host, elsewhere) = (ToolHost::http().await, ToolHost::http().await);
    let base = format!("http://127.0.0.1:{}", host.port());
    let right = json!({
        "issuer": base,
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "keys": [{ "alg": "ES256", "kid": "k" }],
    });
    let date = ("date", "Sun, 22 Nov 2015 12:00:00 GMT");
    host.publishes(&right.to_string(), &[date, ("cache-control", "no-store, max-age=300")]);
    let said = examine(&[&base]).await;
    assert_eq!(said.checks(true), ["address", "metadata"], "{}", said.text);
    assert!(said.text.contains("ahead of the service"), "{}", said.text);
    assert!(said.text.contains("nobody may keep it"), "{}", said.text);

    host.publishes(&json!({ "keys": [{ "alg": "RS256", "kid": "k" }, { "alg": "ES256" }] }).to_string(), &[]);
    let said = examine(&[&base]).await;
    assert!(said.text.contains("no Date header") && said.text.contains("no ES256 key"), "{}", said.text);

    let location = format!("http://127.0.0.1:{}/", elsewhere.port());
    host.replies(Reply::Bytes(http_reply("302 Found", &[("location", &location)], "")));
    let said = examine(&[&base]).await;
    assert!(said.text.contains("answered 302 instead of 200"), "{}", said.text);
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_service_sends_back_can_neither_show_a_token_nor_control_a_terminal() {
    let patient = Patient::new().await;
    let host = ToolHost::http().await;
    let base = format!("http://127.0.0.1:{}", host.port());
    let long = "x".repeat(400);
    let body = json!({ "error": "invalid_client", "error_description": format!("{long} \u{1b}[2J") });
    host.replies(Reply::Bytes(http_reply("418 No", &[], body.to_string())));
    let key = patient.key().display().to_string();
    let ended = start(&[&base, "--client", "quiz", "--key", &key]).ended().await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stdout.contains("invalid_client"), "{ended:?}");
    assert!(!ended.stdout.contains(&long) && !ended.stdout.contains('\u{1b}'), "{ended:?}");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_named() {
    let authority = Authority::default();
    let host = ToolHost::https(&authority, "localhost").await;
    let base = format!("https://localhost:{}", host.port());
    let said = examine(&[&base]).await;
    said.names("address", "certificate", "certificate");

    let trusted = TempDir::new().unwrap();
    let file = trusted.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let environment = [("SSL_CERT_FILE".to_owned(), file.display().to_string())].into();
    let ended = Process::start("agsctl", &["doctor", &base], &environment).ended().await;
    assert!(ended.stdout.contains(&format!("{base} answers over TLS")), "{ended:?}");
}

#[tokio::test]
async fn a_key_that_is_none_ends_it_at_once() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("key.pem");
    std::fs::write(&file, "secret").unwrap();
    let ended =
        start(&["http://127.0.0.1:9", "--client", "x", "--key", file.to_str().unwrap()]).ended().await;
    assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(1), ""));
    assert!(
        ended.stderr.contains("neither an RSA private key") && !ended.stderr.contains("secret"),
        "{ended:?}"
    );
}
