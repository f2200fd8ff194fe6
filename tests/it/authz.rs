//! What a valid token opens: each call with each scope, and the standing of the tool as it is now (AGS 29–36).

use ags_shared::domain::ScopeSet;
use ags_tests::{World, jwt};

use crate::calls::{CALLS, SCOPES, Scene, check_insufficient, check_unauthenticated, scored_item};

#[tokio::test]
async fn each_call_takes_its_own_scopes_and_no_others_ags_29_30_37() {
    let scene = Scene::new().await;
    let Scene { world, tool, course, token, .. } = &scene;
    for scope in SCOPES {
        let single = world.token(tool, &[scope]).await;
        for call in &CALLS {
            let item = scored_item(world, course, token).await;
            let before = world.get(&item, token).await.expect(200).text;
            let answer = call.send(world, &course.lineitems, &item, &single).await;
            let what = format!("{scope}: {call:?}");
            if call.scopes.contains(&scope) {
                assert_eq!(answer.status, call.success, "{what}: {}", answer.text);
            } else {
                check_insufficient(&answer, call, &what);
                assert_eq!(world.get(&item, token).await.expect(200).text, before, "{what} had an effect");
                assert_eq!(world.results(&item, token).await.len(), 1, "{what} had an effect");
            }
        }
    }
}

#[tokio::test]
async fn a_tool_that_is_disabled_is_refused_with_the_token_it_has_ags_32_36() {
    let scene = Scene::new().await;
    scene.world.register(&scene.tool, |tool| tool.enabled = false).await;
    for call in &CALLS {
        check_unauthenticated(&scene.call(call, &scene.token).await, &format!("{call:?}"));
    }
    scene.world.register(&scene.tool, |_| {}).await;
    scene.is_unchanged().await;
}

#[tokio::test]
async fn a_tool_that_is_not_registered_is_refused_whatever_token_it_has_ags_32() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let stranger = jwt::mint(world, world.signer.as_ref(), &world.base, "stranger").await;
    scene.refuses(&[format!("Bearer {stranger}")], "a client that is not registered").await;
}

/// Among others, not every tool may make line items (AGS 70).
#[tokio::test]
async fn a_scope_that_is_withdrawn_is_missing_in_the_token_it_was_granted_to_ags_32() {
    let scene = Scene::new().await;
    let Scene { world, tool, course, token, .. } = &scene;
    let every = world.token(tool, &SCOPES).await;
    for left in SCOPES {
        for call in &CALLS {
            world.register(tool, |_| {}).await;
            let item = scored_item(world, course, token).await;
            world.register(tool, |tool| tool.scopes = ScopeSet::from_names([left])).await;
            let answer = call.send(world, &course.lineitems, &item, &every).await;
            let what = format!("{left} is left: {call:?}");
            if call.scopes.contains(&left) {
                assert_eq!(answer.status, call.success, "{what}: {}", answer.text);
            } else {
                check_insufficient(&answer, call, &what);
            }
        }
    }
}

#[tokio::test]
async fn a_tool_that_is_taken_out_of_a_context_finds_nothing_there_with_the_token_it_has_ags_36() {
    let scene = Scene::new().await;
    scene.world.remove(&scene.tool, &scene.course).await;
    for call in &CALLS {
        let answer = scene.call(call, &scene.token).await.expect(404);
        assert_eq!(answer.problem().0, "not-found", "{call:?}");
    }
    scene.world.place(&scene.tool, "A").await;
    scene.is_unchanged().await;
}

#[tokio::test]
async fn a_key_that_is_published_later_is_found_by_reading_the_keys_again() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let next = jwt::new_signer();
    let token = jwt::mint(world, &next, &world.base, "tool").await;
    scene.refuses(&[format!("Bearer {token}")], "not published").await;
    let next = next.public_half().clone().signing_from(world.clock.seconds());
    assert!(world.services.store.signing_key_add(&next).await.unwrap());
    // Long enough for another look at an unknown key, too short for what is known to grow old.
    world.clock.advance(60);
    for call in &CALLS[..CALLS.len() - 1] {
        assert_eq!(scene.call(call, &token).await.status, call.success, "{call:?}");
        assert_eq!(scene.call(call, &scene.token).await.status, call.success, "{call:?} with the old key");
    }
}

#[tokio::test]
async fn a_call_whose_right_cannot_be_looked_up_is_put_off_with_503_ags_32() {
    let (world, wire) = World::behind_a_wire().await;
    let tool = world.tool("tool").await;
    let course = world.place(&tool, "A").await;
    let token = world.full_token(&tool).await;
    world.get(&course.lineitems, &token).await.expect(200);
    wire.fail("BatchGetItem", "");
    let answer = world.get(&course.lineitems, &token).await.expect(503);
    assert_eq!((answer.problem().0.as_str(), answer.header("retry-after")), ("unavailable", "5"));
    wire.mend();
    world.get(&course.lineitems, &token).await.expect(200);
}
