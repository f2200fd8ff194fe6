//! Who signed an assertion, with which key and algorithm (AGS 135, 136, 143, 144).

use ags_shared::auth::jwks_from_pem;
use ags_shared::domain::PublicKeys;
use ags_tests::{Assertion, EcKey, SCORE, Tool, World};
use jsonwebtoken::Algorithm;
use serde_json::json;

async fn world() -> (World, Tool) {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    (world, tool)
}

/// Sends the assertion and checks whether it brings a token, or else that the client is refused.
async fn check(world: &World, assertion: &Assertion, accepted: bool, what: &str) {
    let answer = world.request_token(&assertion.sign(), SCORE).await;
    if accepted {
        assert_eq!(answer.status, 200, "{what}: {}", answer.text);
    } else {
        assert_eq!(answer.refusal(), "invalid_client", "{what}");
    }
}

const RSA: [Algorithm; 3] = [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512];

#[tokio::test]
async fn an_rsa_key_without_alg_signs_with_every_approved_digest_ags_135() {
    let (world, tool) = world().await;
    let without_alg = tool.jwks_with(|key| {
        key.as_object_mut().unwrap().remove("alg");
    });
    let from_pem = jwks_from_pem(tool.key.public_pem()).unwrap();
    for jwks in [without_alg, from_pem] {
        world.register(&tool, |tool| tool.keys = PublicKeys::Set(jwks.clone())).await;
        for algorithm in RSA {
            let assertion = world.assertion(&tool).header(|header| header.alg = algorithm);
            check(&world, &assertion, true, &format!("{algorithm:?} {jwks}")).await;
        }
    }
}

#[tokio::test]
async fn a_key_with_an_alg_signs_with_that_alone_ags_135() {
    let (world, tool) = world().await;
    for named in RSA {
        let jwks = tool.jwks_with(|key| key["alg"] = json!(named));
        world.register(&tool, |tool| tool.keys = PublicKeys::Set(jwks)).await;
        for algorithm in RSA {
            let assertion = world.assertion(&tool).header(|header| header.alg = algorithm);
            check(&world, &assertion, algorithm == named, &format!("{algorithm:?} with {named:?}")).await;
        }
    }
}

#[tokio::test]
async fn elliptic_curve_keys_are_registered_as_a_set_or_as_pem_ags_135() {
    let (world, tool) = world().await;
    for algorithm in [Algorithm::ES256, Algorithm::ES384] {
        let key = EcKey::new(algorithm);
        let pem = jwks_from_pem(&key.public_pem).unwrap();
        for jwks in [&key.jwks, &pem] {
            world.register(&tool, |tool| tool.keys = PublicKeys::Set(jwks.clone())).await;
            for kid in [Some("ec".to_owned()), None] {
                let assertion = world.assertion(&tool).key(key.private.clone()).header(|header| {
                    header.alg = algorithm;
                    header.kid.clone_from(&kid);
                });
                check(&world, &assertion, true, &format!("{algorithm:?} {kid:?} {jwks}")).await;
            }
            let other = EcKey::new(algorithm);
            let assertion = world.assertion(&tool).key(other.private).header(|header| {
                header.alg = algorithm;
                header.kid = Some("ec".to_owned());
            });
            check(&world, &assertion, false, "another key on the same curve").await;
        }
    }
}

#[tokio::test]
async fn a_key_in_pem_needs_no_kid_and_takes_any_ags_144() {
    let (world, tool) = world().await;
    let jwks = jwks_from_pem(tool.key.public_pem()).unwrap();
    world.register(&tool, |tool| tool.keys = PublicKeys::Set(jwks)).await;
    for kid in [None, Some("whatever".to_owned())] {
        let assertion = world.assertion(&tool).header(|header| header.kid.clone_from(&kid));
        check(&world, &assertion, true, &format!("{kid:?}")).await;
    }
}

#[tokio::test]
async fn the_kid_chooses_the_key_and_may_be_left_out_where_one_fits_ags_144() {
    let (world, tool) = world().await;
    let other = world.tool("other").await;
    let both = tool.jwks_with(|_| {});
    let both = both.replace("]}", &format!(",{}", other.key.jwks().replace(r#"{"keys":["#, "")));
    let (own, foreign) = (Some(tool.key.kid.clone()), Some(other.key.kid.clone()));
    let one = tool.key.jwks();
    for (jwks, kid, accepted) in [
        (&one, own.clone(), true),
        (&one, None, true),
        (&one, foreign.clone(), false),
        (&one, Some(String::new()), false),
        (&one, own.as_ref().map(|kid| kid.to_lowercase()), false),
        (&both, own.clone(), true),
        (&both, foreign, false),
        (&both, None, false),
    ] {
        world.register(&tool, |tool| tool.keys = PublicKeys::Set(jwks.clone())).await;
        let assertion = world.assertion(&tool).header(|header| header.kid.clone_from(&kid));
        check(&world, &assertion, accepted, &format!("{kid:?} of {jwks}")).await;
    }
}

#[tokio::test]
async fn members_of_the_header_that_are_not_looked_at_may_be_anything_ags_136() {
    let (world, tool) = world().await;
    for members in [
        json!({ "x5c": "AAAA" }),
        json!({ "jku": 1, "jwk": [], "x5u": null }),
        json!({ "enc": 3, "zip": {} }),
    ] {
        let assertion = world.assertion(&tool).sign_with_header(&members);
        world.request_token(&assertion, SCORE).await.expect(200);
    }
}

#[tokio::test]
async fn a_type_of_the_header_is_not_required_ags_135() {
    let (world, tool) = world().await;
    for typ in [None, Some("jwt".to_owned()), Some("JWT".to_owned())] {
        let assertion = world.assertion(&tool).header(|header| header.typ.clone_from(&typ));
        check(&world, &assertion, true, &format!("{typ:?}")).await;
    }
}
