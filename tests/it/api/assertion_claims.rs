//! The claims of a client assertion, and its single use (AGS 137–142).

use std::sync::Arc;

use ags_tests::{Assertion, SCORE, Tool, World};
use serde_json::{Value, json};
use tokio::task::JoinSet;

async fn world() -> (World, Tool) {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    (world, tool)
}

/// Asks for a token and checks whether there is one, or else that the client is refused.
#[track_caller]
fn check(answer: &ags_tests::Answer, accepted: bool, what: &str) {
    if accepted {
        assert_eq!(answer.status, 200, "{what}: {}", answer.text);
    } else {
        assert_eq!(answer.refusal(), "invalid_client", "{what}");
    }
}

/// An assertion with times relative to now.
fn timed(world: &World, tool: &Tool, times: &[(&str, i64)]) -> Assertion {
    let now = world.clock.seconds();
    times.iter().fold(world.assertion(tool), |assertion, (name, at)| assertion.claim(name, now + at))
}

#[tokio::test]
async fn each_required_claim_that_is_missing_refuses_the_client_ags_137() {
    let (world, tool) = world().await;
    for name in ["iss", "sub", "aud", "iat", "exp", "jti"] {
        let assertion = world.assertion(&tool).claim(name, Value::Null);
        check(&world.request_token(&assertion.sign(), SCORE).await, false, name);
    }
    let assertion = world.assertion(&tool).claim("https://tool.example/more", json!({ "a": [1] }));
    check(&world.request_token(&assertion.sign(), SCORE).await, true, "other claims are ignored");
}

#[tokio::test]
async fn issuer_and_subject_are_both_the_client_ags_138() {
    let (world, tool) = world().await;
    world.tool("other").await;
    for (iss, sub) in [
        (json!("other"), json!("tool")),
        (json!("tool"), json!("other")),
        (json!("https://tool.example"), json!("tool")),
        (json!("Tool"), json!("tool")),
        (json!(""), json!("tool")),
        (json!(["tool"]), json!("tool")),
        (json!("tool"), json!("")),
        (json!("tool"), json!(["tool"])),
    ] {
        let assertion = world.assertion(&tool).claim("iss", iss.clone()).claim("sub", sub.clone());
        check(&world.request_token(&assertion.sign(), SCORE).await, false, &format!("{iss} {sub}"));
    }
}

#[tokio::test]
async fn the_audience_names_the_token_endpoint_or_the_issuer_exactly_ags_139() {
    let (world, tool) = world().await;
    let (base, token) = (&world.base, world.token_url());
    for (audience, accepted) in [
        (json!(token), true),
        (json!(base), true),
        (json!([token]), true),
        (json!(["https://other.example/token", base]), true),
        (json!([token, base]), true),
        (json!("https://other.example/token"), false),
        (json!(["https://other.example/token"]), false),
        (json!([]), false),
        (json!(""), false),
        (json!(1), false),
        (json!([token, 1]), false),
        (json!({ "aud": token }), false),
        (json!(format!("{token}/")), false),
        (json!(format!("{base}/")), false),
        (json!(token.to_uppercase()), false),
        (json!(format!("{token} {base}")), false),
        (json!(token[..token.len() - 1]), false),
        (json!(token.replace("127.0.0.1", "localhost")), false),
    ] {
        let assertion = world.assertion(&tool).claim("aud", audience.clone());
        check(&world.request_token(&assertion.sign(), SCORE).await, accepted, &audience.to_string());
    }
}

#[tokio::test]
async fn times_are_taken_with_a_minute_of_leeway_and_no_second_more_ags_140() {
    let (world, tool) = world().await;
    for (times, accepted) in [
        (&[("iat", -200), ("exp", -60)][..], true),
        (&[("iat", -200), ("exp", -61)], false),
        (&[("iat", 60), ("exp", 120)], true),
        (&[("iat", 61), ("exp", 120)], false),
        (&[("nbf", 60)], true),
        (&[("nbf", 61)], false),
        (&[("nbf", -3600)], true),
        (&[("iat", -5)], true),
    ] {
        let assertion = timed(&world, &tool, times);
        check(&world.request_token(&assertion.sign(), SCORE).await, accepted, &format!("{times:?}"));
    }
}

#[tokio::test]
async fn an_assertion_lives_two_hours_and_the_leeway_at_most_ags_140() {
    let (world, tool) = world().await;
    for (times, accepted) in [
        (&[("exp", 3_600)][..], true),
        (&[("exp", 7_200)], true),
        (&[("exp", 7_260)], true),
        (&[("exp", 7_261)], false),
        (&[("iat", -3_600), ("exp", 3_660)], true),
        (&[("iat", -3_600), ("exp", 3_661)], false),
        (&[("exp", 1_000_000_000)], false),
    ] {
        let assertion = timed(&world, &tool, times);
        check(&world.request_token(&assertion.sign(), SCORE).await, accepted, &format!("{times:?}"));
    }
}

