//! Reading the keys from a table that does not answer.

use std::sync::Arc;

use ags_tests::{World, jwt};
use tokio::task::JoinSet;

const KEYS: (&str, &str) = ("Query", r#""KEYS""#);

/// Any number of requests wait for one read of the keys, and end with it.
#[tokio::test]
async fn requests_that_wait_for_the_same_keys_are_503_together() {
    let (world, wire) = World::behind_a_wire().await;
    let world = Arc::new(world);
    let tool = world.tool("tool").await;
    let course = world.place(&tool, "A").await;
    let token = world.full_token(&tool).await;
    world.clock.advance(300);
    wire.take_calls();
    wire.hold(KEYS.0, KEYS.1);
    let mut running = JoinSet::new();
    for _ in 0..10 {
        let (world, url, token) = (Arc::clone(&world), course.lineitems.clone(), token.clone());
        running.spawn(async move { world.get(&url, &token).await.status });
    }
    assert!(running.join_all().await.iter().all(|status| *status == 503));
    let tries = wire.take_calls().iter().filter(|call| call.is(KEYS.0, KEYS.1)).count();
    assert!((2..=3).contains(&tries), "{tries} tries are more than those of one call");
    wire.mend();
    world.get(&course.lineitems, &token).await.expect(200);
}

/// Anybody can make them up.
#[tokio::test]
async fn a_flood_of_tokens_of_unknown_keys_costs_one_read_of_the_keys_in_a_cool_down() {
    let (world, wire) = World::behind_a_wire().await;
    let tool = world.tool("tool").await;
    let course = world.place(&tool, "A").await;
    let token = world.full_token(&tool).await;
    let forged = jwt::mint(&world, &jwt::new_signer(), &world.base, "tool").await;
    for (seconds, reads) in [(0, 0), (9, 0), (1, 1), (9, 0), (1, 1)] {
        world.clock.advance(seconds);
        wire.take_calls();
        for _ in 0..5 {
            world.get(&course.lineitems, &forged).await.expect(401);
        }
        let calls = wire.take_calls();
        assert!(calls.iter().all(|call| call.is(KEYS.0, KEYS.1)), "no other call for a forged token");
        assert_eq!(calls.len(), reads, "{seconds} s later");
    }
    world.get(&course.lineitems, &token).await.expect(200);
}

/// A forged token makes a process look at the keys again, and nobody else wait for it.
#[tokio::test]
async fn a_token_of_a_known_key_does_not_wait_for_the_look_at_an_unknown_one() {
    let (world, wire) = World::behind_a_wire().await;
    let world = Arc::new(world);
    let tool = world.tool("tool").await;
    let course = world.place(&tool, "A").await;
    let token = world.full_token(&tool).await;
    world.clock.advance(10);
    wire.hold(KEYS.0, KEYS.1);
    let forged = jwt::mint(&world, &jwt::new_signer(), &world.base, "tool").await;
    let waiting = tokio::spawn({
        let (world, url) = (Arc::clone(&world), course.lineitems.clone());
        async move { world.get(&url, &forged).await.status }
    });
    wire.held(KEYS.0, KEYS.1).await;
    world.get(&course.lineitems, &token).await.expect(200);
    assert!(!waiting.is_finished());
    wire.mend();
    wire.release();
    assert_eq!(waiting.await.unwrap(), 401);
}
