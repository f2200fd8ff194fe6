//! What the service publishes about itself: its keys and its metadata (AGS 145).

use std::collections::BTreeSet;

use ags_shared::auth::KEYS_MAX_AGE;
use ags_tests::{LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE, World, jwt};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

#[tokio::test]
async fn each_published_key_is_named_typed_unpadded_and_public_ags_145() {
    let world = World::new().await;
    let answer =
        world.send(world.http.get(format!("{}/.well-known/jwks.json", world.base))).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), format!("public, max-age={KEYS_MAX_AGE}"));
    let set = answer.json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    let key = keys[0].as_object().unwrap();
    let members: Vec<_> = key.keys().collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    for (name, value) in [("alg", "ES256"), ("crv", "P-256"), ("kty", "EC"), ("use", "sig")] {
        assert_eq!(key[name], value);
    }
    for name in ["x", "y"] {
        assert_eq!(key[name].as_str().unwrap().len(), 43, "32 bytes without padding: {}", key[name]);
    }
}

#[tokio::test]
async fn an_access_token_verifies_with_the_published_key_of_its_kid_ags_145() {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    let token = world.token(&tool, &[SCORE]).await;
    let answer = world.send(world.http.get(format!("{}/.well-known/jwks.json", world.base))).await;
    let set: JwkSet = serde_json::from_str(&answer.text).unwrap();
    let kid = jwt::parts(&token).0["kid"].as_str().unwrap().to_owned();
    let key = DecodingKey::from_jwk(set.find(&kid).expect("a published key")).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.set_audience(&[&world.base]);
    let claims = jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap().claims;
    assert_eq!(claims["sub"], "tool");
}

#[tokio::test]
async fn the_metadata_name_the_endpoints_and_what_they_take_ags_139() {
    let world = World::new().await;
    let url = format!("{}/.well-known/oauth-authorization-server", world.base);
    let answer = world.send(world.http.get(url)).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), format!("public, max-age={KEYS_MAX_AGE}"));
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], world.base);
    assert_eq!(metadata["token_endpoint"], world.token_url());
    assert_eq!(metadata["jwks_uri"], format!("{}/.well-known/jwks.json", world.base));
    assert_eq!(metadata["grant_types_supported"], json!(["client_credentials"]));
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["private_key_jwt"]));
    let list = |name: &str| -> BTreeSet<String> {
        serde_json::from_value(metadata[name].clone()).expect("a list of strings")
    };
    let scopes = [LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE].map(str::to_owned);
    assert_eq!(list("scopes_supported"), scopes.into());
    let algorithms = ["RS256", "RS384", "RS512", "ES256", "ES384"].map(str::to_owned);
    assert_eq!(list("token_endpoint_auth_signing_alg_values_supported"), algorithms.into());
}

#[tokio::test]
async fn keys_and_metadata_are_only_read_ags_46() {
    let world = World::new().await;
    for document in ["jwks.json", "oauth-authorization-server"] {
        let url = format!("{}/.well-known/{document}", world.base);
        let answer = world.send(world.http.post(url)).await.expect(405);
        assert!(answer.header("allow").split(',').any(|method| method == "GET"), "{answer:?}");
        assert_eq!(answer.problem().0, "method-not-allowed", "{document}");
    }
}
