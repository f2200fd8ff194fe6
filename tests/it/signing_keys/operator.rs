//! `agsctl keys`, as an operator runs it.

use ags_tests::{Dev, Ended, Environment, Event, KmsServer, LINEITEM, Process, SCORE, Stack, patiently};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{kid, kms};

async fn agsctl(arguments: &[&str], environment: &Environment) -> Ended {
    let arguments: Vec<_> = ["keys"].iter().chain(arguments).copied().collect();
    Process::start("agsctl", &arguments, environment).ended().await
}

/// What a command prints that succeeds.
async fn succeeds(arguments: &[&str], environment: &Environment) -> String {
    let ended = agsctl(arguments, environment).await;
    assert!(ended.status.success(), "{arguments:?}: {ended:?}");
    ended.stdout
}

/// What a command says that fails.
async fn fails(arguments: &[&str], environment: &Environment) -> String {
    let ended = agsctl(arguments, environment).await;
    assert!(!ended.status.success(), "{arguments:?}: {ended:?}");
    ended.stderr
}

/// The names of the keys with their states.
async fn states(arguments: &[&str], environment: &Environment) -> Vec<(String, String)> {
    let list = [arguments, &["list", "--json"]].concat();
    let json: Value = serde_json::from_str(&succeeds(&list, environment).await).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    json.as_array().unwrap().iter().map(|row| (text(&row["kid"]), text(&row["state"]))).collect()
}

fn named(states: &[(String, String)]) -> Vec<(&str, &str)> {
    states.iter().map(|(kid, state)| (kid.as_str(), state.as_str())).collect()
}

/// A stack whose token function signs with a key of KMS.
struct Cloud {
    stack: Stack,
    kms: KmsServer,
    first: String,
    environment: Environment,
}

impl Cloud {
    async fn new() -> Self {
        let (stack, kms) = (Stack::without_key().await, KmsServer::start().await);
        let first = kms.keys().create_key("ags", None).await.unwrap();
        let mut environment = kms::environment(&stack, &kms, &first);
        environment.retain(|name, _| name.starts_with("AWS_") || name == "AGS_TABLE");
        Self { stack, kms, first, environment }
    }

    async fn states(&self) -> Vec<(String, String)> {
        states(&[], &self.environment).await
    }

    async fn keys_in_kms(&self) -> usize {
        kms::client(&self.kms).list_keys().send().await.unwrap().keys().len()
    }
}

#[tokio::test]
async fn an_operator_rotates_a_key_of_kms_and_cannot_pile_up_the_next_ones() {
    let cloud = Cloud::new().await;
    let said = fails(&["rotate"], &cloud.environment).await;
    assert!(said.contains("the ring is empty"), "{said}");
    let tool = cloud.stack.tool("tool").await;
    let mut function = kms::start(&cloud.stack, &cloud.kms, &cloud.first).await;
    let first = kid(&cloud.stack.token(&mut function, &tool, &[SCORE]).await);

    let said = succeeds(&["rotate"], &cloud.environment).await;
    let states = cloud.states().await;
    let next = &states[1].0;
    assert_eq!(named(&states), [(&*first, "signing"), (next, "next")]);
    assert!(said.contains("made the KMS key arn:"), "{said}");
    assert!(said.contains(&format!("published {next}: it signs from 20")), "{said}");
    let table = succeeds(&["list"], &cloud.environment).await;
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    for (line, (kid, state)) in lines[1..].iter().zip(&states) {
        assert!(line.starts_with(kid.as_str()) && line.contains(&format!(" {state} ")), "{table}");
    }
    assert!(said.contains(&format!("the present key, {first}, signs until then")), "{said}");

    let said = fails(&["rotate"], &cloud.environment).await;
    assert!(said.contains(next) && said.contains("is waiting already"), "{said}");
    assert_eq!((cloud.states().await, cloud.keys_in_kms().await), (states, 2), "nothing was made");
}

/// In the cloud it lets nobody sign but the token function.
#[tokio::test]
async fn the_next_key_of_kms_has_the_policy_of_the_present_one() {
    let cloud = Cloud::new().await;
    let tool = cloud.stack.tool("tool").await;
    let mut function = kms::start(&cloud.stack, &cloud.kms, &cloud.first).await;
    cloud.stack.token(&mut function, &tool, &[SCORE]).await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:root" }, "Action": "kms:*", "Resource": "*" },
            { "Effect": "Deny", "Principal": "*", "Action": "kms:Sign", "Resource": "*" },
        ],
    });
    let client = kms::client(&cloud.kms);
    let put = client.put_key_policy().key_id(&cloud.first).policy_name("default").policy(policy.to_string());
    put.send().await.unwrap();
    let said = succeeds(&["rotate"], &cloud.environment).await;
    let next = said.lines().find_map(|line| line.strip_prefix("made the KMS key ")).unwrap();
    let next = cloud.kms.keys().policy(next).await.unwrap().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&next).unwrap(), policy);
}

