//! The token endpoint: request, scopes, success and refusal (AGS 131–134, 146–154).

use ags_shared::domain::ScopeSet;
use ags_tests::{
    DEPLOYMENT, LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE, Tool, World, jwt, token_form,
};
use serde_json::json;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn world() -> (World, Tool) {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    (world, tool)
}

#[tokio::test]
async fn a_token_answer_has_exactly_the_members_and_headers_of_ags_149_151() {
    let (world, tool) = world().await;
    let scope = format!("{SCORE} {LINEITEM}");
    let answer = world.request_token(&world.assertion(&tool).sign(), &scope).await.expect(200);
    answer.expect_no_store();
    let body = answer.json();
    let members: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["access_token", "expires_in", "scope", "token_type"]);
    assert_eq!(body["expires_in"], json!(3600));
    assert_eq!(body["token_type"], "Bearer");
    let mut granted: Vec<_> = body["scope"].as_str().unwrap().split(' ').collect();
    granted.sort_unstable();
    assert_eq!(granted, [LINEITEM, SCORE]);
    let token = body["access_token"].as_str().unwrap();
    assert!(token.len() >= 15 && token.bytes().all(|byte| matches!(byte, b'!'..=b'z')), "{token}");
}

#[tokio::test]
async fn the_token_is_a_jwt_of_this_issuer_for_one_client_and_one_hour_ags_150() {
    let (world, tool) = world().await;
    let token = world.token(&tool, &[SCORE]).await;
    let (header, claims) = jwt::parts(&token);
    assert_eq!(header["alg"], "ES256");
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(claims["iss"], world.base);
    assert_eq!(claims["aud"], world.base);
    assert_eq!(claims["sub"], "tool");
    assert_eq!(claims["scope"], SCORE);
    assert_eq!(claims["iat"], world.clock.seconds());
    assert_eq!(claims["exp"], world.clock.seconds() + 3600);
    let (_, other) = jwt::parts(&world.token(&tool, &[SCORE]).await);
    assert_ne!(claims["jti"], other["jti"]);
}

#[tokio::test]
async fn a_form_with_a_charset_parameter_is_read_ags_131() {
    let (world, tool) = world().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &world.assertion(&tool).sign()),
        ("scope", SCORE),
    ];
    let request = world.http.post(world.token_url());
    let request = request.header("content-type", "Application/X-WWW-Form-URLencoded; charset=UTF-8");
    world.send(request.form(&form)).await.expect(200);
}

#[tokio::test]
async fn another_content_type_than_a_form_is_an_invalid_request_ags_131() {
    let (world, tool) = world().await;
    let assertion = world.assertion(&tool).sign();
    let form = format!(
        "grant_type=client_credentials&client_assertion_type={JWT_BEARER}&client_assertion={assertion}&scope={SCORE}"
    );
    for content_type in ["application/json", "text/plain", "application/x-www-form-urlencoded2", ""] {
        let request = world.http.post(world.token_url()).header("content-type", content_type);
        let answer = world.send(request.body(form.clone())).await;
        assert_eq!(answer.refusal(), "invalid_request", "{content_type}");
    }
    let answer = world.send(world.http.post(world.token_url()).body(form.clone())).await;
    assert_eq!(answer.refusal(), "invalid_request", "no content type");
    let request = world.http.post(world.token_url()).body(form);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    world.send(request).await.expect(200);
}

