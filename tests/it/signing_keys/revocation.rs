//! Keys that are taken back.

use ags_shared::auth::KEPT;
use ags_tests::{World, jwt};

use super::{Instance, KeyFile, Scene, kid, revoke, rotate_now};

#[tokio::test]
async fn tokens_of_a_revoked_key_are_refused_after_300_seconds_and_at_once_by_who_reads_afresh() {
    let Scene { world, file, tool, course } = Scene::new().await;
    let old = world.full_token(&tool).await;
    let next = file.add();
    rotate_now(&world, next.clone()).await;
    let early = Instance::start(&world, &world.clock, file.signer()).await;
    let new = early.token(&tool).await;
    early.get(&course.lineitems, &old).await.expect(200);

    revoke(&world, &kid(&old)).await;
    let late = Instance::start(&world, &world.clock, file.signer()).await;
    late.get(&course.lineitems, &old).await.expect(401);
    late.get(&course.lineitems, &new).await.expect(200);
    assert_eq!(late.published().await, [&*next.kid]);
    // Nothing says how long at least; by then its ring is older than a ring may be.
    world.clock.advance(300);
    early.get(&course.lineitems, &old).await.expect(401);
    early.get(&course.lineitems, &new).await.expect(200);
    assert_eq!(early.published().await, [&*next.kid]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_lets_no_token_of_a_revoked_key_pass_longer() {
    let Scene { world, file, tool, course } = Scene::new().await;
    let instance = Instance::start(&world, &world.clock, file.signer()).await;
    let old = instance.token(&tool).await;
    rotate_now(&world, file.add()).await;
    revoke(&world, &kid(&old)).await;
    world.clock.advance(-2);
    instance.get(&course.lineitems, &old).await.expect(401);
}

#[tokio::test]
async fn another_key_signs_after_300_seconds_when_the_signing_key_is_revoked() {
    let Scene { world, file, tool, course } = Scene::new().await;
    let instance = Instance::start(&world, &world.clock, file.signer()).await;
    let old = instance.token(&tool).await;
    let next = file.add();
    rotate_now(&world, next.clone()).await;
    revoke(&world, &kid(&old)).await;
    world.clock.advance(300);
    let new = instance.token(&tool).await;
    assert_eq!(kid(&new), next.kid);
    instance.get(&course.lineitems, &new).await.expect(200);
    instance.get(&course.lineitems, &old).await.expect(401);
}

/// It came back as a key whose tokens are taken, when the key after it was revoked.
#[tokio::test]
async fn a_retired_key_is_not_published_again_when_the_key_after_it_is_revoked() {
    let Scene { world, file, tool, course } = Scene::new().await;
    let retired = kid(&world.full_token(&tool).await);
    let second = file.add();
    rotate_now(&world, second.clone()).await;
    world.clock.advance(KEPT);
    let third = file.add();
    rotate_now(&world, third.clone()).await;
    revoke(&world, &second.kid).await;
    let late = Instance::start(&world, &world.clock, file.signer()).await;
    assert_eq!(late.published().await, [&*third.kid]);
    let forged = jwt::mint(&world, world.signer.as_ref(), &world.base, "tool").await;
    assert_eq!(kid(&forged), retired);
    late.get(&course.lineitems, &forged).await.expect(401);
}

/// Its private half is gone before every process knows that it is revoked.
#[tokio::test]
async fn a_key_that_cannot_sign_any_more_makes_the_token_endpoint_look_for_another() {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    let file = KeyFile::new(&world.signing_key);
    let other = KeyFile::new(&agsctl::keys::new_signing_key().unwrap());
    let gone = other.signer().public_half().clone();
    rotate_now(&world, gone.clone()).await;
    let instance = Instance::start(&world, &world.clock, file.signer()).await;
    let answer = instance.try_token(&tool).await.expect(500);
    assert_eq!(answer.json()["error"], "server_error");
    assert!(answer.json().get("access_token").is_none());

    revoke(&world, &gone.kid).await;
    assert_eq!(kid(&instance.token(&tool).await), world.signer.public_half().kid);
}

/// As when an operator lost the file, or KMS deletes the key that a template replaced.
#[tokio::test]
async fn a_configured_key_signs_before_its_time_where_the_key_before_it_is_gone() {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    let course = world.place(&tool, "A").await;
    let old = world.full_token(&tool).await;
    let other = KeyFile::new(&agsctl::keys::new_signing_key().unwrap());
    let instance = Instance::start(&world, &world.clock, other.signer()).await;
    let new = instance.token(&tool).await;
    assert_eq!(kid(&new), other.signer().public_half().kid);
    // The other instance read the ring before that, and does so again for a key that it does not know.
    world.clock.advance(10);
    for token in [old, new] {
        world.get(&course.lineitems, &token).await.expect(200);
    }
}