#[tokio::test]
async fn an_operator_names_the_key_of_kms_that_signs_next() {
    let cloud = Cloud::new().await;
    let tool = cloud.stack.tool("tool").await;
    let mut function = kms::start(&cloud.stack, &cloud.kms, &cloud.first).await;
    cloud.stack.token(&mut function, &tool, &[SCORE]).await;
    let said = fails(&["rotate", "--kms-key", &cloud.first], &cloud.environment).await;
    assert!(said.contains("the ring has the key") && said.contains("already"), "{said}");
    let said = fails(&["rotate", "--kms-key", "alias/nobody"], &cloud.environment).await;
    assert!(said.contains("the signing key cannot be used"), "{said}");

    let own = cloud.kms.keys().create_key("ags", None).await.unwrap();
    let own_kid = cloud.kms.keys().public_half(&own).await.unwrap().kid;
    succeeds(&["rotate", "--now", "--kms-key", &own], &cloud.environment).await;
    assert_eq!(cloud.keys_in_kms().await, 2, "none was made");
    patiently("the second from which it signs", async {
        while cloud.states().await[1] != (own_kid.clone(), "signing".to_owned()) {}
    })
    .await;
    let mut function = kms::start(&cloud.stack, &cloud.kms, &cloud.first).await;
    assert_eq!(kid(&cloud.stack.token(&mut function, &tool, &[SCORE]).await), own_kid);
}

#[tokio::test]
async fn an_operator_revokes_the_key_that_signs_and_another_takes_its_place_at_once() {
    let cloud = Cloud::new().await;
    let tool = cloud.stack.tool("tool").await;
    let course = cloud.stack.place(&tool, "course").await;
    let mut function = kms::start(&cloud.stack, &cloud.kms, &cloud.first).await;
    let old = cloud.stack.token(&mut function, &tool, &[LINEITEM]).await;
    let first = kid(&old);
    succeeds(&["rotate"], &cloud.environment).await;
    let next = cloud.states().await[1].0.clone();
    for nobody in ["nobody", "-8MATFjp", "--h_x", "-hV"] {
        let said = fails(&["revoke", nobody], &cloud.environment).await;
        assert!(said.contains(&format!("there is no key {nobody};")), "{said}");
        assert!(said.contains(&first) && said.contains(&next), "the keys that there are: {said}");
    }

    let said = succeeds(&["revoke", &first], &cloud.environment).await;
    assert!(said.contains(&format!("revoked {first}: nobody signs with it")), "{said}");
    assert!(said.contains("disabled the KMS key "), "{said}");
    let states = cloud.states().await;
    let (signing, _) = states.iter().find(|(_, state)| state == "signing").unwrap();
    let (second, revoked) = (signing.clone(), (first.clone(), "revoked".to_owned()));
    assert!(states.len() == 3 && states.contains(&revoked) && states[2].0 == next, "{states:?}");
    let described = kms::client(&cloud.kms).describe_key().key_id(&cloud.first).send().await.unwrap();
    assert!(!described.key_metadata.unwrap().enabled, "nobody can sign with it");

    let mut function = kms::start(&cloud.stack, &cloud.kms, &cloud.first).await;
    let new = cloud.stack.token(&mut function, &tool, &[LINEITEM]).await;
    assert_eq!(kid(&new), second);
    let mut lineitems = cloud.stack.start("lineitems").await;
    let list = |token: &str| Event::new("GET", &course.lineitems).bearer(token);
    lineitems.answer(&list(&new)).await.expect(200);
    lineitems.answer(&list(&old)).await.expect(401);

    let before = cloud.states().await;
    let said = succeeds(&["revoke", &first], &cloud.environment).await;
    assert!(said.contains("was revoked before"), "{said}");
    assert_eq!((cloud.states().await, cloud.keys_in_kms().await), (before, 3), "once is enough");
    succeeds(&["revoke", &next], &cloud.environment).await;
    assert_eq!(cloud.keys_in_kms().await, 3, "another signs");
}

/// Each found the other's key still there.
#[tokio::test]
async fn operators_who_revoke_the_last_two_keys_at_once_do_not_leave_the_service_without_one() {
    let cloud = Cloud::new().await;
    let tool = cloud.stack.tool("tool").await;
    let mut function = kms::start(&cloud.stack, &cloud.kms, &cloud.first).await;
    let first = kid(&cloud.stack.token(&mut function, &tool, &[SCORE]).await);
    succeeds(&["rotate", "--now"], &cloud.environment).await;
    let second = cloud.states().await[1].0.clone();
    let (store, now) = (&cloud.stack.services.store, cloud.stack.services.now());
    for other in [&first, &second] {
        assert!(store.signing_key_revoke(other, now).await.unwrap());
    }
    succeeds(&["revoke", &first], &cloud.environment).await;
    let states = cloud.states().await;
    assert_eq!(states.iter().filter(|(_, state)| state == "signing").count(), 1, "{states:?}");
    succeeds(&["revoke", &second], &cloud.environment).await;
    assert_eq!(cloud.states().await, states);
}