#[tokio::test]
async fn each_missing_empty_or_repeated_parameter_is_an_invalid_request_ags_132_134() {
    let (world, tool) = world().await;
    for name in ["grant_type", "client_assertion_type", "client_assertion", "scope"] {
        let assertion = world.assertion(&tool).sign();
        let form = token_form(&assertion, SCORE);
        let missing: Vec<_> = form.into_iter().filter(|(key, _)| *key != name).collect();
        assert_eq!(world.post_form(&missing).await.refusal(), "invalid_request", "{name} missing");
        let empty = form.map(|(key, value)| (key, if key == name { "" } else { value }));
        assert_eq!(world.post_form(&empty).await.refusal(), "invalid_request", "{name} empty");
        let again = form.into_iter().find(|(key, _)| *key == name);
        let repeated: Vec<_> = form.into_iter().chain(again).collect();
        assert_eq!(world.post_form(&repeated).await.refusal(), "invalid_request", "{name} repeated");
        world.post_form(&form).await.expect(200);
    }
}

#[tokio::test]
async fn other_values_of_the_fixed_parameters_are_refused_ags_132_152() {
    let (world, tool) = world().await;
    let assertion = world.assertion(&tool).sign();
    for (grant_type, assertion_type, client_assertion, code) in [
        ("authorization_code", JWT_BEARER, assertion.as_str(), "unsupported_grant_type"),
        ("CLIENT_CREDENTIALS", JWT_BEARER, &assertion, "unsupported_grant_type"),
        (JWT_BEARER, JWT_BEARER, &assertion, "unsupported_grant_type"),
        ("client_credentials", "jwt-bearer", &assertion, "invalid_request"),
        ("client_credentials", JWT_BEARER, "not a JWS", "invalid_request"),
        ("client_credentials", JWT_BEARER, "a.b.c", "invalid_request"),
        ("client_credentials", JWT_BEARER, &assertion.replace('.', ""), "invalid_request"),
        ("client_credentials", JWT_BEARER, &format!("{assertion}.more"), "invalid_request"),
    ] {
        let form = [
            ("grant_type", grant_type),
            ("client_assertion_type", assertion_type),
            ("client_assertion", client_assertion),
            ("scope", SCORE),
        ];
        assert_eq!(world.post_form(&form).await.refusal(), code, "{form:?}");
    }
    world.request_token(&assertion, SCORE).await.expect(200);
}

#[tokio::test]
async fn a_client_id_in_the_form_must_be_that_of_the_assertion_ags_133() {
    let (world, tool) = world().await;
    for (client_id, code) in
        [("other", Some("invalid_client")), ("Tool", Some("invalid_client")), ("tool", None)]
    {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", &world.assertion(&tool).sign()),
            ("scope", SCORE),
            ("client_id", client_id),
        ];
        let answer = world.post_form(&form).await;
        match code {
            Some(code) => assert_eq!(answer.refusal(), code, "{client_id}"),
            None => assert_eq!(answer.status, 200, "{client_id}"),
        }
    }
}

#[tokio::test]
async fn only_what_was_asked_for_and_is_allowed_is_granted_ags_33_146_147() {
    let (world, tool) = world().await;
    for (allowed, requested, granted) in [
        (LINEITEM, LINEITEM.to_owned(), Some(LINEITEM.to_owned())),
        (LINEITEM, format!("openid {SCORE} {LINEITEM} urn:x"), Some(LINEITEM.to_owned())),
        (LINEITEM, format!("{LINEITEM}  {LINEITEM}"), Some(LINEITEM.to_owned())),
        (LINEITEM, SCORE.to_owned(), None),
        (LINEITEM, LINEITEM.to_uppercase(), None),
        (LINEITEM, format!("{LINEITEM}s"), None),
        (LINEITEM, LINEITEM[..LINEITEM.len() - 1].to_owned(), None),
        (LINEITEM, "openid".to_owned(), None),
        (LINEITEM_READONLY, LINEITEM.to_owned(), None),
        (LINEITEM_READONLY, format!("{LINEITEM} {LINEITEM_READONLY}"), Some(LINEITEM_READONLY.to_owned())),
        (SCORE, format!("{LINEITEM} {LINEITEM_READONLY} {RESULT_READONLY}"), None),
        (RESULT_READONLY, format!("{RESULT_READONLY} {SCORE}"), Some(RESULT_READONLY.to_owned())),
    ] {
        world.register(&tool, |tool| tool.scopes = ScopeSet::from_names(allowed.split(' '))).await;
        let answer = world.request_token(&world.assertion(&tool).sign(), &requested).await;
        match granted {
            None => assert_eq!(answer.refusal(), "invalid_scope", "{requested} of {allowed}"),
            Some(granted) => {
                let body = answer.expect(200).json();
                assert_eq!(body["scope"], granted, "{requested} of {allowed}");
                let (_, claims) = jwt::parts(body["access_token"].as_str().unwrap());
                assert_eq!(claims["scope"], granted, "{requested} of {allowed}");
            }
        }
    }
}

