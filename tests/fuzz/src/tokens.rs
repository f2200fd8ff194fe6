//! Access tokens and client assertions.
//!
//! Two lines of an input are header and claims, signed with a good key and with a bad one; anything else is a token as
//! it stands.

use std::sync::LazyLock;

use ags_shared::auth::access_token;
use ags_shared::auth::assertion::UnverifiedAssertion;
use ags_shared::auth::{KeyRing, ToolKeys};
use ags_shared::domain::{PublicHalf, Timestamp};
use ags_tests::EcKey;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::Algorithm;
use serde_json::Value;

const NOW: u32 = 1_795_262_400;
const ISSUER: &str = "https://ags.example.edu";
const TOKEN_URL: &str = "https://ags.example.edu/token";

/// One key, under the name `ec`, is ours and the tool's at once: each kind of token must refuse the other all the same.
struct Keys {
    good: EcKey,
    bad: EcKey,
    ours: KeyRing,
    tools: ToolKeys,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let good = EcKey::new(Algorithm::ES256);
    let set: Value = serde_json::from_str(&good.jwks).expect("a key set");
    let ours = PublicHalf { kid: "ec".to_owned(), jwk: set["keys"][0].to_string(), private: None };
    let ours = KeyRing::new(vec![ours.signing_from(0)]);
    let tools = ToolKeys::parse(&good.jwks).expect("a key set");
    Keys { bad: EcKey::new(Algorithm::ES256), ours, tools, good }
});

/// Whether one of the two kinds of token is accepted, which nothing is that the good key did not sign.
pub(crate) fn run(input: &[u8]) -> bool {
    let raw = String::from_utf8_lossy(input);
    assert!(!accepted(&raw), "{raw} is accepted");
    let Some(at) = input.iter().position(|byte| *byte == b'\n') else { return false };
    let (header, claims) = (&input[..at], &input[at + 1..]);
    let message = format!("{}.{}", BASE64URL_NOPAD.encode(header), BASE64URL_NOPAD.encode(claims));
    let signed = |key: &EcKey| {
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key.private, Algorithm::ES256);
        format!("{message}.{}", signature.expect("a signature"))
    };
    let genuine = signed(&KEYS.good);
    let taken = [access_token_holds(&genuine, claims), assertion_holds(&genuine, claims)];
    assert_ne!(taken, [true, true], "{raw} is an access token and an assertion");
    if !taken.contains(&true) {
        return false;
    }
    for forged in [signed(&KEYS.bad), format!("{message}."), message.clone()] {
        assert!(!accepted(&forged), "{raw} is accepted as {forged}");
    }
    true
}

fn now() -> Timestamp {
    Timestamp::from_unix_nanos(i128::from(NOW) * 1_000_000_000).expect("an instant")
}

fn accepted(token: &str) -> bool {
    access_token::verify(token, &KEYS.ours, ISSUER, now()).is_ok()
        || UnverifiedAssertion::parse(token)
            .is_ok_and(|assertion| assertion.verify(&KEYS.tools, &[TOKEN_URL, ISSUER], now()).is_ok())
}

fn access_token_holds(token: &str, claims: &[u8]) -> bool {
    let Ok(genuine) = access_token::verify(token, &KEYS.ours, ISSUER, now()) else { return false };
    let grant = genuine.grant;
    // A claim that nobody reads may be no UTF-8: who signed it is ourselves.
    let Ok(claims) = serde_json::from_slice::<Value>(claims) else { return true };
    assert!(claims["iss"] == ISSUER && claims["aud"] == ISSUER, "{claims}");
    assert!(claims["exp"].as_i64().is_some_and(|exp| exp > i64::from(NOW)), "{claims}");
    assert_eq!(claims["sub"], grant.client.as_str());
    assert_eq!(claims["jti"], grant.token_id.as_str());
    assert_eq!(claims["deployment_id"].as_str(), grant.deployment.as_ref().map(|id| id.as_str()), "{claims}");
    true
}

fn assertion_holds(token: &str, claims: &[u8]) -> bool {
    let Ok(read) = UnverifiedAssertion::parse(token) else { return false };
    let Ok(proven) = read.verify(&KEYS.tools, &[TOKEN_URL, ISSUER], now()) else { return false };
    // A claim that nobody reads may be a number beyond any other reader.
    let Ok(claims) = serde_json::from_slice::<Value>(claims) else { return true };
    assert!(claims["iss"] == proven.client.as_str() && claims["sub"] == proven.client.as_str(), "{claims}");
    let audience = claims["aud"].as_array().map_or(std::slice::from_ref(&claims["aud"]), Vec::as_slice);
    assert!(audience.iter().any(|name| name == TOKEN_URL || name == ISSUER), "{claims}");
    let [exp, iat] = ["exp", "iat"].map(|name| claims[name].as_f64().expect("a number"));
    let now = f64::from(NOW);
    assert!(exp > now - 61.0 && iat < now + 61.0 && exp - iat < 7_262.0, "{claims}");
    // Whoever sends it again while it is valid must be known.
    assert!(
        u32::try_from(proven.remember_until).is_ok_and(|until| f64::from(until) > exp + 59.0),
        "{claims}"
    );
    assert!(claims["jti"] == proven.jti.as_str() && (1..=255).contains(&proven.jti.len()), "{claims}");
    true
}
