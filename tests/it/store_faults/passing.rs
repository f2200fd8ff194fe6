//! Faults that pass: the caller never learns of them, and nothing is done twice.

use ags_tests::Fault;
use reqwest::Method;

use super::{ACCESS, Request, for_each};

/// Disturbs every call of every request so often, one at a time: the request succeeds as if nothing had been.
async fn no_call_fails(fault: Fault, count: u32) {
    for_each(Request::all(), move |mut stage| async move {
        let usual = stage.usual_effect().await;
        for call in stage.request.table_calls() {
            let why = format!("{:?}, {count} times {fault:?} at {call:?}", stage.request);
            stage.disturb(*call, fault, Some(count));
            stage.succeeds(&stage.request(), &why).await;
            assert!(stage.wire.is_spent(), "{why}");
            assert_eq!(stage.effect().await, usual, "{why}");
            stage.prepare().await;
        }
    })
    .await;
}

#[tokio::test]
async fn throttling_that_passes_is_not_noticed() {
    no_call_fails(Fault::THROTTLED, 2).await;
}

/// The call was carried out, and is sent again.
#[tokio::test]
async fn connections_that_break_after_the_call_are_not_noticed() {
    no_call_fails(Fault::DropAnswer, 1).await;
}

#[tokio::test]
async fn whatever_the_trouble_is_called_it_is_not_noticed_if_it_passes() {
    use Fault::{CutAnswer, DropCall, Garble, LoseAnswer};
    let faults = [
        Fault::SLOWED,
        Fault::ACCOUNT_THROTTLED,
        Fault::BROKEN,
        Fault::AWAY,
        Fault::CONFLICT,
        DropCall,
        LoseAnswer,
        CutAnswer,
        Garble("<html>"),
        Garble(""),
    ];
    let writers = [(Method::POST, ""), (Method::PUT, "/{item}"), (Method::POST, "/{item}/scores")];
    let writers = writers.map(|(method, path)| Request::ags(&method, path)).into_iter();
    for_each(
        writers.chain([Request::CreateOnce, Request::LateScore, Request::Token]),
        move |mut stage| async move {
            let usual = stage.usual_effect().await;
            for fault in faults {
                let why = format!("{:?}, {fault:?}", stage.request);
                for call in stage.request.writes() {
                    stage.disturb(*call, fault, Some(1));
                }
                stage.succeeds(&stage.request(), &why).await;
                assert!(stage.wire.is_spent(), "{why}");
                assert_eq!(stage.effect().await, usual, "{why}");
                stage.prepare().await;
            }
        },
    )
    .await;
}

/// The first try hangs until its time is up, the second succeeds, and only then the first arrives.
#[tokio::test]
async fn a_write_that_arrives_after_its_own_repetition_changes_nothing() {
    let writers = [(Method::POST, ""), (Method::PUT, "/{item}"), (Method::DELETE, "/{item}")];
    let writers = writers.map(|(method, path)| Request::ags(&method, path)).into_iter();
    let scores = Request::ags(&Method::POST, "/{item}/scores");
    for_each(writers.chain([scores, Request::CreateOnce, Request::Token]), |mut stage| async move {
        let usual = stage.usual_effect().await;
        for call in stage.request.writes() {
            let why = format!("{:?}, late {call:?}", stage.request);
            stage.disturb(*call, Fault::Hold, Some(1));
            stage.succeeds(&stage.request(), &why).await;
            stage.wire.release();
            stage.wire.answered(call.0, call.1, 400).await;
            assert_eq!(stage.effect().await, usual, "{why}");
            stage.prepare().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_left_at_first_or_answered_in_parts_is_not_noticed_ags_35() {
    let asks = |request: &Request| request.table_calls().contains(&ACCESS);
    for_each(Request::all().filter(asks), |mut stage| async move {
        let usual = stage.usual_effect().await;
        for (fault, count) in [(Fault::LeaveBatch, 2), (Fault::HalveBatch, 1)] {
            let why = format!("{:?}, {count} times {fault:?}", stage.request);
            stage.disturb(ACCESS, fault, Some(count));
            stage.succeeds(&stage.request(), &why).await;
            assert!(stage.wire.is_spent(), "{why}");
            assert_eq!(stage.effect().await, usual, "{why}");
            stage.prepare().await;
        }
    })
    .await;
}
