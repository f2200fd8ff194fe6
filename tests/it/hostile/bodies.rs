//! Bodies that are broken as a whole.

use ags_tests::SCORE;
use data_encoding::BASE64URL_NOPAD;

use super::{Target, good_body};

#[tokio::test]
async fn no_body_makes_a_500() {
    let target = Target::new().await;
    let good = good_body();
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "[]",
        "7",
        "\"a\"",
        "{",
        "}",
        "{}",
        "{}{}",
        "{\"\":1}",
        "{\"a\"}",
        "{1:2}",
        "{\"\\ud800\":1}",
        "{'label':'a'}",
        "{\"label\":\"a\",}",
        "//\n{}",
        "\0",
        "\u{feff}{}",
        "<xml/>",
        "label=a&scoreMaximum=1",
    ]
    .map(|body| body.as_bytes().to_vec())
    .into();
    bodies.extend([
        format!("\u{feff}{good}").into_bytes(),
        format!("{good}\0").into_bytes(),
        good.replacen('{', "{\"userId\":\"x\",", 1).into_bytes(),
        good.replacen('{', "{\"\\u006cabel\":\"x\",", 1).into_bytes(),
        good.replace("https://tool.example/x", "https://tool.example/\\u0000").into_bytes(),
        good.replace("https://tool.example/x", "https://").into_bytes(),
        good.replace("\"Essay\"", "\"\u{1}\"").into_bytes(),
        [b"{\"label\":\"\xff\xfe\",", &good.as_bytes()[1..]].concat(),
        [b"{\"x\":\"\xed\xa0\x80\",", &good.as_bytes()[1..]].concat(),
        [b"{\"\xc3\":1,", &good.as_bytes()[1..]].concat(),
        b"[".repeat(262_144),
        b"{\"a\":".repeat(50_000),
        vec![0; 262_144],
        vec![b' '; 262_145],
        good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ]);
    let many: Vec<_> = (0..15_000).map(|number| format!("\"m{number}\":{number},")).collect();
    let urls: Vec<_> = (0..8_000).map(|number| format!("\"http://x/{number}\":1,")).collect();
    bodies.push(format!("{{{}{}", many.concat(), &good[1..]).into_bytes());
    bodies.push(format!("{{{}{}", urls.concat(), &good[1..]).into_bytes());
    for body in bodies {
        for (method, path) in &target.paths {
            target.send(method, path.as_bytes(), b"content-type: application/json\r\n", &body).await;
        }
    }
    target.still_reads().await;
}

/// The token endpoint is the one that strangers reach.
#[tokio::test]
async fn no_form_makes_the_token_endpoint_fail() {
    let target = Target::new().await;
    let world = &target.classroom.world;
    let assertion = world.assertion(&target.classroom.tool).sign();
    let good = format!(
        "grant_type=client_credentials&client_assertion_type=\
         urn:ietf:params:oauth:client-assertion-type:jwt-bearer&scope={SCORE}&client_assertion="
    );
    let claims = |claims: &str| {
        let part = |json: &str| BASE64URL_NOPAD.encode(json.as_bytes());
        format!("{}.{}.AAAA", part(r#"{"alg":"RS256"}"#), part(claims))
    };
    let mut assertions: Vec<_> =
        ["", ".", "..", "...", "a.b.c", "=.=.=", "%00", "%ff.%ff.%ff", "eyJ9.e30.", "e30.e30.e30"]
            .map(str::to_owned)
            .into();
    let long = "a".repeat(100_000);
    for unproven in [
        r#"{"sub":7}"#,
        r#"{"sub":""}"#,
        r#"{"sub":"\ud800"}"#,
        r#"{"sub":"tool","sub":"tool"}"#,
        r#"{"sub":"tool","exp":1e400,"iat":-1e400,"aud":{},"jti":[]}"#,
        &format!(r#"{{"sub":"{long}"}}"#),
        &format!(r#"{{"sub":"tool","x":{}1{}}}"#, "[".repeat(1_000), "]".repeat(1_000)),
    ] {
        assertions.push(claims(unproven));
    }
    assertions.push(assertion.replacen('.', "..", 1));
    let mut forms: Vec<_> =
        assertions.iter().map(|assertion| format!("{good}{assertion}").into_bytes()).collect();
    forms.extend([
        Vec::new(),
        b"&&&===".to_vec(),
        b"%".repeat(1_000),
        vec![0xff; 1_000],
        b"a=b&".repeat(60_000),
        vec![b'a'; 262_145],
        format!("{good}{assertion}&grant_type=").into_bytes(),
        format!("{good}{assertion}&client_id=%00%ff").into_bytes(),
    ]);
    for form in forms {
        let head = b"POST /token HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n";
        let answer = world.send_bytes(head, &form).await;
        let sent = String::from_utf8_lossy(&form[..form.len().min(300)]).into_owned();
        assert_eq!(answer.status, 400, "{sent}: {answer:?}");
        assert!(answer.refusal().starts_with("invalid_"), "{sent}: {answer:?}");
    }
    world.request_token(&assertion, SCORE).await.expect(200);
}
