//! Finding out who is registered, and passing for somebody by name.

use ags_shared::domain::ScopeSet;
use ags_tests::{Answer, Assertion, SCORE, World, jwt};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;

use super::Victim;

/// What an answer says to whoever compares two of them.
fn comparable(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let headers =
        answer.headers.iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), format!("{value:?}")));
    (answer.status, answer.text.clone(), headers.collect())
}

/// Assertions of the client `name` that are wrong in ways for which the table has to be asked.
async fn unproven(world: &World, name: &str) -> Vec<(&'static str, String)> {
    let tool = world.tool("tool").await;
    let stranger = world.tool("stranger").await;
    let of_client = || world.assertion(&tool).claim("iss", name).claim("sub", name);
    let by_stranger = || of_client().key(stranger.key.private.clone());
    let ec = ags_tests::EcKey::new(Algorithm::ES256);
    let named = |assertion: Assertion, kid: Option<&str>| {
        assertion.header(|header| header.kid = kid.map(str::to_owned)).sign()
    };
    vec![
        ("another's signature", by_stranger().sign()),
        ("no such kid", named(by_stranger(), Some("nobody's"))),
        ("an empty kid", named(by_stranger(), Some(""))),
        ("no kid", named(by_stranger(), None)),
        ("another digest", by_stranger().header(|header| header.alg = Algorithm::RS512).sign()),
        (
            "another kind of key",
            named(of_client().key(ec.private).header(|h| h.alg = Algorithm::ES256), Some("ec")),
        ),
        ("no signature", by_stranger().sign().rsplit_once('.').unwrap().0.to_owned() + "."),
        ("an expired assertion", by_stranger().claim("exp", 1).sign()),
    ]
}

/// Assertions of the client `name` that nobody's key would make good.
async fn hopeless(world: &World, name: &str) -> Vec<(&'static str, String)> {
    let tool = world.tool("tool").await;
    let of_client = || world.assertion(&tool).claim("iss", name).claim("sub", name);
    let claims = of_client().claims;
    let shared = of_client().key(EncodingKey::from_secret(b"secret"));
    vec![
        ("unsigned", jwt::signing_input(&json!({ "alg": "none" }), &claims) + "."),
        ("HMAC", shared.header(|header| header.alg = Algorithm::HS256).sign()),
        ("PSS", of_client().header(|header| header.alg = Algorithm::PS256).sign()),
        ("an unknown algorithm", jwt::signing_input(&json!({ "alg": "X" }), &claims) + ".AAAA"),
        ("an extension", of_client().sign_with_header(&json!({ "crit": ["x"] }))),
        ("another type", of_client().sign_with_header(&json!({ "typ": "at+jwt" }))),
        ("a long kid", of_client().sign_with_header(&json!({ "kid": "k".repeat(256) }))),
    ]
}

#[tokio::test]
async fn no_answer_tells_who_is_registered_ags_154() {
    let victim = Victim::new().await;
    let world = &victim.world;
    let unusable = ["", "\u{e9}", "a\nb", &"x".repeat(256)];
    let unusable = unusable.map(|name| victim.assertion().claim("iss", name).claim("sub", name).sign());
    let mut answers = Vec::new();
    for client in ["tool", "nobody", "too", "tool#"] {
        for (what, forgery) in unproven(world, client).await.into_iter().chain(hopeless(world, client).await)
        {
            answers.push((format!("{client}: {what}"), world.request_token(&forgery, SCORE).await));
        }
    }
    for forgery in unusable {
        answers.push((forgery.clone(), world.request_token(&forgery, SCORE).await));
    }
    let expected = comparable(&answers[0].1);
    assert_eq!(answers[0].1.refusal(), "invalid_client");
    for (what, answer) in answers {
        assert_eq!(comparable(&answer), expected, "{what}");
    }
    victim.get_in(&victim.assertion().sign()).await;
}

