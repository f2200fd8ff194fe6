//! How often a tool's host is asked, however many ask us: of all instances one at a time, and once in a cool-down.

use ags_tests::{Fault, Reply, SCORE, http_reply, token_form};
use tokio::task::JoinSet;

use super::{Scene, check};

/// Sends so many requests at once, to two instances of the service in turn; the statuses of their answers.
async fn at_once(scene: &Scene, count: usize, kid: Option<&str>) -> JoinSet<u16> {
    let urls = [scene.world.token_url(), scene.world.another_token_url(|_| {}).await];
    let mut running = JoinSet::new();
    for number in 0..count {
        let mut assertion = scene.world.assertion(&scene.tool);
        if let Some(kid) = kid {
            assertion = assertion.header(|header| header.kid = Some(format!("{kid}-{number}")));
        }
        let request = scene.world.http.post(&urls[number % 2]).form(&token_form(&assertion.sign(), SCORE));
        running.spawn(async { request.send().await.unwrap().status().as_u16() });
    }
    running
}

#[tokio::test]
async fn of_many_first_requests_one_fetches_for_all_instances_and_all_succeed_ags_144() {
    let scene = Scene::new().await;
    scene.host.replies(Reply::Held(http_reply("200 OK", &[], scene.tool.key.jwks())));
    let running = at_once(&scene, 20, None).await;
    scene.host.asked(1).await;
    scene.host.release();
    assert_eq!(running.join_all().await, [200; 20]);
    assert_eq!(scene.host.requests().len(), 1);
}

#[tokio::test]
async fn a_flood_of_unknown_key_ids_costs_one_fetch_in_a_cool_down_ags_144() {
    let scene = Scene::published(&[]).await;
    scene.ask().await.expect(200);
    for round in 0..3 {
        scene.world.clock.advance(30);
        let running = at_once(&scene, 20, Some("made-up")).await;
        assert_eq!(running.join_all().await, [400; 20]);
        for number in 0..5 {
            check(&scene.ask_under(&format!("made-up {number}")).await, false, "one after another");
        }
        assert_eq!(scene.asks(true, "the tool itself").await, round + 2);
        scene.world.clock.advance(29);
        check(&scene.ask_under("made-up").await, false, "the last second of the cool-down");
        assert_eq!(scene.host.requests().len(), round + 2);
        scene.world.clock.advance(-29);
    }
}

#[tokio::test]
async fn fetches_that_fail_start_the_cool_down_too_and_the_tool_recovers_after_it_ags_144() {
    let scene = Scene::new().await;
    scene.host.fails();
    let running = at_once(&scene, 10, None).await;
    assert_eq!(running.join_all().await, [400; 10]);
    assert_eq!(scene.host.requests().len(), 1);
    scene.host.publishes(&scene.tool.key.jwks(), &[]);
    scene.world.clock.advance(29);
    assert_eq!(scene.asks(false, "within the cool-down").await, 1);
    scene.world.clock.advance(1);
    assert_eq!(scene.asks(true, "after it").await, 2);
}

#[tokio::test]
async fn who_has_a_key_does_not_wait_for_the_fetch_of_another_ags_144() {
    let scene = Scene::published(&[]).await;
    scene.ask().await.expect(200);
    scene.world.clock.advance(3_600);
    scene.host.replies(Reply::Held(http_reply("200 OK", &[], scene.tool.key.jwks())));
    let others = async {
        scene.host.asked(2).await;
        scene.ask().await.expect(200);
        assert!(scene.row().await.contains_key("turn"), "the fetch is still under way");
        scene.host.release();
    };
    let (first, ()) = tokio::join!(scene.ask(), others);
    first.expect(200);
    assert_eq!(scene.host.requests().len(), 2);
}

/// The process that fetches dies on the way: nobody tells what came of it.
#[tokio::test]
async fn a_fetch_whose_end_is_not_on_record_is_waited_for_as_long_as_one_can_take() {
    let (scene, wire) = Scene::behind_a_wire().await;
    wire.hold("UpdateItem", "REMOVE #turn");
    let first = tokio::spawn({
        let assertion = scene.world.assertion(&scene.tool).sign();
        let request = scene.world.http.post(scene.world.token_url()).form(&token_form(&assertion, SCORE));
        async { request.send().await }
    });
    wire.held("UpdateItem", "REMOVE #turn").await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    wire.take_calls();
    let waiting = async {
        wire.answered("Query", "TOOL#", 200).await;
        scene.world.clock.advance(7);
    };
    let (answer, ()) = tokio::join!(scene.ask(), waiting);
    check(&answer, false, "given up");
    assert_eq!(scene.host.requests().len(), 1, "within the cool-down");
    wire.mend();
    scene.world.clock.advance(23);
    assert_eq!(scene.asks(true, "after the cool-down").await, 2);
}

#[tokio::test]
async fn the_table_in_trouble_while_a_set_is_fetched_is_503_and_never_a_token() {
    for (operation, containing) in
        [("Query", "TOOL#"), ("UpdateItem", "attempted_at"), ("UpdateItem", "REMOVE #turn")]
    {
        let (scene, wire) = Scene::behind_a_wire().await;
        wire.fail(operation, containing);
        let answer = scene.ask().await.expect(503);
        assert_eq!(answer.json()["error"], "temporarily_unavailable", "{operation} {containing}");
        wire.mend();
        scene.world.clock.advance(30);
        assert!(scene.asks(true, "mended").await <= 2, "{operation} {containing}");
    }
}

/// The client library sends a call again whose answer was lost; it must find its own turn.
#[tokio::test]
async fn a_lost_answer_loses_no_turn() {
    for containing in ["attempted_at", "REMOVE #turn"] {
        let (scene, wire) = Scene::behind_a_wire().await;
        wire.next(1, Fault::LoseAnswer, "UpdateItem", containing);
        assert_eq!(scene.asks(true, containing).await, 1);
        assert!(wire.is_spent(), "{containing}");
    }
}
