//! Keys in KMS: the built token function, and a server that speaks the protocol of KMS.

use std::collections::BTreeMap;

use ags_kms::{KmsSigner, TAG};
use ags_shared::auth::{KeyRing, SignError, Signer};
use ags_shared::domain::PublicHalf;
use ags_shared::outgoing::service;
use ags_tests::{
    Answer, DEPLOYMENT, Environment, Event, Function, KmsServer, LINEITEM, SCORE, Stack, Tool, World,
};
use aws_sdk_kms::types::{KeySpec, KeyUsageType};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::task::JoinSet;

use super::{kid, ring};
use crate::calls::SCOPES;

/// The variables of a token function that signs with `key`.
pub(super) fn environment(stack: &Stack, kms: &KmsServer, key: &str) -> Environment {
    let mut environment = stack.environment("token");
    environment.remove("AGS_SIGNING_KEY_FILE");
    environment.insert("AGS_SIGNING_KMS_KEY".to_owned(), key.to_owned());
    environment.extend(kms.environment());
    environment
}

pub(super) async fn start(stack: &Stack, kms: &KmsServer, key: &str) -> Function {
    Function::start("token", &environment(stack, kms, key)).await
}

pub(super) async fn try_token(stack: &Stack, function: &mut Function, tool: &Tool) -> Answer {
    let url = stack.token_url();
    let assertion = tool.assertion(&url, stack.services.now().unix_seconds()).sign();
    function.answer(&Event::token(&url, &assertion, SCORE)).await
}

/// A client of KMS that makes what the service never would.
pub(super) fn client(kms: &KmsServer) -> aws_sdk_kms::Client {
    let config = kms.config();
    aws_sdk_kms::Client::new(&service(&config.region, &config.credentials, config.endpoint.as_deref()))
}

