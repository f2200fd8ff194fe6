//! The first key of a table.

use std::sync::Arc;

use ags_shared::auth::LocalSigner;
use ags_shared::store;
use ags_tests::{Platform, TestClock};
use aws_sdk_dynamodb::types::AttributeValue;
use tokio::task::JoinSet;

use super::{Instance, kid, ring};

const BASE: &str = "https://ags.example.edu";

fn signer(platform: &Platform) -> LocalSigner {
    LocalSigner::from_pem(platform.signing_key.as_bytes()).unwrap()
}

#[tokio::test]
async fn processes_that_start_at_once_over_an_empty_table_publish_one_key_and_all_sign_with_it() {
    let clock = Arc::new(TestClock::default());
    let platform = Platform::without_key(BASE, clock.clone()).await;
    let tool = Arc::new(platform.tool("tool").await);
    let mut running = JoinSet::new();
    for _ in 0..8 {
        let instance = Instance::start(&platform, &clock, signer(&platform)).await;
        let tool = Arc::clone(&tool);
        running.spawn(async move { kid(&instance.token(&tool).await) });
    }
    let own = &platform.signer.public_half().kid;
    assert!(running.join_all().await.iter().all(|kid| kid == own));
    assert_eq!(platform.raw_items("KEYS").await.len(), 1);
}

#[tokio::test]
async fn the_key_set_of_an_empty_table_has_the_configured_key_before_any_token_ags_145() {
    let clock = Arc::new(TestClock::default());
    let platform = Platform::without_key(BASE, clock.clone()).await;
    let instance = Instance::start(&platform, &clock, signer(&platform)).await;
    assert_eq!(instance.published().await, [&*platform.signer.public_half().kid]);
}

/// Rows of earlier versions hold the public key and nothing else.
#[tokio::test]
async fn a_key_without_a_time_signs_as_the_first_of_all() {
    let clock = Arc::new(TestClock::default());
    let platform = Platform::without_key(BASE, clock.clone()).await;
    let tool = platform.tool("tool").await;
    let own = platform.signer.public_half();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let row = [("pk", text("KEYS")), ("sk", text(&format!("KEY#{}", own.kid))), ("jwk", text(&own.jwk))];
    let row = row.map(|(name, value)| (name.to_owned(), value)).into();
    let config = platform.table.config();
    let put = store::connect(config).put_item().table_name(&config.table).set_item(Some(row));
    put.send().await.unwrap();
    let instance = Instance::start(&platform, &clock, signer(&platform)).await;
    assert_eq!(kid(&instance.token(&tool).await), own.kid);
    assert_eq!(ring(&platform).await.keys().len(), 1);
}