#[tokio::test]
async fn who_holds_lineitem_is_granted_lineitem_readonly_ags_15() {
    let (world, tool) = world().await;
    world.register(&tool, |tool| tool.scopes = ScopeSet::from_names(LINEITEM.split(' '))).await;
    let both = format!("{LINEITEM} {LINEITEM_READONLY}");
    for requested in [LINEITEM_READONLY, &both] {
        let answer = world.request_token(&world.assertion(&tool).sign(), requested).await.expect(200);
        assert_eq!(answer.json()["scope"], requested);
    }
}

#[tokio::test]
async fn no_other_spelling_of_a_scope_counts_ags_2() {
    let (world, tool) = world().await;
    let ags = "https://purl.imsglobal.org/spec/lti-ags";
    for other in [
        format!("{ags}/scope/result/read"),
        format!("{ags}/scope/result"),
        format!("{ags}/scope/scores"),
        format!("{ags}/v2p0/scope/score"),
        "http://imsglobal.org/ags/scope/score".to_owned(),
        SCORE.replace("https:", "http:"),
        "score".to_owned(),
    ] {
        let answer = world.request_token(&world.assertion(&tool).sign(), &other).await;
        assert_eq!(answer.refusal(), "invalid_scope", "{other}");
    }
    for scope in [LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE] {
        let answer = world.request_token(&world.assertion(&tool).sign(), scope).await.expect(200);
        assert_eq!(answer.json()["scope"], scope);
    }
}

#[tokio::test]
async fn a_scope_of_blanks_is_an_invalid_request_ags_148() {
    let (world, tool) = world().await;
    for scope in ["", " ", "   "] {
        let answer = world.request_token(&world.assertion(&tool).sign(), scope).await;
        assert_eq!(answer.refusal(), "invalid_request", "{scope:?}");
    }
}

#[tokio::test]
async fn the_deployment_of_an_assertion_must_be_one_of_the_clients_ags_8_142() {
    let (world, tool) = world().await;
    for deployment in ["1", "2"] {
        let token = world.narrow_token(&tool, deployment).await;
        assert_eq!(jwt::parts(&token).1["sub"], "tool");
    }
    for deployment in [json!("3"), json!(1), json!(""), json!(["1"])] {
        let assertion = world.assertion(&tool).claim(DEPLOYMENT, deployment.clone());
        let answer = world.request_token(&assertion.sign(), SCORE).await;
        assert_eq!(answer.refusal(), "invalid_client", "{deployment}");
    }
}

#[tokio::test]
async fn nothing_is_issued_while_the_table_is_away() {
    let (world, wire) = World::behind_a_wire().await;
    let tool = world.tool("tool").await;
    wire.fail("Query", "TOOL#");
    let answer = world.request_token(&world.assertion(&tool).sign(), SCORE).await.expect(503);
    answer.expect_no_store();
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert!(answer.json().get("access_token").is_none());
}

#[tokio::test]
async fn the_token_endpoint_answers_to_post_alone_ags_153() {
    let world = World::new().await;
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = world.send(world.http.request(method.parse().unwrap(), world.token_url())).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method}");
        assert_eq!(answer.problem().0, "method-not-allowed", "{method}");
    }
}
