//! Who signed an assertion, with which key and algorithm (AGS 135, 136, 143, 144).

use ags_shared::auth::jwks_from_pem;
use ags_shared::domain::PublicKeys;
use ags_tests::{Assertion, EcKey, SCORE, Tool, World, jwt};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

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
async fn another_tools_key_does_not_sign_for_this_tool_ags_143() {
    let (world, tool) = world().await;
    let other = world.tool("other").await;
    let with_own_kid = world.assertion(&tool).key(other.key.private.clone());
    check(&world, &with_own_kid, false, "under the tool's kid").await;
    let foreign = world.assertion(&tool).key(other.key.private.clone());
    let foreign = foreign.header(|header| header.kid = Some(other.key.kid.clone()));
    check(&world, &foreign, false, "under its own kid").await;
    check(&world, &world.assertion(&other), true, "for itself").await;
}

#[tokio::test]
async fn what_was_signed_is_what_counts_ags_143() {
    let (world, tool) = world().await;
    world.tool("other").await;
    let assertion = world.assertion(&tool).sign();
    let now = world.clock.seconds();
    let tampered = [
        jwt::tampered(&assertion, "exp", now + 3600),
        jwt::tampered(&assertion, "jti", "another"),
        jwt::tampered(&jwt::tampered(&assertion, "sub", "other"), "iss", "other"),
        assertion[..=assertion.rfind('.').unwrap()].to_owned(),
    ];
    for forged in tampered {
        assert_eq!(world.request_token(&forged, SCORE).await.refusal(), "invalid_client", "{forged}");
    }
    world.request_token(&assertion, SCORE).await.expect(200);
}

#[tokio::test]
async fn the_public_key_is_no_shared_secret_ags_135() {
    let (world, tool) = world().await;
    let jwks = tool.key.jwks();
    let pem = tool.key.public_pem();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        for secret in [pem.as_bytes(), pem.trim_end().as_bytes(), jwks.as_bytes(), b""] {
            let assertion = world.assertion(&tool).key(EncodingKey::from_secret(secret));
            let assertion = assertion.header(|header| header.alg = algorithm);
            check(&world, &assertion, false, &format!("{algorithm:?}")).await;
        }
    }
}

#[tokio::test]
async fn a_symmetric_key_in_a_registered_set_is_never_used_ags_135() {
    let (world, tool) = world().await;
    let secret = json!({ "kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0" });
    let jwks = tool.jwks_with(|_| {}).replace("]}", &format!(",{secret}]}}"));
    world.register(&tool, |tool| tool.keys = PublicKeys::Set(jwks)).await;
    let assertion = world.assertion(&tool).key(EncodingKey::from_secret(b"secret")).header(|header| {
        header.alg = Algorithm::HS256;
        header.kid = Some("secret".to_owned());
    });
    check(&world, &assertion, false, "HS256").await;
    check(&world, &world.assertion(&tool), true, "the RSA key beside it").await;
}

#[tokio::test]
async fn an_assertion_without_a_signature_or_of_an_unknown_algorithm_brings_no_token_ags_135() {
    let (world, tool) = world().await;
    let Assertion { claims, .. } = world.assertion(&tool);
    let genuine = world.assertion(&tool).sign();
    let signature = genuine.rsplit('.').next().unwrap();
    for algorithm in ["none", "None", "NONE", "nOnE", "", "RS1", "ES512"] {
        let header = json!({ "alg": algorithm, "typ": "JWT", "kid": tool.key.kid });
        for signature in ["", signature] {
            let forged = format!("{}.{signature}", jwt::signing_input(&header, &claims));
            let code = world.request_token(&forged, SCORE).await.refusal();
            assert_eq!(code, "invalid_client", "{algorithm} {signature}");
        }
    }
    world.request_token(&genuine, SCORE).await.expect(200);
}

#[tokio::test]
async fn keys_and_addresses_of_keys_in_the_header_are_ignored_ags_136() {
    let (world, tool) = world().await;
    let forger = EcKey::new(Algorithm::ES256);
    let set: Value = serde_json::from_str(&forger.jwks).unwrap();
    let jwk: Jwk = serde_json::from_value(set["keys"][0].clone()).unwrap();
    let forged = world.assertion(&tool).key(forger.private).header(|header| {
        header.alg = Algorithm::ES256;
        header.kid = Some("ec".to_owned());
        header.jwk = Some(jwk.clone());
        header.jku = Some("https://forger.example/jwks.json".to_owned());
    });
    check(&world, &forged, false, "the header brings its own key").await;
    let genuine = world.assertion(&tool).header(|header| {
        header.jwk = Some(jwk);
        header.jku = Some("https://forger.example/jwks.json".to_owned());
        header.x5u = Some("https://forger.example/chain.pem".to_owned());
        header.x5c = Some(vec!["AAAA".to_owned()]);
    });
    check(&world, &genuine, true, "a foreign key in the header of a genuine assertion").await;
}

#[tokio::test]
async fn extensions_that_must_be_understood_are_refused_rfc_7515() {
    let (world, tool) = world().await;
    for members in [
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "crit": ["https://x.example"] }),
        json!({ "crit": 1 }),
    ] {
        let assertion = world.assertion(&tool).sign_with_header(&members);
        assert_eq!(world.request_token(&assertion, SCORE).await.refusal(), "invalid_client", "{members}");
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
