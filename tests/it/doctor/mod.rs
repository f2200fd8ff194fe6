//! `agsctl doctor`: what it says of a service that is well, and of one that is not.

mod between;
mod dry_run;
mod tools;

use std::path::PathBuf;

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::domain::PublicKeys;
use ags_tests::{Course, EcKey, Ended, Environment, LINEITEM, Process, Tool, Wire, World};
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
