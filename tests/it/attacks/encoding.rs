//! The form of a JWS, and what its header says about it.

use ags_tests::jwt;
use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD};
use serde_json::json;

use super::{Victim, split};

#[tokio::test]
async fn a_token_of_more_or_fewer_than_three_parts_is_refused_ags_152() {
    let victim = Victim::new().await;
    let genuine = victim.assertion().sign();
    let [header, claims, signature] = split(&genuine);
    let forms = [
        String::new() + ".",
        "..".to_owned(),
        "...".to_owned(),
        claims.to_owned(),
        format!("{header}.{claims}"),
        format!("{genuine}."),
        format!(".{genuine}"),
        format!("{header}..{signature}"),
        format!(".{claims}.{signature}"),
        format!("{genuine}.{signature}"),
        format!("{header}.{header}.{claims}.{signature}"),
        format!("{genuine}.{header}.{claims}"),
        format!("{genuine} {genuine}"),
        genuine.replace('.', ","),
    ];
    victim.withstands("invalid_request", forms).await;
}

#[tokio::test]
async fn a_jws_in_its_json_form_is_refused_ags_132() {
    let victim = Victim::new().await;
    let genuine = victim.assertion().sign();
    let [header, claims, signature] = split(&genuine);
    let signed = json!({ "protected": header, "signature": signature });
    let flat = json!({ "payload": claims, "protected": header, "signature": signature });
    let general = json!({ "payload": claims, "signatures": [signed] });
    victim.withstands("invalid_request", [flat.to_string(), general.to_string()]).await;
}

/// Each text has one encoding: another would be another name for the same thing.
#[tokio::test]
async fn another_base64_of_header_and_claims_is_refused_ags_152() {
    let victim = Victim::new().await;
    // Of a length that leaves bits over.
    let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid, "x": "?>?" }).to_string();
    let header =
        (0..3).map(|n| header.clone() + &" ".repeat(n)).find(|header| header.len() % 3 == 1).unwrap();
    let claims = victim.assertion().claims.to_string();
    let claims =
        (0..3).map(|n| claims.clone() + &" ".repeat(n)).find(|claims| claims.len() % 3 == 1).unwrap();
    let [plain_header, plain_claims] = [&header, &claims].map(|text| BASE64URL_NOPAD.encode(text.as_bytes()));
    let genuine = victim.assertion().sign_texts(&header, &claims);
    let [standard_header, padded_claims] =
        [BASE64.encode(header.as_bytes()), BASE64URL.encode(claims.as_bytes())];
    assert!(standard_header.contains(['+', '/']) && padded_claims.ends_with('='));
    let next = |text: &str| {
        let (start, last) = text.split_at(text.len() - 1);
        format!("{start}{}", char::from(last.as_bytes()[0] + 1))
    };
    let (middle, rest) = plain_claims.split_at(10);
    let forgeries = [
        format!("{}.{plain_claims}", BASE64URL.encode(header.as_bytes())),
        format!("{plain_header}.{padded_claims}"),
        format!("{}.{plain_claims}", standard_header.trim_end_matches('=')),
        format!("{}.{plain_claims}", next(&plain_header)),
        format!("{plain_header}.{}", next(&plain_claims)),
        format!("{plain_header}.{middle}\n{rest}"),
        format!("{plain_header}.{middle} {rest}"),
        format!(" {plain_header}.{plain_claims}"),
        format!("{plain_header}\0.{plain_claims}"),
    ];
    let forgeries = forgeries.map(|message| victim.assertion().sign_message(&message));
    for forgery in forgeries {
        victim.refuses(&forgery, "invalid_request", "another encoding").await;
    }
    victim.get_in(&genuine).await;
}

/// These parts are not what is signed; each would be the same signature in other letters.
#[tokio::test]
async fn another_base64_of_a_signature_is_refused_ags_152() {
    let victim = Victim::new().await;
    let genuine = victim.assertion().sign();
    let (start, last) = genuine.split_at(genuine.len() - 1);
    let other_bits = char::from(last.as_bytes()[0] + 1);
    let forgeries = [
        format!("{genuine}="),
        format!("{genuine}=="),
        format!("{start}{other_bits}"),
        format!("{genuine}\n"),
        format!("{genuine} "),
        format!("{start}\n{last}"),
        format!("{genuine}\0"),
        format!("{genuine}AAAA"),
    ];
    victim.withstands("invalid_client", forgeries).await;
}

