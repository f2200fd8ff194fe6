//! Token requests.

use ags_shared::domain::ScopeSet;
use ags_tests::{Assertion, DEPLOYMENT, EcKey, Event, Fault, LINEITEM, SCORE, Stack, Tool, jwt, token_form};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{audited, refused, start};

const MESSAGE: &str = "https://purl.imsglobal.org/spec/lti/claim/message_type";

struct Office {
    stack: Stack,
    tool: Tool,
    url: String,
}

impl Office {
    async fn new() -> Self {
        let stack = Stack::new().await;
        let tool = stack.tool("tool").await;
        stack.register(&tool, |tool| tool.scopes = ScopeSet::from_names(SCORE.split(' '))).await;
        Self { url: stack.token_url(), tool, stack }
    }

    fn now(&self) -> i64 {
        self.stack.services.now().unix_seconds()
    }

    fn assertion(&self) -> Assertion {
        self.tool.assertion(&self.url, self.now())
    }

    fn event(&self, assertion: &str) -> Event {
        Event::token(&self.url, assertion, SCORE)
    }

    /// A good form with a parameter more, or changed, or without it if there is no value.
    fn form(&self, name: &str, value: Option<&str>) -> Event {
        let assertion = self.assertion().sign();
        let others = token_form(&assertion, SCORE).into_iter().filter(|(key, _)| *key != name);
        let fields: Vec<_> = others.chain(value.map(|value| (name, value))).collect();
        Event::form(&self.url, &fields)
    }

    /// Requests that are refused before a client is looked up.
    fn no_requests(&self) -> Vec<(&'static str, Event)> {
        let genuine = self.assertion().sign();
        let twice = token_form(&genuine, SCORE).into_iter().chain([("scope", SCORE)]).collect::<Vec<_>>();
        let many = token_form(&genuine, SCORE).into_iter().chain([("x", "y"); 64]).collect::<Vec<_>>();
        let hmac =
            self.assertion().key(EncodingKey::from_secret(b"key")).header(|h| h.alg = Algorithm::HS256);
        let header = |members: Value| self.event(&self.assertion().sign_with_header(&members));
        vec![
            ("form_too_long", self.form("x", Some(&"x".repeat(70_000)))),
            ("content_type", Event::new("POST", &self.url).body("application/json", "{}")),
            ("too_many_parameters", Event::form(&self.url, &many)),
            ("missing_parameter", self.form("client_assertion", None)),
            ("duplicate_parameter", Event::form(&self.url, &twice)),
            ("grant_type", self.form("grant_type", Some("password"))),
            ("assertion_type", self.form("client_assertion_type", Some("saml"))),
            ("second_credential", self.form("client_secret", Some("hunter2"))),
            ("second_credential", self.form("x", None).header("authorization", "Basic dG9vbDpodW50ZXIy")),
            ("scope_syntax", self.form("scope", Some("\u{e9}"))),
            ("assertion_too_long", self.event(&self.assertion().claim("x", "x".repeat(16_000)).sign())),
            ("malformed_assertion", self.event("hunter2.hunter2.hunter2")),
            ("wrong_type", header(json!({ "typ": "at+jwt" }))),
            ("critical_extension", header(json!({ "crit": ["x"] }))),
            ("algorithm", self.event(&hmac.sign())),
            ("kid_too_long", header(json!({ "kid": "k".repeat(256) }))),
            ("no_client_id", self.event(&self.assertion().claim("sub", "\n").sign())),
        ]
    }

    /// Requests in the name of a client, most of them by itself.
    fn no_rights(&self) -> Vec<(&'static str, Event)> {
        let (now, used) = (self.now(), self.assertion().sign());
        let with = |name: &str, value: Value| self.event(&self.assertion().claim(name, value).sign());
        let stranger = self.assertion().claim("iss", "nobody").claim("sub", "nobody");
        let other_key = EcKey::new(Algorithm::ES256);
        let unfit = self.assertion().key(other_key.private).header(|header| header.alg = Algorithm::ES256);
        vec![
            ("unknown_client", self.event(&stranger.sign())),
            ("no_key_fits", self.event(&unfit.sign())),
            ("bad_signature", self.event(&jwt::tampered(&used, "exp", now + 61))),
            ("lti_message", with(MESSAGE, json!("LtiDeepLinkingResponse"))),
            ("wrong_issuer", with("iss", json!("other"))),
            ("wrong_audience", with("aud", json!("https://other.example"))),
            ("bad_exp", with("exp", json!("soon"))),
            ("bad_iat", with("iat", json!(null))),
            ("bad_nbf", with("nbf", json!({}))),
            ("expired", self.event(&self.assertion().claim("iat", now - 200).claim("exp", now - 100).sign())),
            (
                "issued_in_future",
                self.event(&self.assertion().claim("iat", now + 90).claim("exp", now + 95).sign()),
            ),
            ("not_yet_valid", with("nbf", json!(now + 90))),
            ("bad_lifetime", with("exp", json!(now + 86_400))),
            ("bad_jti", with("jti", json!(""))),
            ("bad_deployment_id", with(DEPLOYMENT, json!(1))),
            ("foreign_deployment", with(DEPLOYMENT, json!("3"))),
            ("other_client_id", self.form("client_id", Some("other"))),
            ("scope", self.form("scope", Some(LINEITEM))),
        ]
    }
}

