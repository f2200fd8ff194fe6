//! Faults that last.

use ags_tests::Fault;
use reqwest::Method;
use tokio::task::JoinSet;

use super::{ACCESS, HISTORY, KEYS, RESULT, Request, TOOL, for_each};

/// Disturbs every call of every request, one at a time: the request fails after four tries, and succeeds as if it
/// were the first when the fault has passed.
async fn every_call_fails(fault: Fault) {
    for_each(Request::all(), move |mut stage| async move {
        let usual = stage.usual_effect().await;
        for call in stage.request.table_calls() {
            stage.fails_until_mended(*call, fault, 4..=4, &usual).await;
        }
    })
    .await;
}

#[tokio::test]
async fn throttling_that_lasts_is_503_and_the_same_request_then_succeeds() {
    every_call_fails(Fault::THROTTLED).await;
}

#[tokio::test]
async fn connections_that_break_before_the_call_are_503_and_the_same_request_then_succeeds() {
    every_call_fails(Fault::DropCall).await;
}

#[tokio::test]
async fn whatever_the_trouble_is_called_it_is_503_after_four_tries() {
    let named = [Fault::SLOWED, Fault::ACCOUNT_THROTTLED, Fault::BROKEN, Fault::AWAY];
    let mut cases: Vec<_> = named.map(|fault| (fault, ACCESS)).into();
    cases.extend(named.map(|fault| (fault, RESULT)));
    // A plain write can meet a transaction of another program.
    cases.extend([(Fault::CONFLICT, RESULT), (Fault::CONFLICT, HISTORY)]);
    for_each([Request::ags(&Method::POST, "/{item}/scores")].into_iter(), move |stage| {
        let cases = cases.clone();
        async move {
            for (fault, call) in cases {
                let why = format!("{fault:?} at {call:?}");
                stage.disturb(call, fault, None);
                stage.fails(&stage.request(), &why).await;
                assert_eq!(stage.tries(call), 4, "{why}");
                stage.wire.mend();
            }
        }
    })
    .await;
}

/// What the SDK would take for an answer that found nothing, or would not try again.
#[tokio::test]
async fn an_answer_that_cannot_be_read_is_503_and_never_means_that_nothing_is_there_ags_35() {
    let broken =
        [Fault::CutAnswer, Fault::DropAnswer, Fault::Garble(""), Fault::Garble("<html>"), Fault::Garble("{")];
    let shapeless = [Fault::Garble("{}"), Fault::Garble(r#"{"Responses":[],"Items":{},"Count":"1"}"#)];
    for_each(Request::readers(), move |mut stage| async move {
        let usual = stage.usual_effect().await;
        // Each request reads last what only it reads.
        let call = stage.request.table_calls().last().copied().unwrap_or(KEYS);
        let lists: &[_] = if call == TOOL { &[] } else { &shapeless };
        for fault in broken.iter().chain(lists) {
            stage.fails_until_mended(call, *fault, 4..=4, &usual).await;
        }
    })
    .await;
}

/// Success with none of the keys.
#[tokio::test]
async fn a_batch_that_is_never_finished_is_503_and_never_means_that_nothing_is_there_ags_35() {
    let asks = |request: &Request| request.table_calls().contains(&ACCESS);
    for_each(Request::all().filter(asks), |mut stage| async move {
        let usual = stage.usual_effect().await;
        stage.fails_until_mended(ACCESS, Fault::LeaveBatch, 4..=4, &usual).await;
    })
    .await;
}

/// How long that takes is up to the client library: each try has two seconds, the call has six.
#[tokio::test]
async fn a_table_that_does_not_answer_is_503_and_the_same_request_then_succeeds() {
    for_each(Request::all(), |mut stage| async move {
        let usual = stage.usual_effect().await;
        let call = stage.request.table_calls().last().copied().unwrap_or(KEYS);
        stage.fails_until_mended(call, Fault::Hold, 2..=3, &usual).await;
    })
    .await;
}

/// Each call ends in time, and asks for another.
#[tokio::test]
async fn calls_that_belong_together_are_bounded_as_one() {
    let endless =
        Fault::Garble(r#"{"Items":[],"Count":0,"LastEvaluatedKey":{"pk":{"S":"KEYS"},"sk":{"S":"KEY#"}}}"#);
    for_each(Request::readers(), move |stage| async move {
        let call = stage.request.table_calls().last().copied().unwrap_or(KEYS);
        let unfinished = if call == ACCESS { Fault::LeaveBatch } else { endless };
        for _ in 0..3 {
            stage.disturb(call, Fault::Hold, Some(2));
            stage.disturb(call, unfinished, Some(1));
        }
        stage.fails(&stage.request(), &format!("{:?}", stage.request)).await;
        assert!((2..=8).contains(&stage.tries(call)), "{call:?}");
    })
    .await;
}

#[tokio::test]
async fn a_table_that_is_down_is_503_until_it_is_up_again() {
    for_each(Request::all(), |mut stage| async move {
        let usual = stage.usual_effect().await;
        let why = format!("{:?} on a table that is down", stage.request);
        let request = stage.request();
        stage.wire.down().await;
        stage.fails(&request, &why).await;
        assert!(stage.wire.take_calls().is_empty(), "{why}");
        stage.wire.up().await;
        stage.succeeds(&request, &why).await;
        assert_eq!(stage.effect().await, usual, "{why}");
    })
    .await;
}

/// The client library's own quota would be spent by then, and the next call would have no second try.
#[tokio::test]
async fn a_process_that_outlived_a_long_outage_still_tries_again() {
    for_each([Request::ags(&Method::GET, "/{item}")].into_iter(), |stage| async move {
        stage.succeeds(&stage.request(), "before the outage").await;
        stage.wire.down().await;
        let mut running = JoinSet::new();
        for _ in 0..60 {
            running.spawn(stage.request().send());
        }
        for answer in running.join_all().await {
            assert_eq!(answer.unwrap().status(), 503);
        }
        stage.wire.up().await;
        stage.disturb(ACCESS, Fault::THROTTLED, Some(3));
        stage.succeeds(&stage.request(), "after the outage").await;
        assert!(stage.wire.is_spent());
    })
    .await;
}

/// A call that is refused for what it asks would be refused again: this is no matter of waiting.
#[tokio::test]
async fn a_refusal_is_500_at_once_and_asks_nobody_to_come_back() {
    for_each(Request::all(), |stage| async move {
        for call in stage.request.table_calls() {
            stage.disturb(*call, Fault::REFUSED, None);
            let answer = stage.send(&stage.request()).await.expect(500);
            assert_eq!(answer.header("retry-after"), "", "{call:?}");
            assert_eq!(stage.tries(*call), 1, "{call:?}");
            stage.wire.mend();
        }
    })
    .await;
}
