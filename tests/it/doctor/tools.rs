//! What can be wrong with a tool.

use ags_shared::domain::{PublicKeys, Scope};
use tempfile::TempDir;

use super::{Patient, start};

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
