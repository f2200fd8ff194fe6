//! Rotation under load, on a clock that goes through all of it.

use std::collections::BTreeSet;

use ags_tests::World;

use super::{Instance, KeyFile, Scene, kid, ring, rotate, rotate_now};

/// How long anybody may keep what the key set says, in seconds.
const KEPT_BY_OTHERS: i64 = 300;
const TOKEN_LIFE: i64 = 3_600;
const STEP: i64 = 50;

/// Two processes with caches of different age, through the publication of the next key, the change, and the retirement
/// of the first. At every step each gives a token out, and each takes the newest and the oldest.
#[tokio::test]
async fn no_request_is_refused_while_the_signing_key_is_rotated_ags_145() {
    let Scene { world, file, tool, course } = Scene::new().await;
    let early = Instance::start(&world, &world.clock, file.signer()).await;
    let first = kid(&early.token(&tool).await);
    world.clock.advance(KEPT_BY_OTHERS / 2);
    let late = Instance::start(&world, &world.clock, file.signer()).await;
    let item = world.line_item(&course, &late.token(&tool).await, 10).await;

    let next = file.add();
    let published_at = world.clock.seconds();
    let signs_from = rotate(&world, next.clone()).await;
    let (mut tokens, mut kept, mut dropped_at) = (Vec::new(), Vec::new(), None);
    while world.clock.seconds() < signs_from + TOKEN_LIFE + 2 * KEPT_BY_OTHERS {
        let now = world.clock.seconds();
        tokens.retain(|(issued, _)| now < issued + TOKEN_LIFE);
        kept.retain(|(read, _): &(i64, BTreeSet<String>)| now <= read + KEPT_BY_OTHERS);
        for instance in [&early, &late] {
            let set: BTreeSet<String> = instance.published().await.into_iter().collect();
            if !set.contains(&first) {
                dropped_at.get_or_insert(now);
            }
            kept.push((now, set));
            let token = instance.token(&tool).await;
            let expected = if now < signs_from { &first } else { &next.kid };
            assert_eq!(&kid(&token), expected, "{} s after the publication", now - published_at);
            tokens.push((now, token));
        }
        for instance in [&early, &late] {
            for (_, token) in [&tokens[0], &tokens[tokens.len() - 1]] {
                let answer = instance.post_score(&item, token, &world.score("ada", 5, 10)).await;
                assert_eq!(answer.status, 200, "{} s: {}", now - published_at, answer.text);
            }
        }
        for (read, set) in &kept {
            let unknown = tokens.iter().map(|(_, token)| kid(token)).find(|kid| !set.contains(kid));
            assert_eq!(unknown, None, "{} s, in a key set of {} s before", now - published_at, now - read);
        }
        world.clock.advance(STEP);
    }
    let dropped_after = dropped_at.unwrap() - signs_from;
    assert!((TOKEN_LIFE..=TOKEN_LIFE + 420 + STEP).contains(&dropped_after), "{dropped_after} s");
    assert_eq!(ring(&world).await.keys().len(), 2, "a key that has had its time stays known");
}

#[tokio::test]
async fn a_key_that_signs_at_once_is_believed_by_who_reads_the_keys_again() {
    let Scene { world, file, tool, course } = Scene::new().await;
    let early = Instance::start(&world, &world.clock, file.signer()).await;
    let old = early.token(&tool).await;
    early.get(&course.lineitems, &old).await.expect(200);
    world.clock.advance(10);
    let next = file.add();
    rotate_now(&world, next.clone()).await;

    let late = Instance::start(&world, &world.clock, file.signer()).await;
    let new = late.token(&tool).await;
    assert_eq!(kid(&new), next.kid);
    for token in [&new, &old] {
        early.get(&course.lineitems, token).await.expect(200);
        late.get(&course.lineitems, token).await.expect(200);
    }
}

/// The deployment names another key than before: the old one signs until everybody knows the new one.
#[tokio::test]
async fn a_configured_key_that_is_replaced_is_published_before_it_signs() {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    let new = agsctl::keys::new_signing_key().unwrap();
    let file = KeyFile::new(&format!("{new}{}", world.signing_key));
    let own = file.signer().public_half().kid.clone();
    let old = world.signer.public_half().kid.clone();
    let instance = Instance::start(&world, &world.clock, file.signer()).await;
    assert_eq!(kid(&instance.token(&tool).await), old);
    assert_eq!(instance.published().await, [&*old, &*own]);
    world.clock.advance(655);
    assert_eq!(kid(&instance.token(&tool).await), old);
    world.clock.advance(10);
    assert_eq!(kid(&instance.token(&tool).await), own);
}

#[tokio::test]
async fn a_configured_key_that_is_retired_does_not_come_back() {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    let file = KeyFile::new(&world.signing_key);
    let next = file.add();
    let signs_from = rotate(&world, next.clone()).await;
    world.clock.advance(signs_from - world.clock.seconds() + TOKEN_LIFE + 420);
    let instance = Instance::start(&world, &world.clock, file.signer()).await;
    assert_eq!(kid(&instance.token(&tool).await), next.kid);
    assert_eq!(instance.published().await, [next.kid]);
}