#[tokio::test]
async fn times_are_json_numbers_ags_140() {
    let (world, tool) = world().await;
    let now = world.clock.seconds();
    for name in ["iat", "exp", "nbf"] {
        let texts = [json!((now + 30).to_string()), json!("2026-11-21T12:00:30Z"), json!(true), json!([now])];
        for value in texts.into_iter().chain([json!({}), json!(1e300), json!(-1e300)]) {
            let assertion = world.assertion(&tool).claim(name, value.clone());
            check(&world.request_token(&assertion.sign(), SCORE).await, false, &format!("{name} {value}"));
        }
    }
    let assertion =
        world.assertion(&tool).claim("iat", json!(1_795_262_399.5)).claim("exp", json!(1_795_262_460.5));
    check(&world.request_token(&assertion.sign(), SCORE).await, true, "fractions of a second");
}

#[tokio::test]
async fn a_jti_is_a_text_of_1_to_255_bytes_ags_141() {
    let (world, tool) = world().await;
    for (jti, accepted) in [
        (json!("x".repeat(255)), true),
        (json!("\u{fc}#%\n"), true),
        (json!("x".repeat(256)), false),
        (json!(""), false),
        (json!(1), false),
        (json!(["a"]), false),
    ] {
        let assertion = world.assertion(&tool).claim("jti", jti.clone());
        check(&world.request_token(&assertion.sign(), SCORE).await, accepted, &jti.to_string());
    }
}

#[tokio::test]
async fn an_assertion_is_used_once_as_long_as_it_is_accepted_ags_141() {
    let (world, tool) = world().await;
    let assertion = world.assertion(&tool).sign();
    world.request_token(&assertion, SCORE).await.expect(200);
    // It expires after 60 seconds, and is accepted for 60 more.
    for seconds in [0, 59, 1, 1, 58, 1] {
        world.clock.advance(seconds);
        check(&world.request_token(&assertion, SCORE).await, false, "the same assertion again");
    }
}

#[tokio::test]
async fn a_jti_is_used_once_whatever_else_the_assertion_says_ags_141() {
    let (world, tool) = world().await;
    world.request_token(&world.assertion(&tool).claim("jti", "a").sign(), SCORE).await.expect(200);
    let again = timed(&world, &tool, &[("iat", 1), ("exp", 50)]).claim("jti", "a");
    check(&world.request_token(&again.sign(), SCORE).await, false, "the jti under another signature");
    // The first expired at 60, and was remembered for 60 more.
    world.clock.advance(120);
    let again = world.assertion(&tool).claim("jti", "a");
    check(&world.request_token(&again.sign(), SCORE).await, false, "the jti inside the leeway");
    world.clock.advance(1);
    let again = world.assertion(&tool).claim("jti", "a");
    check(&world.request_token(&again.sign(), SCORE).await, true, "the jti when it is forgotten");
}

#[tokio::test]
async fn parallel_uses_of_one_assertion_bring_exactly_one_token_ags_141() {
    let (world, tool) = world().await;
    let assertion: Arc<str> = world.assertion(&tool).sign().into();
    let world = Arc::new(world);
    let mut uses = JoinSet::new();
    for _ in 0..8 {
        let (world, assertion) = (world.clone(), assertion.clone());
        uses.spawn(async move { world.request_token(&assertion, SCORE).await });
    }
    let answers = uses.join_all().await;
    let (issued, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(issued.len(), 1, "{answers:?}");
    assert!(refused.iter().all(|answer| answer.refusal() == "invalid_client"));
}

#[tokio::test]
async fn another_clients_jti_is_another_jti_ags_141() {
    let (world, tool) = world().await;
    let other = world.tool("other").await;
    for tool in [&tool, &other] {
        let assertion = world.assertion(tool).claim("jti", "shared");
        check(&world.request_token(&assertion.sign(), SCORE).await, true, &tool.client_id);
    }
}

#[tokio::test]
async fn a_refused_request_leaves_its_assertion_unused_ags_141() {
    let (world, tool) = world().await;
    let assertion = world.assertion(&tool).sign();
    assert_eq!(world.request_token(&assertion, "openid").await.refusal(), "invalid_scope");
    assert_eq!(world.request_token(&assertion, " ").await.refusal(), "invalid_request");
    world.register(&tool, |tool| tool.enabled = false).await;
    assert_eq!(world.request_token(&assertion, SCORE).await.refusal(), "unauthorized_client");
    world.register(&tool, |_| {}).await;
    world.request_token(&assertion, SCORE).await.expect(200);
}

#[tokio::test]
async fn a_forged_assertion_does_not_use_up_the_jti_of_a_genuine_one_ags_141() {
    let (world, tool) = world().await;
    let forger = world.tool("forger").await;
    let genuine = world.assertion(&tool).claim("jti", "a").sign();
    let forged = world.assertion(&tool).claim("jti", "a").key(forger.key.private);
    check(&world.request_token(&forged.sign(), SCORE).await, false, "forged");
    world.request_token(&genuine, SCORE).await.expect(200);
}

#[tokio::test]
async fn nothing_is_issued_while_the_use_of_an_assertion_cannot_be_recorded_ags_141() {
    let (world, wire) = World::behind_a_wire().await;
    let tool = world.tool("tool").await;
    let assertion = world.assertion(&tool).sign();
    wire.fail("PutItem", "JTI#");
    let answer = world.request_token(&assertion, SCORE).await.expect(503);
    answer.expect_no_store();
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert!(answer.json().get("access_token").is_none());
    wire.mend();
    world.request_token(&assertion, SCORE).await.expect(200);
}