/// Its private half may be gone by then.
#[tokio::test]
async fn a_retired_key_does_not_sign_again_when_the_one_after_it_is_revoked() {
    let cloud = Cloud::new().await;
    let (stack, keys) = (&cloud.stack, cloud.kms.keys());
    let retired = keys.public_half(&keys.create_key("ags", None).await.unwrap()).await.unwrap();
    let present = keys.public_half(&cloud.first).await.unwrap();
    let hours_ago = stack.services.now().unix_seconds() - 10_000;
    for (key, signs_from) in [(&retired, 0), (&present, hours_ago)] {
        let key = key.clone().signing_from(signs_from);
        assert!(stack.services.store.signing_key_add(&key).await.unwrap());
    }
    let states = cloud.states().await;
    assert_eq!(named(&states), [(&*retired.kid, "retired"), (&*present.kid, "signing")]);
    succeeds(&["revoke", &present.kid], &cloud.environment).await;
    let states = cloud.states().await;
    assert_eq!(states[1], (present.kid, "revoked".to_owned()));
    assert_eq!((states.len(), states[2].1.as_str()), (3, "signing"), "a new one: {states:?}");
}

#[tokio::test]
async fn a_missing_variable_of_an_operator_is_named() {
    let cloud = Cloud::new().await;
    for name in ["AGS_TABLE", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        let mut environment = cloud.environment.clone();
        environment.remove(name);
        let said = fails(&["list"], &environment).await;
        assert!(said.contains(name), "{said}");
    }
}

/// A directory of `agsctl dev`.
struct Directory {
    dir: TempDir,
}

impl Directory {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &str {
        self.dir.path().to_str().unwrap()
    }

    async fn states(&self) -> Vec<(String, String)> {
        states(&["--dir", self.path()], &Environment::new()).await
    }

    async fn succeeds(&self, arguments: &[&str]) -> String {
        succeeds(&[arguments, &["--dir", self.path()]].concat(), &Environment::new()).await
    }

    fn file(&self) -> std::path::PathBuf {
        self.dir.path().join("signing-key.pem")
    }
}

#[tokio::test]
async fn the_keys_of_a_laptop_are_rotated_while_the_service_runs_and_while_it_does_not() {
    let directory = Directory::new();
    let dev = Dev::start(directory.dir.path()).await;
    let first = kid(&dev.token("tool", &[LINEITEM]).await);
    assert_eq!(named(&directory.states().await), [(&*first, "signing")]);
    directory.succeeds(&["rotate"]).await;
    let next = directory.states().await[1].0.clone();
    assert_eq!(named(&directory.states().await), [(&*first, "signing"), (&*next, "next")]);
    let token = dev.token("tool", &[LINEITEM]).await;
    assert_eq!(kid(&token), first);
    assert!(dev.end("TERM").await.status.success());

    assert_eq!(named(&directory.states().await), [(&*first, "signing"), (&*next, "next")]);
    directory.succeeds(&["revoke", &first]).await;
    let states = directory.states().await;
    let (third, _) = states.iter().find(|(_, state)| state == "signing").unwrap();
    let pem = std::fs::read_to_string(directory.file()).unwrap();
    assert_eq!(pem.matches("BEGIN PRIVATE KEY").count(), 3);
    let dev = Dev::start(directory.dir.path()).await;
    assert_eq!(kid(&dev.token("tool", &[LINEITEM]).await), *third);
    dev.get(dev.text("/lineitems_url"), &token).await.expect(401);
}

/// The key is in the file and not in the ring: the next rotation takes it.
#[tokio::test]
async fn a_rotation_that_was_interrupted_is_taken_up_where_it_stopped() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    let dev = Dev::start(directory.dir.path()).await;
    let new = agsctl::keys::new_signing_key().unwrap();
    let left = ags_shared::auth::LocalSigner::from_pem(new.as_bytes()).unwrap().public_half().kid.clone();
    let pem = std::fs::read_to_string(directory.file()).unwrap() + &new;
    std::fs::write(directory.file(), &pem).unwrap();
    directory.succeeds(&["rotate"]).await;
    assert_eq!(directory.states().await[1], (left, "next".to_owned()));
    assert_eq!(std::fs::read_to_string(directory.file()).unwrap(), pem);
    directory.succeeds(&["rotate", "--now"]).await;
    assert_eq!(directory.states().await.len(), 3);
    let mode = std::fs::metadata(directory.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(dev);
}

#[tokio::test]
async fn a_directory_without_a_table_is_refused_and_stays_as_it_is() {
    let directory = Directory::new();
    let said = fails(&["list", "--dir", directory.path()], &Environment::new()).await;
    assert!(said.contains("holds no table"), "{said}");
    assert_eq!(std::fs::read_dir(directory.dir.path()).unwrap().count(), 0);
}
