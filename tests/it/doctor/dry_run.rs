//! An exchange that does not go as it should, and what is left of it.

use std::sync::{Arc, Mutex};

use ags_shared::domain::{ContextId, Scope};
use ags_tests::Fault;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Patient, Said, start};

#[tokio::test]
async fn nothing_is_left_when_the_score_fails() {
    let patient = Patient::new().await;
    patient.wire.fail("UpdateItem", "USER#agsctl-doctor");
    let said = patient.examined().await;
    said.names("score", "answered 503", "TableErrors");
    assert_eq!(said.checks(true).last(), Some(&"clean-up"), "{}", said.text);
    patient.has_nothing_left().await;
}

/// The table says that it keeps the score, and does not.
#[tokio::test]
async fn a_result_that_is_not_what_was_sent_is_named() {
    let patient = Patient::new().await;
    patient.wire.always(Fault::Error(200, "Nothing"), "UpdateItem", "USER#agsctl-doctor");
    let said = patient.examined().await;
    said.names("result", "instead of 8", "deploy again");
    assert_eq!(said.checks(true).last(), Some(&"clean-up"), "{}", said.text);
}

/// Nobody was told its URL.
#[tokio::test]
async fn nothing_is_left_when_the_line_item_was_made_and_the_answer_said_that_it_was_not() {
    let patient = Patient::new().await;
    patient.wire.always(Fault::LoseAnswer, "PutItem", "agsctl doctor");
    let said = patient.examined().await;
    said.names("line item", "answered 503", "TableErrors");
    assert_eq!(said.checks(true).last(), Some(&"clean-up"), "{}", said.text);
    patient.wire.mend();
    patient.has_nothing_left().await;
}

#[tokio::test]
async fn nothing_is_left_after_ctrl_c() {
    let patient = Patient::new().await;
    patient.wire.hold("UpdateItem", "USER#agsctl-doctor");
    let running = patient.start(&["--json"]);
    patient.wire.held("UpdateItem", "USER#agsctl-doctor").await;
    running.signal("INT").await;
    Said::of(&running.ended().await).names("exchange", "interrupted", "again");
    patient.wire.mend();
    patient.wire.release();
    patient.has_nothing_left().await;
}

#[tokio::test]
async fn a_line_item_that_cannot_be_deleted_is_named() {
    let patient = Patient::new().await;
    patient.wire.fail("UpdateItem", "ITEM#");
    let said = patient.examined().await;
    assert_eq!(said.checks(false).last(), Some(&"clean-up"), "{}", said.text);
    assert!(said.text.contains(&format!("{}?resource_id=agsctl-doctor-", patient.course.lineitems)));
}

/// Such as a cache that drops queries. Nothing but the doctor's own line item may go.
#[tokio::test]
async fn the_columns_of_others_stay_where_the_filter_is_ignored() {
    type Deleted = Arc<Mutex<Vec<String>>>;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let container = format!("{base}/contexts/{}/lineitems", ContextId::of(&"algebra".parse().unwrap()));
    let made = Arc::new(Mutex::new(Value::Null));
    let deleted = Deleted::default();

    let scopes: Vec<_> = Scope::OF_TOOLS.iter().map(|scope| scope.name()).collect();
    let token =
        json!({ "access_token": "t", "token_type": "Bearer", "expires_in": 3600, "scope": scopes.join(" ") });
    let (kept, own) = (made.clone(), format!("{container}/own"));
    let create = async move |Json(mut item): Json<Value>| {
        item["id"] = own.into();
        *kept.lock().unwrap() = item.clone();
        (StatusCode::CREATED, Json(item))
    };
    let others = format!("{container}/midterm");
    let list = async move || {
        let midterm =
            json!({ "id": others, "label": "Midterm", "resourceId": "midterm", "scoreMaximum": 10 });
        Json(json!([midterm, *made.lock().unwrap()]))
    };
    let end = async |State(deleted): State<Deleted>, Path((_, item)): Path<(String, String)>| {
        deleted.lock().unwrap().push(item);
        StatusCode::NO_CONTENT
    };
    let service = Router::new()
        .route("/.well-known/oauth-authorization-server", get(async || Json(json!({}))))
        .route("/token", post(async move || Json(token.clone())))
        .route("/contexts/{context}/lineitems", get(list).post(create))
        .route("/contexts/{context}/lineitems/{item}", delete(end))
        .with_state(deleted.clone());
    tokio::spawn(axum::serve(listener, service).into_future());

    let patient = Patient::new().await;
    let key = patient.key().display().to_string();
    let run = start(&[&base, "--client", "quiz", "--key", &key, "--context", "algebra", "--json"]);
    let said = Said::of(&run.ended().await);
    assert!(said.checks(true).contains(&"line item"), "{}", said.text);
    assert_eq!(said.checks(false).last(), Some(&"clean-up"), "{}", said.text);
    let deleted = deleted.lock().unwrap().clone();
    assert!(!deleted.is_empty() && deleted.iter().all(|item| item == "own"), "{deleted:?}");
}
