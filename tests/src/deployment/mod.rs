//! The stack that `infra/template.yaml` makes, as an emulator of AWS made it: `tests/stack/deploy.py` resolves every
//! reference in it, and tells what each function was given, what its role allows, and which route leads where.
//!
//! ```text
//! test ──HTTP──▶ Gateway ──event──▶ function ──▶ Guard ──▶ table, KMS
//!               the routes       its environment   its role
//! ```

mod calls;
mod gateway;
mod guard;
mod roles;
mod routes;
mod used;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use ags_kms::Kms;
use ags_shared::config::{AwsCredentials, KmsConfig};
use ags_shared::domain::PublicHalf;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::process::Environment;
pub(crate) use gateway::{Gateway, NO_ROUTE};
pub use guard::{Guard, decide};
pub use roles::{Access, Grant, Role};
pub use routes::{Route, choose};
pub use used::{is_of_lambda, used_grants};

const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.tools/moto/bin/python");
const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/stack/deploy.py");

/// Names the directory with the function binaries that the tests are to run against, and thereby that they are.
const FUNCTIONS: &str = "AGS_TESTS_FUNCTIONS";

/// A value for each parameter that is empty where nobody gives one, and other values for some that are not.
const PARAMETERS: [&str; 13] = [
    "DomainName=ags.example.edu",
    "CertificateArn=arn:aws:acm:eu-central-1:123456789012:certificate/1",
    "HostedZoneId=Z1",
    "TableKeyArn=arn:aws:kms:eu-central-1:123456789012:key/of-the-table",
    "RestoredTable=restored",
    "AlarmTopicArn=arn:aws:sns:eu-central-1:123456789012:alarms",
    "LogRetentionDays=30",
    "ThrottleRate=7",
    "TokenConcurrency=1",
    "LineitemsConcurrency=2",
    "ScoresConcurrency=3",
    "ResultsConcurrency=4",
    "PlatformConcurrency=5",
];

static DEPLOYMENT: LazyLock<Running> = LazyLock::new(|| Running::start(&[]));
static WITH_PARAMETERS: LazyLock<Running> = LazyLock::new(|| Running::start(&PARAMETERS));

/// The emulator, which ends when its standard input is closed: with this process.
struct Running {
    deployment: Deployment,
    _emulator: Child,
}

/// What was deployed.
#[derive(Debug, Deserialize)]
pub struct Deployment {
    /// Where the emulator is, for the calls of KMS.
    endpoint: String,
    region: String,
    /// The table.
    pub table: Table,
    /// The signing key.
    pub key: Key,
    /// The functions, by the names of their programs.
    pub functions: BTreeMap<String, Function>,
    /// The routes of the HTTP API.
    pub routes: Vec<Route>,
    /// What the operator is shown.
    pub outputs: BTreeMap<String, String>,
    /// All that was made, by the names in the template.
    pub resources: BTreeMap<String, Resource>,
}

/// What the template says of something that was made, with all references resolved.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resource {
    /// For example `AWS::DynamoDB::Table`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// Its properties.
    pub properties: Value,
    /// What becomes of it when the stack is removed, if that is said.
    pub deletion_policy: Option<String>,
    /// What becomes of it when another takes its place, if that is said.
    pub update_replace_policy: Option<String>,
}

/// The table.
#[derive(Debug, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

/// The key that signs access tokens.
#[derive(Debug, Deserialize)]
pub struct Key {
    /// Its ARN.
    pub arn: String,
    tags: BTreeMap<String, String>,
}

/// A function.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Function {
    /// Its ARN.
    pub arn: String,
    /// The environment variables that the template gives it.
    pub environment: Environment,
    log_format: String,
    log_level: String,
    /// What its role allows.
    #[serde(rename = "policies")]
    pub role: Role,
}

