//! What can be wrong with a service, its address, and what lies between.

use ags_tests::{Authority, LINEITEM, Process, RESULT_READONLY, Reply, SCORE, ToolHost, http_reply};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::{Patient, examine, start};

#[tokio::test]
async fn a_service_at_another_address_than_its_issuer_is_named() {
    let patient = Patient::new().await;
    let elsewhere = patient.world.base.replace("127.0.0.1", "localhost");
    examine(&[&elsewhere]).await.names("metadata", &patient.world.base, "AGS_BASE_URL");
    for (base, wrong) in [
        ("http://ags.example.edu", "https://"),
        ("https://ags.example.edu/", "trailing slash"),
        ("ags.example.edu", "absolute URL"),
    ] {
        examine(&[base]).await.names("address", wrong, "Issuer");
    }
}

#[tokio::test]
async fn a_service_that_is_down_is_named_and_not_asked_again() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", port.local_addr().unwrap());
    drop(port);
    let said = examine(&[&base]).await;
    said.names("address", "no answer", "leads to the stack");
    assert_eq!(said.checks(true), Vec::<&str>::new());
}

#[tokio::test]
async fn a_table_that_is_away_is_named() {
    let patient = Patient::new().await;
    patient.wire.down().await;
    let said = patient.examined().await;
    assert_eq!(said.status, Some(1));
    assert_eq!(said.checks(false).last(), Some(&"token"), "{}", said.text);
    assert!(said.text.contains("answered 503") && said.text.contains("TableErrors"), "{}", said.text);
}

/// Only what stands in the way: a date, a cache that is forbidden, a redirection, another service.
#[tokio::test]
async fn what_something_in_between_does_to_answers_is_named_and_a_redirection_is_not_followed() {
    let (host, elsewhere) = (ToolHost::http().await, ToolHost::http().await);
    let base = format!("http://127.0.0.1:{}", host.port());
    let right = json!({
        "issuer": base,
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "keys": [{ "alg": "ES256", "kid": "k" }],
    });
    let date = ("date", "Sun, 22 Nov 2015 12:00:00 GMT");
    host.publishes(&right.to_string(), &[date, ("cache-control", "no-store, max-age=300")]);
    let said = examine(&[&base]).await;
    assert_eq!(said.checks(true), ["address", "metadata"], "{}", said.text);
    assert!(said.text.contains("ahead of the service"), "{}", said.text);
    assert!(said.text.contains("nobody may keep it"), "{}", said.text);

    host.publishes(&json!({ "keys": [{ "alg": "RS256", "kid": "k" }, { "alg": "ES256" }] }).to_string(), &[]);
    let said = examine(&[&base]).await;
    assert!(said.text.contains("no Date header") && said.text.contains("no ES256 key"), "{}", said.text);

    let location = format!("http://127.0.0.1:{}/", elsewhere.port());
    host.replies(Reply::Bytes(http_reply("302 Found", &[("location", &location)], "")));
    let said = examine(&[&base]).await;
    assert!(said.text.contains("answered 302 instead of 200"), "{}", said.text);
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_service_sends_back_can_neither_show_a_token_nor_control_a_terminal() {
    let patient = Patient::new().await;
    let host = ToolHost::http().await;
    let base = format!("http://127.0.0.1:{}", host.port());
    let long = "x".repeat(400);
    let body = json!({ "error": "invalid_client", "error_description": format!("{long} \u{1b}[2J") });
    host.replies(Reply::Bytes(http_reply("418 No", &[], body.to_string())));
    let key = patient.key().display().to_string();
    let ended = start(&[&base, "--client", "quiz", "--key", &key]).ended().await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stdout.contains("invalid_client"), "{ended:?}");
    assert!(!ended.stdout.contains(&long) && !ended.stdout.contains('\u{1b}'), "{ended:?}");
}

/// Whatever it makes of the requests: its ids lead to another host.
#[tokio::test]
async fn a_token_goes_to_the_service_that_gave_it_and_nowhere_else() {
    let patient = Patient::new().await;
    let elsewhere = ToolHost::http().await;
    let item = json!({ "id": format!("http://127.0.0.1:{}/lineitems/1", elsewhere.port()) });
    let scope = [LINEITEM, SCORE, RESULT_READONLY].join(" ");
    let token = json!({ "access_token": "t", "token_type": "Bearer", "expires_in": 3600, "scope": scope });
    let (made, found) = ((StatusCode::CREATED, Json(item.clone())), Json(json!([item])));
    let service = Router::new()
        .route("/token", post(async move || Json(token)))
        .route("/contexts/{context}/lineitems", post(async move || made).get(async move || found));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, service).into_future());
    let key = patient.key().display().to_string();
    let said = examine(&[&base, "--client", "quiz", "--key", &key, "--context", "algebra"]).await;
    assert!(said.checks(false).contains(&"line item"), "{}", said.text);
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_named() {
    let authority = Authority::default();
    let host = ToolHost::https(&authority, "localhost").await;
    let base = format!("https://localhost:{}", host.port());
    let said = examine(&[&base]).await;
    said.names("address", "certificate", "certificate");

    let trusted = TempDir::new().unwrap();
    let file = trusted.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let environment = [("SSL_CERT_FILE".to_owned(), file.display().to_string())].into();
    let ended = Process::start("agsctl", &["doctor", &base], &environment).ended().await;
    assert!(ended.stdout.contains(&format!("{base} answers over TLS")), "{ended:?}");
}