#[tokio::test]
async fn a_member_given_twice_in_the_header_is_refused_ags_152() {
    let victim = Victim::new().await;
    let (kid, claims) = (json!(victim.tool.key.kid), victim.assertion().claims.to_string());
    let headers = [
        format!(r#"{{"alg":"none","alg":"RS256","kid":{kid}}}"#),
        format!(r#"{{"alg":"RS256","kid":{kid},"alg":"none"}}"#),
        format!(r#"{{"alg":"RS256","\u0061lg":"RS256","kid":{kid}}}"#),
        format!(r#"{{"alg":"RS256","kid":{kid},"kid":"other"}}"#),
        format!(r#"{{"alg":"RS256","kid":{kid},"x":1,"x":1}}"#),
    ];
    let forgeries = headers.map(|header| victim.assertion().sign_texts(&header, &claims));
    victim.withstands("invalid_request", forgeries).await;
}

#[tokio::test]
async fn a_claim_given_twice_is_refused_ags_152() {
    let victim = Victim::new().await;
    let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid }).to_string();
    let assertion = victim.assertion();
    let mut forgeries = Vec::new();
    for (name, other) in
        [("sub", "\"other\""), ("iss", "\"other\""), ("aud", "[]"), ("exp", "1"), ("jti", "\"x\"")]
    {
        let claims = assertion.claims.to_string();
        let (first, escaped) =
            (format!(r#"{{"{name}":{other},"#), format!("{{\"\\u00{:x}", name.as_bytes()[0]));
        forgeries.push(assertion.sign_texts(&header, &claims.replacen('{', &first, 1)));
        forgeries
            .push(assertion.sign_texts(&header, &claims.replace('}', &format!(r#","{name}":{other}}}"#))));
        let hidden = format!(r#"{escaped}{}":{other},"#, &name[1..]);
        forgeries.push(assertion.sign_texts(&header, &claims.replacen('{', &hidden, 1)));
    }
    victim.withstands("invalid_request", forgeries).await;
}

#[tokio::test]
async fn a_header_or_claims_that_are_no_json_object_are_refused_ags_152() {
    let victim = Victim::new().await;
    let assertion = victim.assertion();
    let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid }).to_string();
    let claims = assertion.claims.to_string();
    let spoiled = |good: &str| {
        [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            format!("[{good}]"),
            format!("\u{feff}{good}"),
            format!("{good}{good}"),
            format!("{good}\0"),
            format!("/**/{good}"),
            good.replace('"', "'"),
            good.replace('}', ",}"),
            good.replace('}', ""),
            format!("{}1", "[".repeat(5_000)),
        ]
    };
    let headers = spoiled(&header).map(|header| assertion.sign_texts(&header, &claims));
    let claims = spoiled(&claims).map(|claims| assertion.sign_texts(&header, &claims));
    victim.withstands("invalid_request", headers.into_iter().chain(claims)).await;
}

#[tokio::test]
async fn a_deeply_nested_claim_costs_nothing_and_changes_nothing_ags_137() {
    let victim = Victim::new().await;
    let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid }).to_string();
    let nested = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for name in ["sub", "aud", "exp", "jti"] {
        let claims = victim.assertion().claim(name, json!(null)).claims.to_string();
        let claims = claims.replacen('{', &format!(r#"{{"{name}":{nested},"#), 1);
        victim.refuses(&victim.assertion().sign_texts(&header, &claims), "invalid_client", name).await;
    }
    let claims = victim.assertion().claims.to_string().replacen('{', &format!(r#"{{"more":{nested},"#), 1);
    victim.get_in(&victim.assertion().sign_texts(&header, &claims)).await;
}

#[tokio::test]
async fn a_jwt_inside_a_jwt_is_refused_ags_137() {
    let victim = Victim::new().await;
    let genuine = victim.assertion().sign();
    let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid, "cty": "JWT" }).to_string();
    let nested = victim.assertion().sign_texts(&header, &genuine);
    let quoted = victim.assertion().sign_texts(&header, &json!(genuine).to_string());
    victim.withstands("invalid_request", [nested, quoted]).await;
}

#[tokio::test]
async fn an_encrypted_token_is_refused_ags_135() {
    let victim = Victim::new().await;
    let header = json!({ "alg": "RSA-OAEP", "enc": "A128GCM", "kid": victim.tool.key.kid }).to_string();
    let encrypted = format!("{}.AAAA.AAAA.AAAA", jwt::encoded(&header, "key"));
    victim.withstands("invalid_request", [encrypted]).await;
}

#[tokio::test]
async fn a_header_with_extensions_that_must_be_understood_is_refused_rfc_7515() {
    let victim = Victim::new().await;
    let headers = [
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "crit": ["exp"], "exp": 1 }),
        json!({ "crit": ["https://x.example"] }),
        json!({ "crit": [] }),
        json!({ "crit": 1 }),
    ];
    let forgeries = headers.map(|members| victim.assertion().sign_with_header(&members));
    victim.withstands("invalid_client", forgeries).await;
}

/// RFC 7797: with `b64` the payload would be signed as it is; without `crit` nobody may believe it.
#[tokio::test]
async fn a_payload_that_is_not_encoded_is_refused_rfc_7797() {
    let victim = Victim::new().await;
    let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid, "b64": false });
    let encoded = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
    let claims = victim.assertion().claims.to_string().replace('.', "\\u002e");
    let raw = victim.assertion().sign_message(&format!("{encoded}.{claims}"));
    victim.refuses(&raw, "invalid_request", "raw claims").await;
    victim.get_in(&victim.assertion().sign_with_header(&json!({ "b64": false }))).await;
}

/// A payload is never unpacked (RFC 7516 has `zip` for encryption alone).
#[tokio::test]
async fn a_packed_payload_is_refused_ags_137() {
    let victim = Victim::new().await;
    let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid, "zip": "DEF" });
    let encoded = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
    // "{}" as DEFLATE.
    let packed = BASE64URL_NOPAD.encode(&[0xab, 0xae, 0x05, 0x00]);
    let forged = victim.assertion().sign_message(&format!("{encoded}.{packed}"));
    victim.withstands("invalid_request", [forged]).await;
}

#[tokio::test]
async fn a_token_of_a_type_for_something_else_is_refused_rfc_8725() {
    let victim = Victim::new().await;
    let types = ["at+jwt", "AT+JWT", "application/at+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt"];
    let forgeries = types.map(|typ| victim.assertion().sign_with_header(&json!({ "typ": typ })));
    victim.withstands("invalid_client", forgeries).await;
    for typ in ["JWT", "jwt", "JOSE", "application/jwt", "client-authentication+jwt", ""] {
        let assertion = victim.world.assertion(&victim.tool).sign_with_header(&json!({ "typ": typ }));
        victim.get_in(&assertion).await;
    }
}
