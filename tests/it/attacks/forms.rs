//! The form around an assertion.

use ags_shared::domain::ScopeSet;
use ags_tests::{Answer, LINEITEM, SCORE, token_form};
use data_encoding::BASE64URL_NOPAD;

use super::Victim;

const FORM: &str = "application/x-www-form-urlencoded";

impl Victim {
    async fn post(&self, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.world.http.post(self.world.token_url()).header("content-type", content_type);
        self.world.send(request.body(body)).await
    }

    /// The form of a good request, percent-encoded.
    fn form(&self) -> String {
        let assertion = self.assertion().sign();
        let request = self.world.http.post("http://x").form(&token_form(&assertion, SCORE)).build().unwrap();
        String::from_utf8(request.body().unwrap().as_bytes().unwrap().to_vec()).unwrap()
    }

    /// Refuses each form as no request; then the one that they were made of is good.
    async fn withstands_forms(&self, forms: impl IntoIterator<Item = Vec<u8>>) {
        let genuine = self.form();
        let before = self.world.all_items().await;
        for (index, form) in forms.into_iter().enumerate() {
            let shown = String::from_utf8_lossy(&form).into_owned();
            assert_eq!(self.post(FORM, form).await.refusal(), "invalid_request", "form {index}: {shown}");
        }
        assert_eq!(self.world.all_items().await, before);
        self.post(FORM, genuine).await.expect(200);
    }
}

/// The name with its first letter percent-encoded.
fn disguised(name: &str) -> String {
    format!("%{:02x}{}", name.as_bytes()[0], &name[1..])
}

const NAMES: [&str; 6] =
    ["grant_type", "client_assertion_type", "client_assertion", "scope", "client_id", "client_secret"];

#[tokio::test]
async fn a_parameter_given_twice_is_refused_ags_134() {
    let victim = Victim::new().await;
    let genuine = victim.form() + "&client_id=tool";
    let mut forms = Vec::new();
    for name in NAMES {
        for value in ["", "tool", "other"] {
            forms.push(format!("{genuine}&{name}={value}&{name}={value}").into_bytes());
            if name != "client_secret" {
                forms.push(format!("{name}={value}&{genuine}").into_bytes());
                forms.push(format!("{genuine}&{name}={value}").into_bytes());
            }
        }
    }
    victim.withstands_forms(forms).await;
}

#[tokio::test]
async fn a_parameter_given_twice_in_disguise_is_refused_ags_134() {
    let victim = Victim::new().await;
    let genuine = victim.form() + "&client_id=tool";
    let names = NAMES.iter().filter(|name| **name != "client_secret");
    let forms = names.flat_map(|name| {
        let hidden = disguised(name);
        [format!("{hidden}=x&{genuine}"), format!("{genuine}&{hidden}=x"), format!("{genuine}&&{hidden}&")]
    });
    victim.withstands_forms(forms.map(String::into_bytes).collect::<Vec<_>>()).await;
}

/// A second secret in another spelling of its name.
#[tokio::test]
async fn a_client_secret_beside_the_assertion_is_refused_ags_133() {
    let victim = Victim::new().await;
    let genuine = victim.form();
    let forms = ["client_secret=secret", "%63lient_secret=secret", "client%5fsecret=s"];
    let forms = forms.map(|secret| format!("{genuine}&{secret}").into_bytes());
    victim.withstands_forms(forms).await;
}

#[tokio::test]
async fn basic_authentication_beside_the_assertion_is_refused_ags_133() {
    let victim = Victim::new().await;
    let genuine = victim.form();
    for authorization in ["Basic dG9vbDpzZWNyZXQ=", "basic Og==", "Bearer x", "Basic", ""] {
        let request = victim.world.http.post(victim.world.token_url()).header("content-type", FORM);
        let request = request.header("authorization", authorization).body(genuine.clone());
        assert_eq!(victim.world.send(request).await.refusal(), "invalid_request", "{authorization}");
    }
    victim.post(FORM, genuine).await.expect(200);
}

#[tokio::test]
async fn an_assertion_in_the_query_is_refused_ags_131() {
    let victim = Victim::new().await;
    let genuine = victim.form();
    let url = format!("{}?{genuine}", victim.world.token_url());
    for body in ["", "scope=x"] {
        let request = victim.world.http.post(&url).header("content-type", FORM).body(body);
        assert_eq!(victim.world.send(request).await.refusal(), "invalid_request", "{body}");
    }
    let answer = victim.world.send(victim.world.http.get(&url)).await;
    assert_eq!(answer.status, 405);
    victim.post(FORM, genuine).await.expect(200);
}

#[tokio::test]
async fn a_form_in_another_media_type_is_refused_ags_131() {
    let victim = Victim::new().await;
    let genuine = victim.form();
    let types = [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/x-www-form-urlencoded2",
        "application/x-www-form-urlencoded, application/json",
        "text/plain; application/x-www-form-urlencoded",
        "",
    ];
    for media in types {
        assert_eq!(victim.post(media, genuine.clone()).await.refusal(), "invalid_request", "{media}");
    }
    let charset = "application/x-www-form-urlencoded;charset=UTF-16";
    victim.post(charset, genuine).await.expect(200);
}

#[tokio::test]
async fn a_form_in_another_encoding_is_refused_ags_131() {
    let victim = Victim::new().await;
    let genuine = victim.form();
    let wide: Vec<u8> = genuine.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let forms = [
        wide,
        format!("\u{feff}{genuine}").into_bytes(),
        format!("\0{genuine}").into_bytes(),
        format!("?{genuine}").into_bytes(),
        genuine.replace('=', ":").into_bytes(),
        genuine.replace("grant_type", "grant_type[]").into_bytes(),
        genuine.replace("client_assertion=", "Client_Assertion=").into_bytes(),
        genuine.replace("client_assertion=", "client_assertion%00=").into_bytes(),
        genuine.replace("client_assertion=", "+client_assertion=").into_bytes(),
    ];
    victim.withstands_forms(forms).await;
}

