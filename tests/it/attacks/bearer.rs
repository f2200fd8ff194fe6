//! Credentials that open nothing, on every route and method (AGS 28, 37–39).

use ags_tests::SCORE;
use ags_tests::jwt::{self, Impostor};
use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::calls::{CALLS, SCOPES, Scene, check_unauthenticated};

fn bearer(token: &str) -> [String; 1] {
    [format!("Bearer {token}")]
}

/// A token of the service's own key with a member of its header or its claims changed, or taken out with null.
async fn resigned(scene: &Scene, part: usize, name: &str, value: Value) -> String {
    let (header, claims) = jwt::parts(&scene.token);
    let mut parts = [header, claims];
    if let Some(members) = parts[part].as_object_mut() {
        members.remove(name);
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
    }
    jwt::signed(scene.world.signer.as_ref(), &parts[0], &parts[1]).await
}

const HEADER: usize = 0;
const CLAIMS: usize = 1;

#[tokio::test]
async fn a_call_without_one_bearer_token_in_its_header_is_refused_ags_28_37() {
    let scene = Scene::new().await;
    let token = &scene.token;
    for (what, authorization) in [
        ("no header", vec![]),
        ("Basic", vec!["Basic dG9vbDpzZWNyZXQ=".to_owned()]),
        ("the token as Basic", vec![format!("Basic {token}")]),
        ("no scheme", vec![token.clone()]),
        ("the scheme alone", vec!["Bearer".to_owned()]),
        ("an empty token", vec!["Bearer ".to_owned()]),
        ("garbage", vec!["Bearer garbage".to_owned()]),
        ("the form of a token", vec!["Bearer a.b.c".to_owned()]),
        ("a token and more", vec![format!("Bearer {token} {token}")]),
        ("two tokens in a header", vec![format!("Bearer {token}, Bearer {token}")]),
        ("two headers", vec![format!("Bearer {token}"), format!("Bearer {token}")]),
        ("a good and a bad header", vec![format!("Bearer {token}"), "Basic dG9vbDpzZWNyZXQ=".to_owned()]),
    ] {
        scene.refuses(&authorization, what).await;
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_refused_ags_39() {
    let scene = Scene::new().await;
    for call in &CALLS {
        let request = call.request(&scene.world, &scene.course.lineitems, &scene.item);
        let mut request = request.build().unwrap();
        request.url_mut().query_pairs_mut().append_pair("access_token", &scene.token);
        let request = RequestBuilder::from_parts(scene.world.http.clone(), request);
        let answer = scene.world.send(request).await;
        check_unauthenticated(&answer, &format!("{call:?}"));
    }
    scene.is_unchanged().await;
}

#[tokio::test]
async fn a_token_in_the_body_is_refused_ags_39() {
    let scene = Scene::new().await;
    for call in &CALLS {
        let url = call.url(&scene.course.lineitems, &scene.item);
        let request = scene.world.http.request(call.method.clone(), url);
        let answer = scene.world.send(request.form(&[("access_token", &scene.token)])).await;
        check_unauthenticated(&answer, &format!("{call:?}"));
    }
    scene.is_unchanged().await;
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case_ags_38() {
    let scene = Scene::new().await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEARER"] {
        for call in &CALLS[..CALLS.len() - 1] {
            let request = call.request(&scene.world, &scene.course.lineitems, &scene.item);
            let request = request.header("authorization", format!("{scheme} {}", scene.token));
            assert_eq!(scene.world.send(request).await.status, call.success, "{scheme}: {call:?}");
        }
    }
}

#[tokio::test]
async fn a_token_is_good_for_an_hour_and_no_second_more_ags_150() {
    let scene = Scene::new().await;
    scene.world.clock.advance(3_599);
    for call in &CALLS {
        assert_eq!(scene.call(call, &scene.token).await.status, call.success, "{call:?}");
    }
    scene.world.clock.advance(1);
    for call in &CALLS {
        check_unauthenticated(&scene.call(call, &scene.token).await, &format!("{call:?}"));
    }
}

#[tokio::test]
async fn a_token_that_another_key_signed_is_refused_ags_37() {
    let scene = Scene::new().await;
    let Scene { world, tool, .. } = &scene;
    let stranger = jwt::new_signer();
    let token = jwt::mint(world, &stranger, &world.base, "tool").await;
    scene.refuses(&bearer(&token), "a key that is not published").await;
    let impostor = Impostor { kid: world.signer.public_half().kid.clone(), key: jwt::new_signer() };
    let token = jwt::mint(world, &impostor, &world.base, "tool").await;
    scene.refuses(&bearer(&token), "another key under the published name").await;
    let assertion = tool.assertion(&world.base, world.clock.seconds());
    scene.refuses(&bearer(&assertion.sign()), "a client assertion").await;
    let (_, claims) = jwt::parts(&scene.token);
    let mut id_token = tool.assertion(&world.base, world.clock.seconds()).header(|header| {
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(world.signer.public_half().kid.clone());
    });
    id_token.claims = claims;
    scene.refuses(&bearer(&id_token.sign()), "the tool's key with the claims of a token").await;
}

#[tokio::test]
async fn a_token_of_another_issuer_or_for_another_audience_is_refused_ags_37() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let other = "https://other.example";
    let token = jwt::mint(world, world.signer.as_ref(), other, "tool").await;
    scene.refuses(&bearer(&token), "another issuer").await;
    for (name, value) in [
        ("iss", json!(other)),
        ("aud", json!(other)),
        ("aud", json!(world.token_url())),
        ("aud", json!(format!("{}/", world.base))),
    ] {
        let token = resigned(&scene, CLAIMS, name, value.clone()).await;
        scene.refuses(&bearer(&token), &format!("{name} {value}")).await;
    }
}

#[tokio::test]
async fn a_token_without_one_of_its_claims_or_of_another_type_is_refused_ags_37() {
    let scene = Scene::new().await;
    for name in ["iss", "aud", "sub", "scope", "exp", "iat", "jti"] {
        let token = resigned(&scene, CLAIMS, name, Value::Null).await;
        scene.refuses(&bearer(&token), &format!("no {name}")).await;
    }
    for typ in [json!("JWT"), json!("dpop+jwt"), Value::Null] {
        let token = resigned(&scene, HEADER, "typ", typ.clone()).await;
        scene.refuses(&bearer(&token), &format!("the type {typ}")).await;
    }
    let token = resigned(&scene, CLAIMS, "jti", json!("another")).await;
    scene.world.get(&scene.item, &token).await.expect(200);
}

#[tokio::test]
async fn a_token_that_was_tampered_with_is_refused_ags_37() {
    let scene = Scene::new().await;
    let genuine = scene.world.token(&scene.tool, &[SCORE]).await;
    for (claim, value) in [
        ("scope", json!(SCOPES.join(" "))),
        ("sub", json!("other")),
        ("exp", json!(scene.world.clock.seconds() + 86_400)),
    ] {
        let forged = jwt::tampered(&genuine, claim, value);
        scene.refuses(&bearer(&forged), claim).await;
    }
    let (signed, signature) = genuine.rsplit_once('.').unwrap();
    scene.refuses(&bearer(&format!("{signed}.")), "no signature").await;
    scene.refuses(&bearer(&format!("{signed}.{}", &signature[..80])), "half a signature").await;
    scene.refuses(&bearer(&format!("{signed}.{signature}.{signature}")), "two signatures").await;
    scene.refuses(&bearer(&format!("{signed}.{}", "A".repeat(86))), "zeros").await;
}

#[tokio::test]
async fn a_token_without_a_signature_or_with_a_shared_secret_is_refused_ags_37() {
    let scene = Scene::new().await;
    let (mut header, claims) = jwt::parts(&scene.token);
    for algorithm in ["none", "None", "NONE"] {
        header["alg"] = json!(algorithm);
        let unsigned = jwt::signing_input(&header, &claims);
        scene.refuses(&bearer(&format!("{unsigned}.")), algorithm).await;
        let signature = scene.token.rsplit('.').next().unwrap();
        scene.refuses(&bearer(&format!("{unsigned}.{signature}")), algorithm).await;
    }
    let published = &scene.world.signer.public_half().jwk;
    let mut shared = scene.tool.assertion("", 0).key(EncodingKey::from_secret(published.as_bytes()));
    shared.header.alg = Algorithm::HS256;
    shared.header.typ = Some("at+jwt".to_owned());
    shared.header.kid = Some(scene.world.signer.public_half().kid.clone());
    shared.claims = claims;
    scene.refuses(&bearer(&shared.sign()), "HS256 with the published key").await;
}

/// What an LMS signs for a launch, even if it were signed with the service's own key.
#[tokio::test]
async fn an_id_token_is_no_access_token_ags_37() {
    let scene = Scene::new().await;
    let Scene { world, tool, .. } = &scene;
    let now = world.clock.seconds();
    let claims = json!({
        "iss": world.base, "aud": world.base, "sub": tool.client_id, "scope": SCOPES.join(" "),
        "iat": now, "exp": now + 60, "jti": "1", "nonce": "n",
    });
    for typ in [json!("JWT"), json!("id_token+jwt"), Value::Null] {
        let header = json!({ "alg": "ES256", "typ": typ, "kid": world.signer.public_half().kid });
        let token = jwt::signed(world.signer.as_ref(), &header, &claims).await;
        scene.refuses(&bearer(&token), &format!("{typ}")).await;
    }
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": world.signer.public_half().kid });
    let token = jwt::signed(world.signer.as_ref(), &header, &claims).await;
    world.get(&scene.item, &token).await.expect(200);
}

#[tokio::test]
async fn a_token_under_another_name_of_a_key_is_refused_ags_37() {
    let scene = Scene::new().await;
    let names =
        [json!("../../dev/null"), json!("KEYS"), json!(""), json!(1), json!("k".repeat(300)), Value::Null];
    for name in names {
        let token = resigned(&scene, HEADER, "kid", name.clone()).await;
        scene.refuses(&bearer(&token), &name.to_string()).await;
    }
}

/// The key is known and good; the algorithm is not for it.
#[tokio::test]
async fn the_header_of_a_token_does_not_choose_its_algorithm_ags_37() {
    let scene = Scene::new().await;
    for algorithm in ["ES384", "RS256", "PS256", "EdDSA", "es256", ""] {
        let token = resigned(&scene, HEADER, "alg", json!(algorithm)).await;
        scene.refuses(&bearer(&token), algorithm).await;
    }
}

#[tokio::test]
async fn a_token_in_another_encoding_is_refused_ags_37() {
    let scene = Scene::new().await;
    let (signed, signature) = scene.token.rsplit_once('.').unwrap();
    let (start, last) = signature.split_at(signature.len() - 1);
    let other_bits = char::from(last.as_bytes()[0] + 1);
    for token in [
        format!("{}=", scene.token),
        format!("{signed}.{start}{other_bits}"),
        format!("{signed}.{start} {last}"),
        format!("{signed}..{signature}"),
        format!(".{}", scene.token),
        format!("\"{}\"", scene.token),
    ] {
        scene.refuses(&bearer(&token), &token).await;
    }
}

/// A service that remembers what it has checked must not remember too little of it.
#[tokio::test]
async fn a_signature_of_another_token_is_refused_also_after_the_genuine_one_ags_37() {
    let scene = Scene::new().await;
    let reads = || scene.world.get(&scene.course.lineitems, &scene.token);
    reads().await.expect(200);
    let (header, claims) = jwt::parts(&scene.token);
    let message = jwt::encoded(&header.to_string(), &claims.to_string().replacen('{', "{ ", 1));
    let other = jwt::with_signature(scene.world.signer.as_ref(), &message).await;
    let (signed, signature) = (scene.token.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
    let token = format!("{signed}.{signature}");
    scene.refuses(&bearer(&token), &token).await;
    reads().await.expect(200);
}

#[tokio::test]
async fn a_claim_of_a_token_given_twice_is_refused_ags_37() {
    let scene = Scene::new().await;
    let (header, claims) = jwt::parts(&scene.token);
    for (name, value) in [("sub", "\"other\""), ("scope", "\"\""), ("exp", "1")] {
        let claims = claims.to_string().replacen('{', &format!(r#"{{"{name}":{value},"#), 1);
        let message = jwt::encoded(&header.to_string(), &claims);
        let token = jwt::with_signature(scene.world.signer.as_ref(), &message).await;
        scene.refuses(&bearer(&token), name).await;
    }
}