impl Running {
    fn start(parameters: &[&str]) -> Self {
        assert!(Path::new(PYTHON).exists(), "{PYTHON} is missing; run: make .tools/moto/done");
        let mut command = Command::new(PYTHON);
        command.arg(DEPLOY).args(parameters).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut emulator = command.spawn().expect("python can be started");
        let mut line = String::new();
        let printed = emulator.stdout.take().expect("a pipe");
        BufReader::new(printed).read_line(&mut line).expect("a line of the emulator");
        let deployment = serde_json::from_str(&line);
        let deployment: Deployment =
            deployment.unwrap_or_else(|error| panic!("infra/template.yaml was not deployed: {error}"));
        deployment.functions.values().for_each(|function| function.role.check());
        Self { deployment, _emulator: emulator }
    }
}

impl Deployment {
    /// The one that all tests of this process share; the first to ask waits for it.
    pub fn get() -> &'static Self {
        &DEPLOYMENT.deployment
    }

    /// Another one, which was deployed with an address of its own, a restored table, and whatever else may be chosen.
    pub fn with_parameters() -> &'static Self {
        &WITH_PARAMETERS.deployment
    }

    /// The resources of a type, by name.
    pub fn resources_of(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        let of_kind = self.resources.iter().filter(move |(_, resource)| resource.kind == kind);
        of_kind.map(|(name, resource)| (name.as_str(), &resource.properties))
    }

    /// The same as [`get`](Self::get), if this run of the tests is about the deployed functions.
    pub(crate) fn under_test() -> Option<&'static Self> {
        programs().map(|_| Self::get())
    }

    /// The public half of the signing key.
    pub(crate) async fn signing_key(&self) -> PublicHalf {
        static KEY: OnceCell<PublicHalf> = OnceCell::const_new();
        let local = || "local".to_owned();
        let credentials =
            AwsCredentials { access_key_id: local(), secret_access_key: local(), session_token: None };
        let config =
            KmsConfig { region: self.region.clone(), credentials, endpoint: Some(self.endpoint.clone()) };
        let read = async || {
            let public = Kms::new(&config).public_half(&self.key.arn).await.expect("the deployed key");
            // The emulator calls it by its id.
            PublicHalf { private: Some(self.key.arn.clone()), ..public }
        };
        KEY.get_or_init(read).await.clone()
    }

    /// The variables of a function that reaches AWS through `guard`: those of the template, and those that Lambda sets
    /// before a program asks for its first event.
    pub(crate) fn environment(&self, name: &str, guard: &str) -> Environment {
        let function = &self.functions[name];
        let of_lambda = [
            ("AWS_REGION", self.region.as_str()),
            ("AWS_DEFAULT_REGION", &self.region),
            ("AWS_ACCESS_KEY_ID", &access_key(name)),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "session"),
            ("AWS_LAMBDA_LOG_FORMAT", &function.log_format),
            ("AWS_LAMBDA_LOG_LEVEL", &function.log_level),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("LAMBDA_TASK_ROOT", "/var/task"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
        ];
        // The two that differ from AWS: where its services are.
        let of_tests = [("AWS_ENDPOINT_URL_DYNAMODB", guard), ("AWS_ENDPOINT_URL_KMS", guard)];
        let others = of_lambda.into_iter().chain(of_tests);
        let others = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
        function.environment.clone().into_iter().chain(others).collect()
    }

    /// The function that calls with an access key.
    fn caller(&self, access_key_id: &str) -> Option<(&str, &Role)> {
        let (name, function) = self.functions.iter().find(|(name, _)| access_key(name) == access_key_id)?;
        Some((name, &function.role))
    }
}

/// The access key of a function's role.
fn access_key(function: &str) -> String {
    format!("ASIA{}", function.to_uppercase())
}

/// The directory that [`FUNCTIONS`] names.
fn programs() -> Option<PathBuf> {
    std::env::var_os(FUNCTIONS).map(PathBuf::from)
}

/// The program of the function `name` in that directory: as `cargo lambda build` names it, or as cargo does.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let directory = programs()?;
    let programs = [directory.join(name).join("bootstrap"), directory.join(name)];
    let program = programs.iter().find(|program| program.is_file());
    Some(program.unwrap_or_else(|| panic!("{FUNCTIONS} has none of {programs:?}")).clone())
}
