//! More than the service takes: refused before any of it is decoded.

use ags_tests::{SCORE, token_form};
use serde_json::json;

use super::Victim;
use crate::calls::{CALLS, Call, Scene};

#[tokio::test]
async fn a_form_of_more_than_64_kib_is_refused_ags_131() {
    let victim = Victim::new().await;
    let assertion = victim.assertion().sign();
    let form = |length: usize| {
        let request = victim.world.http.post(victim.world.token_url());
        let request = request.form(&token_form(&assertion, SCORE)).build().unwrap();
        let mut form = request.body().unwrap().as_bytes().unwrap().to_vec();
        form.extend(b"&x=");
        form.resize(length, b'x');
        form
    };
    for (length, accepted) in
        [(64 * 1024 + 1, false), (300 * 1024, false), (2_000_000, false), (64 * 1024, true)]
    {
        let request = victim.world.http.post(victim.world.token_url());
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form(length));
        let answer = victim.world.send(request).await;
        if accepted {
            assert_eq!(answer.status, 200, "{length}: {}", answer.text);
        } else {
            assert_eq!(answer.refusal(), "invalid_request", "{length}");
        }
    }
}

#[tokio::test]
async fn headers_of_more_than_16_kib_are_refused_on_every_call_and_change_nothing() {
    let scene = Scene::new().await;
    let send = async |call: &Call, name: usize, value: usize| {
        let request = call.request(&scene.world, &scene.course.lineitems, &scene.item);
        let request = request.bearer_auth(&scene.token).header("x".repeat(name), "x".repeat(value));
        scene.world.send(request).await
    };
    for call in &CALLS {
        for (name, value) in [(1, 16 * 1024), (16 * 1024, 1), (8 * 1024, 8 * 1024)] {
            let answer = send(call, name, value).await;
            assert_eq!((answer.status, answer.problem().0.as_str()), (413, "too-large"), "{call:?}");
        }
    }
    scene.is_unchanged().await;
    for call in &CALLS {
        assert_eq!(send(call, 1, 15_000).await.status, call.success, "{call:?}");
    }
}

#[tokio::test]
async fn a_form_of_more_than_64_parameters_is_refused_ags_131() {
    let victim = Victim::new().await;
    let assertion = victim.assertion().sign();
    let form = |more: usize| {
        let form = token_form(&assertion, SCORE).into_iter();
        form.chain(std::iter::repeat_n(("x", "y"), more)).collect::<Vec<_>>()
    };
    for more in [61, 1_000, 10_000] {
        assert_eq!(victim.world.post_form(&form(more)).await.refusal(), "invalid_request", "{more}");
    }
    victim.world.post_form(&form(60)).await.expect(200);
}

#[tokio::test]
async fn an_assertion_of_more_than_16_kib_is_refused_ags_132() {
    let victim = Victim::new().await;
    let of_length = |length: usize| {
        let empty = victim.assertion().claim("more", "").sign().len();
        // Four characters hold three bytes.
        let mut assertion = victim.assertion().claim("more", "x".repeat((length - empty) / 4 * 3));
        while assertion.sign().len() < length {
            assertion.claims["more"] = json!(assertion.claims["more"].as_str().unwrap().to_owned() + "x");
        }
        assertion.sign()
    };
    let long = of_length(16 * 1024 + 1);
    let answer = victim.world.request_token(&long, SCORE).await;
    assert_eq!(answer.refusal(), "invalid_request");
    assert_eq!(answer.json()["error_description"], "client_assertion is longer than 16 KiB");
    let fitting = (16_380..=16_384).rev().map(of_length).find(|assertion| assertion.len() <= 16_384);
    victim.get_in(&fitting.unwrap()).await;
}

/// A tool whose key has a long name is not locked out; a longer one is no name.
#[tokio::test]
async fn a_name_of_a_key_of_more_than_255_bytes_is_refused_ags_144() {
    let victim = Victim::new().await;
    for (length, accepted) in [(256, false), (255, true)] {
        let kid = "k".repeat(length);
        victim.register_keys(&victim.tool.jwks_with(|key| key["kid"] = json!(kid))).await;
        let assertion = victim.assertion().header(|header| header.kid = Some(kid)).sign();
        if accepted {
            victim.get_in(&assertion).await;
        } else {
            victim.refuses(&assertion, "invalid_client", "a long name").await;
        }
    }
}

#[tokio::test]
async fn an_access_token_of_more_than_4_kib_is_refused_ags_37() {
    let scene = Scene::new().await;
    let (header, mut claims) = ags_tests::jwt::parts(&scene.token);
    let world = &scene.world;
    // Of our own key, and good in all else.
    let mut signed = scene.token.clone();
    while signed.len() <= 4 * 1024 {
        claims["more"] = json!("x".repeat(claims["more"].as_str().map_or(2_000, |more| more.len() + 100)));
        let next = ags_tests::jwt::signed(world.signer.as_ref(), &header, &claims).await;
        if next.len() <= 4 * 1024 {
            world.get(&scene.item, &next).await.expect(200);
        }
        signed = next;
    }
    scene.refuses(&[format!("Bearer {signed}")], "a long token").await;
}

/// 255 characters, each of which takes two in JSON.
#[tokio::test]
async fn the_longest_ids_still_make_a_token_that_is_accepted_ags_31() {
    let victim = Victim::new().await;
    let world = &victim.world;
    let tool = world.tool(&"\\".repeat(255)).await;
    let deployment = "\"".repeat(255);
    world.register(&tool, |tool| tool.deployments = [deployment.parse().unwrap()].into()).await;
    let course = world.place(&tool, "A").await;
    let token = world.narrow_token(&tool, &deployment).await;
    world.get(&course.lineitems, &token).await.expect(200);
}