/// Others read `;` and line ends as `&`.
#[tokio::test]
async fn a_form_with_other_separators_is_refused_ags_131() {
    let victim = Victim::new().await;
    let genuine = victim.form();
    for separator in [";", "\n", "\r\n", ",", "%26", "&amp;"] {
        victim.post(FORM, genuine.replace('&', separator)).await.expect(400);
    }
    victim.post(FORM, genuine).await.expect(200);
}

/// What cannot be decoded is replaced (U+FFFD), and the replacement is nobody's name.
#[tokio::test]
async fn what_is_no_utf_8_names_no_client_and_no_scope_ags_131() {
    let victim = Victim::new().await;
    let genuine = victim.form();
    for (more, code) in [
        ("&client_id=tool%ff", "invalid_client"),
        ("&client_id=%ef%bf%bd", "invalid_client"),
        ("&client_id=tool%00", "invalid_client"),
        ("&client_id=tool%", "invalid_client"),
        ("&client_id=%zztool", "invalid_client"),
        ("&client_id=+tool", "invalid_client"),
        ("&client_id=to%c3%b6l", "invalid_client"),
        ("&client_id=%c1%b4ool", "invalid_client"),
    ] {
        assert_eq!(victim.post(FORM, format!("{genuine}{more}")).await.refusal(), code, "{more}");
    }
    for byte in
        ["%ff", "%c0%af", "%ed%a0%80", "%00", "%0a", "%09", "%22", "%5c", "%7f", "%c2%a0", "%ef%bf%bd"]
    {
        let scope = format!("&scope={byte}https");
        let form = genuine.replace("&scope=https", &scope);
        assert_eq!(victim.post(FORM, form).await.refusal(), "invalid_request", "{byte}");
    }
    victim.post(FORM, genuine).await.expect(200);
}

/// Each would be a scope of the tool for a reader who compares prefixes, trims, folds cases or forms.
#[tokio::test]
async fn a_scope_that_only_looks_like_one_is_not_granted_ags_33() {
    let victim = Victim::new().await;
    victim.world.register(&victim.tool, |tool| tool.scopes = ScopeSet::from_names(LINEITEM.split(' '))).await;
    let assertion = victim.assertion().sign();
    for (scope, code) in [
        (LINEITEM.replace("https", "HTTPS"), "invalid_scope"),
        (LINEITEM.to_uppercase(), "invalid_scope"),
        (LINEITEM.replace("https", "http"), "invalid_scope"),
        (format!("{LINEITEM}.readonly.more"), "invalid_scope"),
        (format!("{LINEITEM}/"), "invalid_scope"),
        (format!("{LINEITEM},{SCORE}"), "invalid_scope"),
        (format!("x{LINEITEM}"), "invalid_scope"),
        (LINEITEM.replace("lineitem", "line%69tem"), "invalid_scope"),
        (LINEITEM.replace("lineitem", "*"), "invalid_scope"),
        (LINEITEM.replace("purl", "purl.evil"), "invalid_scope"),
        (SCORE.to_owned(), "invalid_scope"),
        // Cyrillic і, full width, soft hyphen, zero width, a long s.
        (LINEITEM.replace("lineitem", "l\u{456}neitem"), "invalid_request"),
        (LINEITEM.replace("lineitem", "\u{ff4c}ineitem"), "invalid_request"),
        (LINEITEM.replace("lineitem", "line\u{ad}item"), "invalid_request"),
        (LINEITEM.replace("lineitem", "line\u{200b}item"), "invalid_request"),
        (LINEITEM.replace("scope", "\u{17f}cope"), "invalid_request"),
        (format!("x\n{LINEITEM}"), "invalid_request"),
        (format!("x\t{LINEITEM}"), "invalid_request"),
        (format!("{LINEITEM}\0"), "invalid_request"),
        (format!("\"{LINEITEM}\""), "invalid_request"),
    ] {
        let answer = victim.world.request_token(&assertion, &scope).await;
        assert_eq!(answer.refusal(), code, "{scope:?}");
    }
    let answer =
        victim.world.request_token(&assertion, &format!("{SCORE} {LINEITEM} {SCORE}")).await.expect(200);
    assert_eq!(answer.json()["scope"], LINEITEM);
}

/// `+` is a space, and the alphabet of base64url has none.
#[tokio::test]
async fn an_assertion_in_the_alphabet_of_plain_base64_is_refused_ags_132() {
    let victim = Victim::new().await;
    let claims = victim.assertion().claim("more", "?>?>?>").claims;
    let header = r#"{"alg":"RS256","kid":"x"}"#;
    let assertion = victim.assertion().sign_texts(header, &claims.to_string());
    let standard = assertion.replace('-', "+").replace('_', "/");
    assert_ne!(assertion, standard);
    assert!(BASE64URL_NOPAD.decode(standard.split('.').nth(1).unwrap().as_bytes()).is_err());
    let form = |assertion: &str| {
        let request = victim.world.http.post("http://x").form(&token_form(assertion, SCORE)).build().unwrap();
        request.body().unwrap().as_bytes().unwrap().to_vec()
    };
    let raw = format!(
        "grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&scope={SCORE}&client_assertion={standard}"
    );
    victim.withstands_forms([form(&standard), raw.into_bytes()]).await;
}
