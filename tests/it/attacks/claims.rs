//! Claims that say too much, and tokens that were signed for something else.

use ags_tests::{DEPLOYMENT, SCORE, jwt};
use serde_json::{Value, json};

use super::Victim;

/// Assertions whose claim `name` is written in each of these ways, which may be no JSON that any library would write.
fn written(victim: &Victim, name: &str, ways: &[&str]) -> Vec<String> {
    let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid }).to_string();
    let others = victim.assertion().claim(name, Value::Null).claims.to_string();
    let claims = ways.iter().map(|way| others.replacen('{', &format!(r#"{{"{name}":{way},"#), 1));
    claims.map(|claims| victim.assertion().sign_texts(&header, &claims)).collect()
}

#[tokio::test]
async fn an_assertion_that_expired_a_second_past_the_leeway_is_refused_ags_140() {
    let victim = Victim::new().await;
    let stolen = victim.assertion().sign();
    victim.world.clock.advance(121);
    victim.withstands("invalid_client", [stolen]).await;
}

#[tokio::test]
async fn an_assertion_from_the_far_future_is_refused_ags_140() {
    let victim = Victim::new().await;
    let now = victim.world.clock.seconds();
    let forgeries = [61, 3_600, 86_400 * 365, 100_000_000_000]
        .map(|ahead| victim.assertion().claim("iat", now + ahead).claim("exp", now + ahead + 60).sign());
    victim.withstands("invalid_client", forgeries).await;
}

/// It would have to be remembered as long.
#[tokio::test]
async fn an_assertion_that_hardly_ever_expires_is_refused_ags_141() {
    let victim = Victim::new().await;
    let now = victim.world.clock.seconds();
    let lives = [7_261, 86_400, 86_400 * 365 * 100, 900_000_000_000];
    let forgeries = lives.map(|life| victim.assertion().claim("exp", now + life).sign());
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn an_assertion_that_expires_before_it_was_made_is_refused_ags_140() {
    let victim = Victim::new().await;
    let now = victim.world.clock.seconds();
    let forgeries = [(0, -1), (60, 59), (60, -60), (30, 0)]
        .map(|(iat, exp)| victim.assertion().claim("iat", now + iat).claim("exp", now + exp).sign());
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn a_number_beyond_all_time_is_refused_ags_140() {
    let victim = Victim::new().await;
    let numbers = [
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "18446744073709551616",
        "1e18",
        "1e300",
        "-1e300",
        "1e400",
        "1e999999999",
        "1.7976931348623157e308",
        &"9".repeat(400),
    ];
    for name in ["exp", "iat", "nbf"] {
        for forgery in written(&victim, name, &numbers) {
            victim.refuses(&forgery, "invalid_client", name).await;
        }
    }
    victim.get_in(&victim.assertion().sign()).await;
}

#[tokio::test]
async fn a_time_before_all_time_is_refused_ags_140() {
    let victim = Victim::new().await;
    let forgeries = written(&victim, "exp", &["0", "-0", "-1", "-1e11", "1e-300", "0.5"]);
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn a_time_that_is_no_number_is_refused_ags_140() {
    let victim = Victim::new().await;
    let texts = ["\"1795262460\"", "\"NaN\"", "\"Infinity\"", "true", "[1795262460]", "{}", "\"\""];
    for name in ["exp", "iat", "nbf"] {
        for forgery in written(&victim, name, &texts) {
            victim.refuses(&forgery, "invalid_client", name).await;
        }
    }
    victim.get_in(&victim.assertion().sign()).await;
}

#[tokio::test]
async fn a_number_that_json_does_not_have_is_refused_ags_140() {
    let victim = Victim::new().await;
    let ways = [
        "NaN",
        "Infinity",
        "-Infinity",
        "0x6b01f1bc",
        "01795262460",
        "+1795262460",
        "1_795_262_460",
        "1.",
        ".5",
    ];
    let forgeries: Vec<_> =
        ["exp", "iat", "nbf"].iter().flat_map(|name| written(&victim, name, &ways)).collect();
    victim.withstands("invalid_request", forgeries).await;
}

#[tokio::test]
async fn a_time_with_an_exponent_or_a_fraction_is_read_as_the_number_it_is_ags_140() {
    let victim = Victim::new().await;
    for (way, accepted) in
        [("1795262461e0", true), ("17952624.61E+2", true), ("1795262339.9", false), ("1795262340.0", true)]
    {
        let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid }).to_string();
        let assertion =
            victim.world.assertion(&victim.tool).claim("exp", Value::Null).claim("iat", 1_795_262_300);
        let claims = assertion.claims.to_string().replacen('{', &format!(r#"{{"exp":{way},"#), 1);
        let assertion = assertion.sign_texts(&header, &claims);
        if accepted {
            victim.get_in(&assertion).await;
        } else {
            victim.refuses(&assertion, "invalid_client", way).await;
        }
    }
}

#[tokio::test]
async fn an_assertion_for_another_service_is_refused_ags_139() {
    let victim = Victim::new().await;
    let (base, token) = (victim.world.base.clone(), victim.world.token_url());
    let audiences = [
        json!("https://other.example/token"),
        json!(["https://other.example/token", "https://other.example"]),
        json!(format!("{token}@other.example")),
        json!(format!("{token}#")),
        json!(format!("{token}?x")),
        json!(format!("{base}.other.example")),
        json!(format!("{base}/contexts")),
        json!(format!("{base}/.well-known/jwks.json")),
        json!(format!("{base}/%74oken")),
        json!("*"),
        json!([[token]]),
        json!({ token.as_str(): 1 }),
    ];
    let forgeries = audiences.map(|audience| victim.assertion().claim("aud", audience).sign());
    victim.withstands("invalid_client", forgeries).await;
}

/// Each tool is a client and could name another as the subject: RFC 7523 lets an issuer speak for others, LTI does not.
#[tokio::test]
async fn a_tool_does_not_speak_for_another_ags_138() {
    let victim = Victim::new().await;
    let other = victim.world.tool("other").await;
    let forge = |iss: &str, sub: &str, kid: &str| {
        let forged = victim.assertion().key(other.key.private.clone()).claim("iss", iss).claim("sub", sub);
        forged.header(|header| header.kid = Some(kid.to_owned())).sign()
    };
    let mut forgeries = Vec::new();
    for (iss, sub) in [("other", "tool"), ("tool", "other"), ("tool", "tool"), (&*victim.world.base, "tool")]
    {
        forgeries.extend([&victim.tool.key.kid, &other.key.kid].map(|kid| forge(iss, sub, kid)));
    }
    victim.withstands("invalid_client", forgeries).await;
}

/// A learner's browser carries the answer to a deep linking request, which the tool signs with the same key.
#[tokio::test]
async fn a_message_of_the_tool_that_a_browser_carried_is_refused_rfc_8725() {
    let victim = Victim::new().await;
    let message = |kind: &str| {
        let claim = "https://purl.imsglobal.org/spec/lti/claim/message_type";
        victim.assertion().claim(claim, kind).claim(DEPLOYMENT, "1").claim("nonce", "n")
    };
    let whole = message("LtiDeepLinkingResponse");
    let usual = message("LtiDeepLinkingResponse").claim("sub", Value::Null).claim("jti", Value::Null);
    victim.withstands("invalid_client", [whole, usual, message("")].map(|message| message.sign())).await;
}

/// What the platform signs for a launch, about a person, or about nobody.
#[tokio::test]
async fn an_id_token_of_a_launch_is_refused_ags_138() {
    let victim = Victim::new().await;
    let world = &victim.world;
    let now = world.clock.seconds();
    let mut forgeries = Vec::new();
    for (iss, sub) in [(world.base.as_str(), "tool"), ("tool", "tool"), (&world.base, "learner")] {
        let claims = json!({
            "iss": iss, "sub": sub, "aud": ["tool", world.base], "azp": "tool", "nonce": "n",
            "iat": now, "exp": now + 60, "jti": "next", DEPLOYMENT: "1",
        });
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": world.signer.public_half().kid });
        forgeries.push(jwt::signed(world.signer.as_ref(), &header, &claims).await);
    }
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn an_access_token_is_no_assertion_ags_138() {
    let victim = Victim::new().await;
    let token = victim.world.token(&victim.tool, &[SCORE]).await;
    victim.withstands("invalid_client", [token]).await;
}

#[tokio::test]
async fn a_deployment_that_looks_like_one_of_the_clients_is_refused_ags_142() {
    let victim = Victim::new().await;
    let world = &victim.world;
    let deployments = ["3", "01", "1 ", " 1", "1\0", "1\n", "\u{ff11}", "1#2", "1%00", "1,2", "*", ".."];
    let forgeries = deployments.map(|id| victim.assertion().claim(DEPLOYMENT, id).sign());
    victim.withstands("invalid_client", forgeries).await;
    let mut typed = vec![json!(1), json!(["1"]), json!({ "1": 1 }), json!(true), json!("")];
    for deployment in typed.drain(..) {
        let forged = world.assertion(&victim.tool).claim(DEPLOYMENT, deployment.clone()).sign();
        victim.refuses(&forged, "invalid_client", &deployment.to_string()).await;
    }
}
