//! Keys that are not the tool's, or not for this.

use ags_tests::{EcKey, jwt};
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};

use super::Victim;

/// A set of the tool's own key and another.
fn with_another(victim: &Victim, another: &Value) -> String {
    victim.tool.jwks_with(|_| {}).replace("]}", &format!(",{another}]}}"))
}

fn key_of(jwks: &str) -> Value {
    let set: Value = serde_json::from_str(jwks).unwrap();
    set["keys"][0].clone()
}

#[tokio::test]
async fn another_tools_key_does_not_sign_for_this_tool_ags_143() {
    let victim = Victim::new().await;
    let other = victim.world.tool("other").await;
    let under = |kid: Option<&str>| {
        let forged = victim.assertion().key(other.key.private.clone());
        forged.header(|header| header.kid = kid.map(str::to_owned)).sign()
    };
    let forgeries = [Some(victim.tool.key.kid.as_str()), Some(&other.key.kid), Some(""), None].map(under);
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn a_genuine_assertion_under_another_name_of_a_key_is_refused_ags_144() {
    let victim = Victim::new().await;
    let other = victim.world.tool("other").await;
    let names = [
        other.key.kid.as_str(),
        "",
        " ",
        "../../../../dev/null",
        "/proc/self/environ",
        "' OR '1'='1",
        "x' UNION SELECT 'key",
        "KEYS#KEY",
        "\0",
        "\r\nINFO forged line",
        "\u{1b}[2J",
        "\u{202e}",
        "https://forger.example/key.pem",
        &"k".repeat(255),
        &"k".repeat(256),
    ];
    let forgeries =
        names.map(|name| victim.assertion().header(|header| header.kid = Some(name.to_owned())).sign());
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn a_name_of_a_key_that_is_no_text_is_refused_ags_144() {
    let victim = Victim::new().await;
    let names = [json!(1), json!(["ec"]), json!({}), json!(true)];
    let forgeries = names.map(|name| victim.assertion().sign_with_header(&json!({ "kid": name })));
    victim.withstands("invalid_request", forgeries).await;
}

#[tokio::test]
async fn a_key_that_the_header_brings_along_is_ignored_ags_136() {
    let victim = Victim::new().await;
    let forger = EcKey::new(Algorithm::ES256);
    let jwk: Jwk = serde_json::from_value(key_of(&forger.jwks)).unwrap();
    let own = Some(victim.tool.key.kid.clone());
    let forgeries = [Some("ec".to_owned()), own, None].map(|kid| {
        let forged = victim.assertion().key(forger.private.clone()).header(|header| {
            header.alg = Algorithm::ES256;
            header.kid = kid;
            header.jwk = Some(jwk.clone());
            header.x5c = Some(vec!["AAAA".to_owned()]);
        });
        forged.sign()
    });
    victim.withstands("invalid_client", forgeries).await;
    let genuine = victim.world.assertion(&victim.tool).header(|header| header.jwk = Some(jwk));
    victim.get_in(&genuine.sign()).await;
}

/// Nobody asks there: `http` and this machine would be reached.
#[tokio::test]
async fn an_address_of_keys_in_the_header_is_never_asked_ags_136() {
    let victim = Victim::new().await;
    let trap = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/jwks.json", trap.local_addr().unwrap());
    let forger = victim.world.tool("forger").await;
    let forgeries = [Some(forger.key.kid.clone()), Some(victim.tool.key.kid.clone())].map(|kid| {
        let forged = victim.assertion().key(forger.key.private.clone()).header(|header| {
            header.kid = kid;
            header.jku = Some(address.clone());
            header.x5u = Some(address.clone());
        });
        forged.sign()
    });
    victim.withstands("invalid_client", forgeries).await;
    trap.into_std().unwrap().accept().expect_err("nobody came");
}

#[tokio::test]
async fn of_two_keys_of_one_name_neither_signs_ags_144() {
    let victim = Victim::new().await;
    let other = victim.world.tool("other").await;
    let mut twin = key_of(&other.key.jwks());
    twin["kid"] = json!(victim.tool.key.kid);
    victim.register_keys(&with_another(&victim, &twin)).await;
    for key in [victim.tool.key.private.clone(), other.key.private.clone()] {
        victim.refuses(&victim.assertion().key(key).sign(), "invalid_client", "a twin").await;
    }
    victim.register_keys(&victim.tool.key.jwks()).await;
    victim.get_in(&victim.assertion().sign()).await;
}

#[tokio::test]
async fn a_key_that_is_for_encryption_signs_nothing_ags_135() {
    let victim = Victim::new().await;
    let other = EcKey::new(Algorithm::ES256);
    for (name, value, accepted) in [
        ("use", json!("enc"), false),
        ("key_ops", json!([]), false),
        ("key_ops", json!(["encrypt", "wrapKey"]), false),
        ("key_ops", json!(["deriveKey"]), false),
        ("use", json!("sig"), true),
        ("key_ops", json!(["verify"]), true),
        ("key_ops", json!(["sign"]), true),
    ] {
        let mut key = key_of(&other.jwks);
        key.as_object_mut().unwrap().remove("use");
        key[name] = value.clone();
        victim.register_keys(&with_another(&victim, &key)).await;
        let assertion = victim.world.assertion(&victim.tool).key(other.private.clone()).header(|header| {
            header.alg = Algorithm::ES256;
            header.kid = Some("ec".to_owned());
        });
        if accepted {
            victim.get_in(&assertion.sign()).await;
        } else {
            victim.refuses(&assertion.sign(), "invalid_client", &format!("{name} {value}")).await;
        }
    }
    victim.get_in(&victim.assertion().sign()).await;
}

/// The service signs access tokens with it, and whoever registered it by mistake would let them pass as assertions.
#[tokio::test]
async fn the_services_own_key_does_not_sign_for_a_tool_ags_143() {
    let victim = Victim::new().await;
    let world = &victim.world;
    let token = world.token(&victim.tool, &[ags_tests::SCORE]).await;
    let published = serde_json::from_str(&world.signer.public_half().jwk).unwrap();
    let jwks = with_another(&victim, &published);
    for registered in [victim.tool.key.jwks(), jwks] {
        victim.register_keys(&registered).await;
        victim.refuses(&token, "invalid_client", "an access token").await;
        let (mut header, claims) = jwt::parts(&token);
        header["typ"] = json!("JWT");
        let forged = jwt::signed(world.signer.as_ref(), &header, &claims).await;
        victim.refuses(&forged, "invalid_client", "an access token of another type").await;
    }
    victim.get_in(&victim.assertion().sign()).await;
}