/// One look at the table, or none whoever is named. That a signature is checked each time cannot be seen from outside.
#[tokio::test]
async fn no_work_tells_who_is_registered_ags_154() {
    let (world, wire) = World::behind_a_wire().await;
    let tool = world.tool("tool").await;
    // A function that starts reads our own keys, whoever asks.
    world.full_token(&tool).await;
    for client in ["tool", "nobody"] {
        for (what, forgery) in unproven(&world, client).await {
            wire.take_calls();
            assert_eq!(world.request_token(&forgery, SCORE).await.refusal(), "invalid_client", "{what}");
            assert_eq!(wire.answered_calls(), ["Query"], "{client}: {what}");
        }
        for (what, forgery) in hopeless(&world, client).await {
            wire.take_calls();
            assert_eq!(world.request_token(&forgery, SCORE).await.refusal(), "invalid_client", "{what}");
            assert!(wire.take_calls().is_empty(), "{client}: {what}");
        }
    }
}

#[tokio::test]
async fn only_the_tool_itself_learns_that_it_is_disabled_ags_152_154() {
    let victim = Victim::new().await;
    let world = &victim.world;
    let forgeries = unproven(world, "tool").await;
    world.register(&victim.tool, |tool| tool.enabled = false).await;
    victim.refuses(&victim.assertion().sign(), "unauthorized_client", "the tool").await;
    for (what, forgery) in forgeries {
        victim.refuses(&forgery, "invalid_client", what).await;
    }
    world.register(&victim.tool, |_| {}).await;
    victim.get_in(&victim.assertion().sign()).await;
}

/// Nor what its deployments, its scopes and its used assertions are.
#[tokio::test]
async fn only_the_tool_itself_learns_what_is_wrong_with_its_request_ags_154() {
    let victim = Victim::new().await;
    let world = &victim.world;
    let forger = world.tool("forger").await;
    victim.get_in(&victim.assertion().sign()).await;
    let expected = world.request_token(&unproven(world, "nobody").await[0].1, SCORE).await;
    let forge = || victim.assertion().key(forger.key.private.clone());
    let forgeries = [
        (forge().sign(), SCORE),
        (forge().claim(ags_tests::DEPLOYMENT, "none of its").sign(), SCORE),
        (forge().claim("aud", "https://other.example").sign(), SCORE),
        (forge().claim("jti", json!(null)).sign(), SCORE),
        (forge().sign(), "none:of:its"),
    ];
    for (forgery, scope) in forgeries {
        let answer = world.request_token(&forgery, scope).await;
        assert_eq!(comparable(&answer), comparable(&expected), "{forgery} {scope}");
    }
}

#[tokio::test]
async fn a_client_id_that_only_looks_like_the_tools_is_not_the_tools_ags_138() {
    let victim = Victim::new().await;
    let names = [
        "Tool",
        "TOOL",
        "tool ",
        " tool",
        "tool\0",
        "tool\n",
        "t%6fol",
        "tool%00",
        "tool/",
        "tool#TOOL",
        "TOOL#tool",
        // Cyrillic о, full width, a zero width joiner, a combining accent, a soft hyphen.
        "t\u{43e}ol",
        "\u{ff54}ool",
        "to\u{200d}ol",
        "to\u{301}ol",
        "to\u{ad}ol",
    ];
    let forgeries = names.map(|name| victim.assertion().claim("iss", name).claim("sub", name).sign());
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn a_client_id_beside_the_assertion_does_not_change_who_asks_ags_133() {
    let victim = Victim::new().await;
    let world = &victim.world;
    let other = world.tool("other").await;
    world.register(&other, |tool| tool.scopes = ScopeSet::from_names([ags_tests::LINEITEM])).await;
    let assertion = world.assertion(&other).sign();
    for client in ["tool", "Other", "other ", "oth\u{435}r", "other\0"] {
        let form = ags_tests::token_form(&assertion, SCORE).into_iter().chain([("client_id", client)]);
        let answer = world.post_form(&form.collect::<Vec<_>>()).await;
        assert_eq!(answer.refusal(), "invalid_client", "{client}");
    }
    assert_eq!(world.request_token(&assertion, SCORE).await.refusal(), "invalid_scope");
}