#[tokio::test]
async fn a_token_that_kms_signed_is_taken_by_the_other_functions_and_verifies_with_the_key_set_ags_145() {
    let (stack, kms) = (Stack::without_key().await, KmsServer::start().await);
    let tool = stack.tool("tool").await;
    let course = stack.place(&tool, "course").await;
    let arn = kms.keys().create_key("ags", None).await.unwrap();
    let mut function = start(&stack, &kms, &arn).await;
    let token = stack.token(&mut function, &tool, &[LINEITEM, SCORE]).await;
    let list = Event::new("GET", &course.lineitems).bearer(&token);
    stack.start("lineitems").await.answer(&list).await.expect(200);

    let keys = Event::new("GET", "https://ags.example.edu/.well-known/jwks.json");
    let set = function.answer(&keys).await.expect(200).json();
    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    let key = &set["keys"][0];
    assert_eq!(key["kid"], kid(&token));
    assert_eq!(
        (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
        (&"EC".into(), &"P-256".into(), &"ES256".into(), &"sig".into())
    );
    assert_eq!((key["x"].as_str().unwrap().len(), key["y"].as_str().unwrap().len()), (43, 43));
    let tags = client(&kms).list_resource_tags().key_id(&arn).send().await.unwrap();
    let tags = tags.tags().iter().map(|tag| (tag.tag_key(), tag.tag_value()));
    assert_eq!(tags.collect::<BTreeMap<_, _>>(), BTreeMap::from([(TAG, "ags")]));
}

/// Their lengths differ: a number in DER is as long as it must be.
#[tokio::test]
async fn signatures_of_kms_verify_whatever_their_length() {
    let kms = KmsServer::start().await;
    let arn = kms.keys().create_key("ags", None).await.unwrap();
    let key = kms.keys().public_half(&arn).await.unwrap().signing_from(0);
    let signer = KmsSigner::new(kms.keys(), arn);
    let jwk: Jwk = serde_json::from_str(&key.public.jwk).unwrap();
    let public = DecodingKey::from_jwk(&jwk).unwrap();
    for number in 0..300 {
        let message = format!("message {number}");
        let signature = signer.sign(&key, message.as_bytes()).await.unwrap();
        assert_eq!(signature.len(), 86, "64 bytes without padding");
        let genuine = jsonwebtoken::crypto::verify(&signature, message.as_bytes(), &public, Algorithm::ES256);
        assert!(genuine.unwrap(), "{number}");
    }
}

/// KMS signs messages of at most 4,096 bytes. This leaves a public address more than a thousand of them.
#[tokio::test]
async fn the_longest_token_is_one_that_kms_signs() {
    let world = World::new().await;
    // In JSON each of them takes two bytes.
    let longest = "\"".repeat(255);
    let tool = world.tool(&longest).await;
    world.register(&tool, |tool| tool.deployments = [longest.parse().unwrap()].into()).await;
    let assertion = world.assertion(&tool).claim(DEPLOYMENT, longest.as_str()).sign();
    let answer = world.request_token(&assertion, &SCOPES.join(" ")).await.expect(200);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let (message, _) = token.rsplit_once('.').unwrap();
    assert!((2_000..3_000).contains(&message.len()), "{}", message.len());
}

#[tokio::test]
async fn functions_that_start_at_once_with_a_key_of_kms_publish_it_once() {
    let (stack, kms) = (Stack::without_key().await, KmsServer::start().await);
    let tool = stack.tool("tool").await;
    let arn = kms.keys().create_key("ags", None).await.unwrap();
    let mut functions = Vec::new();
    for _ in 0..3 {
        functions.push(start(&stack, &kms, &arn).await);
    }
    let url = stack.token_url();
    let mut running = JoinSet::new();
    for mut function in functions {
        let assertion = tool.assertion(&url, stack.services.now().unix_seconds()).sign();
        let event = Event::token(&url, &assertion, SCORE);
        running.spawn(async move { function.answer(&event).await.expect(200).text });
    }
    assert_eq!(running.join_all().await.len(), 3);
    assert_eq!(ring(&stack).await.keys().len(), 1);
}

/// From a file to KMS, or from one key of KMS to another.
#[tokio::test]
async fn a_key_of_kms_that_takes_the_place_of_another_is_published_before_it_signs() {
    let (stack, kms) = (Stack::without_key().await, KmsServer::start().await);
    let tool = stack.tool("tool").await;
    let [first, second] = [
        kms.keys().create_key("ags", None).await.unwrap(),
        kms.keys().create_key("ags", None).await.unwrap(),
    ];
    let mut old = start(&stack, &kms, &first).await;
    let before = stack.token(&mut old, &tool, &[SCORE]).await;
    let mut new = start(&stack, &kms, &second).await;
    let after = stack.token(&mut new, &tool, &[SCORE]).await;
    assert_eq!(kid(&after), kid(&before));
    let ring = ring(&stack).await;
    let [present, next] = ring.keys() else { panic!("{ring:?}") };
    assert_eq!(present.public.kid, kid(&before));
    let wait = next.signs_from - stack.services.now().unix_seconds();
    assert!((600..=660).contains(&wait), "{wait} s");
}

#[tokio::test]
async fn a_key_that_kms_has_no_more_is_500_and_nothing_is_issued() {
    let (stack, kms) = (Stack::without_key().await, KmsServer::start().await);
    let tool = stack.tool("tool").await;
    let arn = kms.keys().create_key("ags", None).await.unwrap();
    let known = kms.keys().public_half(&arn).await.unwrap();
    let gone = PublicHalf { private: Some("11111111-2222-3333-4444-555555555555".to_owned()), ..known };
    assert!(stack.services.store.signing_key_add(&gone.signing_from(0)).await.unwrap());
    let mut function = start(&stack, &kms, &arn).await;
    let answer = try_token(&stack, &mut function, &tool).await.expect(500);
    assert_eq!(answer.json()["error"], "server_error");
    assert_eq!(answer.header("retry-after"), "");
    assert!(answer.json().get("access_token").is_none());
    function.logged("signing_failed").await;
}

#[tokio::test]
async fn kms_that_is_away_is_503_and_nothing_is_issued_whether_the_key_is_known_or_not() {
    let (stack, mut kms) = (Stack::without_key().await, KmsServer::start().await);
    let tool = stack.tool("tool").await;
    let arn = kms.keys().create_key("ags", None).await.unwrap();
    let mut known = start(&stack, &kms, &arn).await;
    let other = Stack::without_key().await;
    let other_tool = other.tool("tool").await;
    try_token(&stack, &mut known, &tool).await.expect(200);
    kms.kill().await;
    let mut unknown = start(&other, &kms, &arn).await;
    for answer in
        [try_token(&stack, &mut known, &tool).await, try_token(&other, &mut unknown, &other_tool).await]
    {
        let answer = answer.expect(503);
        assert_eq!(answer.json()["error"], "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "5");
        assert!(answer.json().get("access_token").is_none());
    }
    for function in [&mut known, &mut unknown] {
        function.logged("signing_failed").await;
    }
    let keys = Event::new("GET", "https://ags.example.edu/.well-known/jwks.json");
    known.answer(&keys).await.expect(200);
    unknown.answer(&keys).await.expect(503);
}

#[tokio::test]
async fn a_key_that_the_ring_has_by_its_arn_is_found_without_kms() {
    let mut kms = KmsServer::start().await;
    let arn = kms.keys().create_key("ags", None).await.unwrap();
    let own = PublicHalf { private: Some(arn.clone()), ..kms.keys().public_half(&arn).await.unwrap() };
    let signer = KmsSigner::new(kms.keys(), arn);
    kms.kill().await;
    assert!(signer.missing_in(&KeyRing::default()).await.is_err(), "nobody is there to ask");
    let missing = signer.missing_in(&KeyRing::new(vec![own.signing_from(0)])).await;
    assert!(matches!(missing, Ok(None)), "{missing:?}");
}

/// A function that cannot ask for its own key signs with the ring's.
#[tokio::test]
async fn a_configured_key_that_kms_does_not_know_is_left_aside_while_another_signs() {
    let (stack, kms) = (Stack::without_key().await, KmsServer::start().await);
    let tool = stack.tool("tool").await;
    let arn = kms.keys().create_key("ags", None).await.unwrap();
    let first = stack.token(&mut start(&stack, &kms, &arn).await, &tool, &[SCORE]).await;
    let mut function = start(&stack, &kms, "alias/nobody").await;
    let token = stack.token(&mut function, &tool, &[SCORE]).await;
    assert_eq!(kid(&token), kid(&first));
    assert!(function.said().contains("the configured signing key is left aside"), "{}", function.said());
}

#[tokio::test]
async fn a_key_of_another_kind_is_refused() {
    let kms = KmsServer::start().await;
    let client = client(&kms);
    for (spec, usage) in [
        (KeySpec::Rsa2048, KeyUsageType::SignVerify),
        (KeySpec::EccNistP384, KeyUsageType::SignVerify),
        (KeySpec::EccSecgP256K1, KeyUsageType::SignVerify),
        (KeySpec::EccNistP256, KeyUsageType::KeyAgreement),
    ] {
        let what = format!("{spec:?} {usage:?}");
        let made = client.create_key().key_spec(spec).key_usage(usage).send().await.unwrap();
        let id = made.key_metadata.unwrap().key_id;
        let refused = kms.keys().public_half(&id).await;
        assert!(
            matches!(&refused, Err(SignError::Refused(why)) if why.contains("P256")),
            "{what}: {refused:?}"
        );
    }
}
