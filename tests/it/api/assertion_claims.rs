//! The claims of a client assertion (AGS 137–142).

use ags_tests::{Assertion, SCORE, Tool, World};
use serde_json::{Value, json};

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
