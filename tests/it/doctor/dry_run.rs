//! An exchange that does not go as it should, and what is left of it.

use ags_tests::Fault;

use super::{Patient, Said};

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
