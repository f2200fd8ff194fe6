//! What the built functions take from their environment, and that they look nowhere else.

use std::net::TcpListener;

use ags_tests::{Environment, Event, Function, Process, Runtime, SCORE, Stack, lambda_environment};
use serde_json::json;

const OPTIONAL: [&str; 2] = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_SESSION_TOKEN"];
const FUNCTIONS: [&str; 6] = ["token", "lineitems", "scores", "results", "platform", "purge"];

/// Runs a function that is expected to refuse; what it says on standard error.
async fn refusal(name: &str, environment: &Environment) -> String {
    let runtime = Runtime::start().await;
    let mut environment = environment.clone();
    environment.extend(lambda_environment(name, runtime.address()));
    let ended = Process::start(name, &[], &environment).ended().await;
    assert!(!ended.status.success(), "{name} did not refuse");
    assert_eq!(runtime.polls(), 0, "{name} asked for an event first");
    ended.stderr
}

#[tokio::test]
async fn a_missing_variable_ends_the_process_and_is_named() {
    let stack = Stack::new().await;
    for function in FUNCTIONS {
        let complete = stack.environment(function);
        for name in complete.keys().filter(|name| !OPTIONAL.contains(&name.as_str())) {
            let mut environment = complete.clone();
            environment.remove(name);
            let said = refusal(function, &environment).await;
            assert!(said.contains(name), "{function} without {name}: {said}");
            environment.insert(name.clone(), String::new());
            let said = refusal(function, &environment).await;
            assert!(said.contains(name), "{function} with an empty {name}: {said}");
        }
    }
}

#[tokio::test]
async fn a_token_function_with_two_signing_keys_or_none_ends_and_names_both_variables() {
    let stack = Stack::new().await;
    let (file, kms) = ("AGS_SIGNING_KEY_FILE", "AGS_SIGNING_KMS_KEY");
    let mut environment = stack.environment("token");
    environment.insert(kms.to_owned(), "alias/ags".to_owned());
    let two = refusal("token", &environment).await;
    environment.retain(|name, _| ![file, kms].contains(&name.as_str()));
    let none = refusal("token", &environment).await;
    for said in [two, none] {
        assert!(said.contains(file) && said.contains(kms), "{said}");
    }
}

/// Among others, a public address without TLS (AGS 16).
#[tokio::test]
async fn a_wrong_variable_ends_the_process_and_is_named_with_what_is_wrong() {
    let stack = Stack::new().await;
    for (name, value, reason) in [
        ("AGS_BASE_URL", "http://ags.example.edu", "https://"),
        ("AGS_BASE_URL", "ags.example.edu", "absolute URL"),
        ("AGS_SIGNING_KEY_FILE", "/nowhere/key.pem", "/nowhere/key.pem"),
        ("AGS_SIGNING_KEY_FILE", "Cargo.toml", "signing key"),
        ("AGS_JWKS_PORTS", "8443,https", "a list of ports"),
        ("AGS_JWKS_PORTS", "65536", "a list of ports"),
        ("AGS_JWKS_ALLOW_LOOPBACK", "yes", "true or false"),
    ] {
        let mut environment = stack.environment("token");
        environment.insert(name.to_owned(), value.to_owned());
        let said = refusal("token", &environment).await;
        assert!(said.contains(name) && said.contains(reason), "{name}={value}: {said}");
    }
}

/// Everything that could lead to other credentials leads to a listener, which then knows whether it was asked.
struct Trap {
    listener: TcpListener,
    home: tempfile::TempDir,
}

impl Trap {
    fn new() -> std::io::Result<Self> {
        let home = tempfile::tempdir()?;
        let keys = "[default]\naws_access_key_id = file\naws_secret_access_key = file\n";
        std::fs::create_dir(home.path().join(".aws"))?;
        std::fs::write(home.path().join(".aws/credentials"), keys)?;
        std::fs::write(home.path().join(".aws/config"), "[default]\nregion = eu-central-1\n")?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, home })
    }

    fn environment(&self) -> std::io::Result<Environment> {
        let url = format!("http://{}", self.listener.local_addr()?);
        let home = self.home.path().display();
        let variables = [
            ("HOME", home.to_string()),
            ("AWS_PROFILE", "default".to_owned()),
            ("AWS_CONFIG_FILE", format!("{home}/.aws/config")),
            ("AWS_SHARED_CREDENTIALS_FILE", format!("{home}/.aws/credentials")),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.clone()),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.clone()),
            ("AWS_ENDPOINT_URL", url),
        ];
        Ok(variables.map(|(name, value)| (name.to_owned(), value)).into())
    }

    fn was_asked(&self) -> bool {
        self.listener.accept().is_ok()
    }
}

#[tokio::test]
async fn credentials_come_from_the_environment_and_nowhere_else() {
    let stack = Stack::new().await;
    let trap = Trap::new().expect("a listener");
    for function in FUNCTIONS {
        let mut environment = stack.environment(function);
        environment
            .retain(|name, _| !["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].contains(&name.as_str()));
        environment.extend(trap.environment().expect("an address"));
        let said = refusal(function, &environment).await;
        assert!(said.contains("AWS_ACCESS_KEY_ID"), "{function}: {said}");
        assert!(!trap.was_asked(), "{function} asked for credentials");
    }
}

#[tokio::test]
async fn every_function_asks_the_configured_table_and_nothing_else() {
    let stack = Stack::new().await;
    let tool = stack.tool("tool").await;
    let trap = Trap::new().expect("a listener");
    for name in FUNCTIONS {
        let mut environment = stack.environment(name);
        environment.extend(trap.environment().expect("an address"));
        let mut function = Function::start(name, &environment).await;
        if name == "token" {
            stack.token(&mut function, &tool, &[SCORE]).await;
        } else if name == "purge" {
            function.invoke(&json!({})).await;
        } else {
            // The keys with which a token is verified are read from the table.
            let item = "https://ags.example.edu/contexts/aaaaaaaaaaaaaaaaaaaaaaaaaa/lineitems/01a2009d-af21-7064-a915-dafed0bafa43";
            let (method, path) = match name {
                "lineitems" => ("GET", item.to_owned()),
                "platform" => ("GET", "https://ags.example.edu/platform/tools".to_owned()),
                name => (if name == "scores" { "POST" } else { "GET" }, format!("{item}/{name}")),
            };
            let event = Event::new(method, &path).bearer("e30.e30.e30");
            function.answer(&event).await.expect(401);
        }
        assert!(!trap.was_asked(), "{name}: {}", function.said());
    }
}
