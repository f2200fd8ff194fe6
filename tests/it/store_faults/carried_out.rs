//! Writes that the table has carried out while every answer to them is lost: nothing is acknowledged, and sending the
//! request again heals.

use ags_tests::Fault;
use reqwest::{Method, RequestBuilder};

use super::{ASSERTION, CHANGE, HISTORY, NEW_LINE_ITEM, RESULT, Request, Stage, TableCall, for_each};

/// Ways to lose an answer.
const LOST: [Fault; 4] = [Fault::DropAnswer, Fault::CutAnswer, Fault::LoseAnswer, Fault::Garble("")];

impl Stage {
    /// Sends the request while every answer to `call` is lost, and mends the wire.
    async fn is_carried_out_unheard(&self, call: TableCall, fault: Fault) -> RequestBuilder {
        let request = self.request();
        let why = format!("{:?}, {fault:?} at {call:?}", self.request);
        self.disturb(call, fault, None);
        self.fails(&request, &why).await;
        assert_eq!(self.tries(call), 4, "{why}");
        self.wire.mend();
        request
    }
}

#[tokio::test]
async fn a_score_is_acknowledged_with_result_and_history_or_not_at_all_ags_101() {
    is_healed_by_itself([Request::ags(&Method::POST, "/{item}/scores"), Request::LateScore]).await;
}

#[tokio::test]
async fn a_new_line_item_under_an_idempotency_key_is_one_however_often_it_is_sent_ags_60() {
    is_healed_by_itself([Request::CreateOnce]).await;
}

/// Whichever write is carried out unheard, sending the request again, and again, leaves what one request would have.
async fn is_healed_by_itself<const N: usize>(requests: [Request; N]) {
    for_each(requests.into_iter(), |mut stage| async move {
        let usual = stage.usual_effect().await;
        for fault in LOST {
            for call in stage.request.writes() {
                let why = format!("{:?}, {fault:?} at {call:?}", stage.request);
                let request = stage.is_carried_out_unheard(*call, fault).await;
                for _ in 0..2 {
                    stage.succeeds(&request, &why).await;
                    assert_eq!(stage.effect().await, usual, "{why}");
                }
                stage.prepare().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_score_of_which_both_writes_are_in_trouble_is_healed_by_itself_ags_101() {
    let ways = [Fault::THROTTLED, Fault::DropAnswer, Fault::Garble("<html>")];
    for_each([Request::ags(&Method::POST, "/{item}/scores")].into_iter(), move |mut stage| async move {
        let usual = stage.usual_effect().await;
        for (of_result, of_history) in ways.iter().flat_map(|way| ways.map(|other| (*way, other))) {
            let why = format!("{of_result:?} at the result, {of_history:?} at the history");
            let request = stage.request();
            stage.disturb(RESULT, of_result, None);
            stage.disturb(HISTORY, of_history, None);
            stage.fails(&request, &why).await;
            stage.wire.mend();
            stage.succeeds(&request, &why).await;
            assert_eq!(stage.effect().await, usual, "{why}");
            stage.prepare().await;
        }
    })
    .await;
}

/// The assertion is used up, though there is no token; the tool makes a new one (AGS 141).
#[tokio::test]
async fn a_token_that_never_arrived_takes_a_new_assertion_ags_141() {
    for_each([Request::Token].into_iter(), |stage| async move {
        for fault in LOST {
            let request = stage.is_carried_out_unheard(ASSERTION, fault).await;
            assert_eq!(stage.send(&request).await.refusal(), "invalid_client", "{fault:?}");
            stage.succeeds(&stage.request(), "a new assertion").await;
        }
    })
    .await;
}

/// Without an `Idempotency-Key` there is no telling a repeated one from a second one.
#[tokio::test]
async fn a_new_line_item_is_one_for_each_request_however_often_each_was_tried_ags_60() {
    for_each([Request::ags(&Method::POST, "")].into_iter(), |mut stage| async move {
        let usual = stage.usual_effect().await;
        for fault in LOST {
            let request = stage.is_carried_out_unheard(NEW_LINE_ITEM, fault).await;
            assert_eq!(stage.effect().await, usual, "{fault:?}");
            stage.succeeds(&request, "the second").await;
            let twice = usual.iter().map(|(row, count)| (row.clone(), count * 2)).collect();
            assert_eq!(stage.effect().await, twice, "{fault:?}");
            stage.prepare().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_put_is_applied_once_and_sending_it_again_changes_no_more_than_the_version_ags_63() {
    for_each([Request::ags(&Method::PUT, "/{item}")].into_iter(), |mut stage| async move {
        let usual = stage.usual_effect().await;
        for fault in LOST {
            let request = stage.is_carried_out_unheard(CHANGE, fault).await;
            assert_eq!(stage.effect().await, usual, "{fault:?}");
            let answer = stage.send(&request).await.expect(200);
            assert_eq!((answer.header("etag"), answer.member("label").as_str()), ("\"3\"", "\"Changed\""));
            let other_version =
                |row: &String| row.replace(r#""version":{"N":"2"}"#, r#""version":{"N":"3"}"#);
            let again = usual.iter().map(|(row, count)| (other_version(row), *count)).collect();
            assert_eq!(stage.effect().await, again, "{fault:?}");
            stage.prepare().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_delete_is_applied_once_and_sending_it_again_finds_nothing_ags_67() {
    for_each([Request::ags(&Method::DELETE, "/{item}")].into_iter(), |mut stage| async move {
        let usual = stage.usual_effect().await;
        for fault in LOST {
            let request = stage.is_carried_out_unheard(CHANGE, fault).await;
            stage.send(&request).await.expect(404);
            assert_eq!(stage.effect().await, usual, "{fault:?}");
            stage.prepare().await;
        }
    })
    .await;
}