#[tokio::test]
async fn every_refused_token_request_leaves_one_line_with_its_true_reason_ags_154() {
    let office = Office::new().await;
    let mut function = start("token", office.stack.environment("token")).await;
    for (reason, event) in office.no_requests() {
        let line = refused(&mut function, &event, reason).await;
        assert_eq!(line["claimed_client_id"], json!(null), "{line}");
    }
    for (reason, event) in office.no_rights() {
        let line = refused(&mut function, &event, reason).await;
        let client = if reason == "unknown_client" { "nobody" } else { "tool" };
        assert_eq!(line["claimed_client_id"], client, "{line}");
        assert_eq!(line["claimed_kid"], office.tool.key.kid, "{line}");
        let proven = ["foreign_deployment", "other_client_id", "scope"].contains(&reason).then_some("tool");
        assert_eq!(line["client_id"], json!(proven), "{line}");
    }
    let used = office.event(&office.assertion().sign());
    function.answer(&used).await.expect(200);
    refused(&mut function, &used, "replayed").await;
    office.stack.register(&office.tool, |tool| tool.enabled = false).await;
    refused(&mut function, &used, "disabled").await;
}

/// Nobody is to blame, and no token was issued.
#[tokio::test]
async fn a_token_request_that_fails_for_the_table_leaves_one_line_that_says_so_ags_154() {
    let (stack, wire) = Stack::beside_a_wire().await;
    let tool = stack.tool("tool").await;
    let mut environment = stack.environment("token");
    environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), wire.endpoint().to_owned());
    let mut function = start("token", environment).await;
    for (fault, status, reason) in
        [(Fault::THROTTLED, 503, "table_unavailable"), (Fault::REFUSED, 500, "table_failed")]
    {
        wire.always(fault, "PutItem", "JTI#");
        let url = stack.token_url();
        let assertion = tool.assertion(&url, stack.services.now().unix_seconds()).sign();
        let answer = function.answer(&Event::token(&url, &assertion, SCORE)).await.expect(status);
        let lines = audited(&mut function, &answer).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        for (name, value) in
            [("level", "ERROR"), ("outcome", "failed"), ("reason", reason), ("client_id", "tool")]
        {
            assert_eq!(lines[0][name], value, "{name}: {lines:?}");
        }
        wire.mend();
    }
}

#[tokio::test]
async fn every_token_leaves_one_line_that_says_whose_it_is_and_for_what_ags_154() {
    let office = Office::new().await;
    let mut function = start("token", office.stack.environment("token")).await;
    for deployment in [json!("2"), json!(null)] {
        let assertion = office.assertion().claim(DEPLOYMENT, deployment.clone());
        let answer = function.answer(&office.event(&assertion.sign())).await.expect(200);
        let (_, claims) = jwt::parts(answer.json()["access_token"].as_str().unwrap());
        let lines = audited(&mut function, &answer).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        for (name, value) in [
            ("level", json!("INFO")),
            ("target", json!("audit")),
            ("outcome", json!("issued")),
            ("client_id", json!("tool")),
            ("kid", json!(office.tool.key.kid)),
            ("scope", json!(SCORE)),
            ("deployment", deployment),
            ("token_id", claims["jti"].clone()),
        ] {
            assert_eq!(lines[0][name], value, "{name}: {lines:?}");
        }
    }
}

/// An assertion that was refused may be good elsewhere or later, and a token is good for an hour.
#[tokio::test]
async fn no_line_of_the_log_holds_a_secret_ags_154() {
    let office = Office::new().await;
    let mut function = start("token", office.stack.environment("token")).await;
    let mut secrets = vec!["hunter2".to_owned(), "dG9vbDpodW50ZXIy".to_owned()];
    for assertion in [
        office.assertion(),
        office.assertion().claim("jti", "hunter2"),
        office.assertion().claim("aud", "hunter2"),
        office.assertion().claim("sub", "nobody"),
        office.assertion().claim("exp", 1),
    ] {
        let assertion = assertion.sign();
        let answer = function.answer(&office.event(&assertion)).await;
        secrets.extend(assertion.split('.').map(str::to_owned));
        if answer.status == 200 {
            let body = answer.json();
            secrets.extend(body["access_token"].as_str().unwrap().split('.').map(str::to_owned));
        }
    }
    let refused: Vec<_> = office.no_requests().into_iter().chain(office.no_rights()).collect();
    for (_, event) in &refused {
        function.answer(event).await;
    }
    let pem = office.stack.signing_key.lines().filter(|line| !line.starts_with('-'));
    secrets.extend(pem.map(str::to_owned));
    let last = function.answer(&Event::new("GET", &office.url)).await;
    let logged = function.logged(last.header("x-request-id")).await;
    assert!(logged.lines().count() > refused.len() + 5, "{logged}");
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        assert!(!logged.contains(secret), "{secret} in {logged}");
    }
}

/// In the format for people; that for programs is JSON.
#[tokio::test]
async fn nobody_writes_lines_of_his_own_into_the_log_ags_154() {
    let office = Office::new().await;
    let mut function = office.stack.start("token").await;
    let kid = "x\r\nINFO request outcome=\"issued\"\u{1b}[2J\u{202e}";
    let client = "x\" outcome=\"issued\" client_id=\"tool";
    let forged = office.assertion().claim("iss", client).claim("sub", client);
    let forged = forged.header(|header| header.kid = Some(kid.to_owned()));
    let answer = function.answer(&office.event(&forged.sign())).await.expect(400);
    let last = function.answer(&Event::new("GET", &office.url)).await;
    let logged = function.logged(last.header("x-request-id")).await;
    let id = answer.header("x-request-id");
    assert!(logged.contains("request refused") && logged.contains(id), "{logged}");
    assert!(
        logged.lines().all(|line| !line.starts_with("INFO") && !line.contains("[2J\u{202e}")),
        "{logged}"
    );
    assert!(
        !logged.contains("\u{1b}[2J") && !logged.contains('\u{202e}') && !logged.contains('\r'),
        "{logged}"
    );
    assert!(!logged.contains(" outcome=\"issued\""), "{logged}");
}
