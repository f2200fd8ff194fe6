//! The algorithm of a client assertion.

use ags_tests::jwt;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{Victim, split};

/// The tool's assertion with another `alg`, unsigned and with its own signature.
fn renamed(victim: &Victim, algorithm: &Value) -> [String; 2] {
    let genuine = victim.assertion();
    let header = json!({ "alg": algorithm, "typ": "JWT", "kid": victim.tool.key.kid });
    let message = jwt::signing_input(&header, &genuine.claims);
    [format!("{message}."), format!("{message}.{}", split(&genuine.sign())[2])]
}

#[tokio::test]
async fn an_unsigned_assertion_is_refused_ags_135() {
    let victim = Victim::new().await;
    let names = ["none", "None", "NONE", "nOnE"];
    let forgeries: Vec<_> = names.iter().flat_map(|name| renamed(&victim, &json!(name))).collect();
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn an_algorithm_of_an_unknown_name_is_refused_ags_135() {
    let victim = Victim::new().await;
    let names =
        ["", " RS256", "rs256", "RS256 ", "RS1", "RS2048", "ES512", "ES256K", "EdDSA", "dir", "RSA-OAEP"];
    let forgeries: Vec<_> = names.iter().flat_map(|name| renamed(&victim, &json!(name))).collect();
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn an_algorithm_that_is_missing_or_no_text_is_refused_ags_135() {
    let victim = Victim::new().await;
    let values = [json!(null), json!(0), json!(["RS256"]), json!({ "alg": "RS256" }), json!(true)];
    let forgeries: Vec<_> = values.iter().flat_map(|value| renamed(&victim, value)).collect();
    victim.withstands("invalid_request", forgeries).await;
}

#[tokio::test]
async fn the_public_key_is_no_shared_secret_ags_135() {
    let victim = Victim::new().await;
    let jwks = victim.tool.key.jwks();
    let pem = victim.tool.key.public_pem();
    let mut forgeries = Vec::new();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        for secret in [pem.as_bytes(), pem.trim_end().as_bytes(), jwks.as_bytes(), b""] {
            let forged = victim.assertion().key(EncodingKey::from_secret(secret));
            forgeries.push(forged.header(|header| header.alg = algorithm).sign());
        }
    }
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn a_shared_secret_in_the_registered_set_signs_nothing_ags_135() {
    let victim = Victim::new().await;
    let secret = json!({ "kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0" });
    let jwks = victim.tool.jwks_with(|_| {}).replace("]}", &format!(",{secret}]}}"));
    victim.register_keys(&jwks).await;
    let forged = victim.assertion().key(EncodingKey::from_secret(b"secret")).header(|header| {
        header.alg = Algorithm::HS256;
        header.kid = Some("secret".to_owned());
    });
    victim.withstands("invalid_client", [forged.sign()]).await;
}

/// RSA keys sign with PKCS #1 v1.5 only: no tool library of LTI uses PSS.
#[tokio::test]
async fn the_tools_own_key_does_not_sign_with_another_padding_ags_135() {
    let victim = Victim::new().await;
    let any_algorithm = victim.tool.jwks_with(|key| {
        key.as_object_mut().unwrap().remove("alg");
    });
    victim.register_keys(&any_algorithm).await;
    let algorithms = [Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];
    let forgeries = algorithms.map(|padded| victim.assertion().header(|header| header.alg = padded).sign());
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn the_header_does_not_choose_the_algorithm_of_an_rsa_key_ags_135() {
    let victim = Victim::new().await;
    victim.register_keys(&victim.tool.jwks_with(|key| key["alg"] = json!("RS256"))).await;
    let others = [Algorithm::RS384, Algorithm::RS512];
    let signed = others.map(|other| victim.assertion().header(|header| header.alg = other).sign());
    let names = ["RS384", "RS512", "ES256", "ES384"];
    let renamed = names.iter().flat_map(|name| renamed(&victim, &json!(name)));
    victim.withstands("invalid_client", signed.into_iter().chain(renamed).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn the_header_does_not_choose_the_algorithm_of_an_ec_key_ags_135() {
    for (registered, other) in [(Algorithm::ES256, "ES384"), (Algorithm::ES384, "ES256")] {
        let victim = Victim::with_ec_key(registered).await;
        let genuine = victim.assertion();
        let signature = genuine.sign();
        let forgeries = [other, "RS256"].map(|name| {
            let header = json!({ "alg": name, "kid": "ec" });
            format!("{}.{}", jwt::signing_input(&header, &genuine.claims), split(&signature)[2])
        });
        victim.withstands("invalid_client", forgeries).await;
    }
}
