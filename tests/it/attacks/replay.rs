//! An assertion that was seen by somebody, or sent twice (AGS 141).

use std::sync::Arc;

use ags_tests::{Answer, Assertion, SCORE, Tool, World, token_form};
use tokio::task::JoinSet;

async fn world() -> (World, Tool) {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    (world, tool)
}

#[track_caller]
fn is_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.refusal(), "invalid_client", "{what}");
}

/// An assertion with times relative to now.
fn timed(world: &World, tool: &Tool, times: &[(&str, i64)]) -> Assertion {
    let now = world.clock.seconds();
    times.iter().fold(world.assertion(tool), |assertion, (name, at)| assertion.claim(name, now + at))
}

/// At once, at two instances of the service that share the table alone.
#[tokio::test]
async fn of_fifty_parallel_uses_of_an_assertion_exactly_one_brings_a_token_ags_141() {
    let (world, tool) = world().await;
    let assertion: Arc<str> = world.assertion(&tool).sign().into();
    let urls = [world.token_url(), world.another_token_url(|_| {}).await];
    let mut uses = JoinSet::new();
    for url in urls.iter().cycle().take(50) {
        let (request, assertion) = (world.http.post(url), Arc::clone(&assertion));
        uses.spawn(async move { Answer::fetch(request.form(&token_form(&assertion, SCORE))).await });
    }
    let answers = uses.join_all().await;
    let (issued, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((issued.len(), refused.len()), (1, 49), "{answers:?}");
    for answer in refused {
        is_refused(answer, "used in parallel");
    }
    let jti: Vec<_> =
        world.all_items().await.into_iter().filter(|item| item.contains_key("token_id")).collect();
    assert_eq!(jti.len(), 1, "{jti:?}");
}

#[tokio::test]
async fn an_assertion_that_was_used_at_one_instance_is_used_at_every_other_ags_141() {
    let (world, tool) = world().await;
    let assertion = world.assertion(&tool).sign();
    world.request_token(&assertion, SCORE).await.expect(200);
    let request = world.http.post(world.another_token_url(|_| {}).await);
    is_refused(&world.send(request.form(&token_form(&assertion, SCORE))).await, "elsewhere");
}

/// What is around the assertion is not signed, and makes no new one of it.
#[tokio::test]
async fn an_assertion_is_used_whatever_it_is_sent_with_again_ags_141() {
    let (world, tool) = world().await;
    let assertion = world.assertion(&tool).sign();
    world.request_token(&assertion, SCORE).await.expect(200);
    is_refused(&world.request_token(&assertion, ags_tests::LINEITEM).await, "another scope");
    let form = token_form(&assertion, SCORE).into_iter().chain([("client_id", "tool")]);
    is_refused(&world.post_form(&form.collect::<Vec<_>>()).await, "with its client id");
}

/// The row of a used assertion may still be there, or may be gone, when its time has passed: the table is in no hurry.
#[tokio::test]
async fn an_assertion_is_not_accepted_again_when_it_is_forgotten_ags_141() {
    let (world, tool) = world().await;
    let assertion = world.assertion(&tool).sign();
    world.request_token(&assertion, SCORE).await.expect(200);
    for seconds in [120, 1, 3_600, 86_400] {
        world.clock.advance(seconds);
        is_refused(&world.request_token(&assertion, SCORE).await, "forgotten");
    }
}

#[tokio::test]
async fn an_assertion_is_used_once_as_long_as_it_is_accepted_ags_141() {
    let (world, tool) = world().await;
    let assertion = world.assertion(&tool).sign();
    world.request_token(&assertion, SCORE).await.expect(200);
    // It expires after 60 seconds, and is accepted for 60 more.
    for seconds in [0, 59, 1, 1, 58, 1] {
        world.clock.advance(seconds);
        is_refused(&world.request_token(&assertion, SCORE).await, "the same assertion again");
    }
}

#[tokio::test]
async fn a_jti_is_used_once_whatever_else_the_assertion_says_ags_141() {
    let (world, tool) = world().await;
    world.request_token(&world.assertion(&tool).claim("jti", "a").sign(), SCORE).await.expect(200);
    let again = timed(&world, &tool, &[("iat", 1), ("exp", 50)]).claim("jti", "a");
    is_refused(&world.request_token(&again.sign(), SCORE).await, "the jti under another signature");
    // The first expired at 60, and was remembered for 60 more.
    world.clock.advance(120);
    let again = world.assertion(&tool).claim("jti", "a");
    is_refused(&world.request_token(&again.sign(), SCORE).await, "the jti inside the leeway");
    world.clock.advance(1);
    let again = world.assertion(&tool).claim("jti", "a");
    world.request_token(&again.sign(), SCORE).await.expect(200);
}

#[tokio::test]
async fn another_clients_jti_is_another_jti_ags_141() {
    let (world, tool) = world().await;
    let other = world.tool("other").await;
    for tool in [&tool, &other] {
        let assertion = world.assertion(tool).claim("jti", "shared");
        world.request_token(&assertion.sign(), SCORE).await.expect(200);
    }
}

#[tokio::test]
async fn a_refused_request_leaves_its_assertion_unused_ags_141() {
    let (world, tool) = world().await;
    let assertion = world.assertion(&tool).sign();
    assert_eq!(world.request_token(&assertion, "openid").await.refusal(), "invalid_scope");
    assert_eq!(world.request_token(&assertion, " ").await.refusal(), "invalid_request");
    world.register(&tool, |tool| tool.enabled = false).await;
    assert_eq!(world.request_token(&assertion, SCORE).await.refusal(), "unauthorized_client");
    world.register(&tool, |_| {}).await;
    world.request_token(&assertion, SCORE).await.expect(200);
}

#[tokio::test]
async fn a_forged_assertion_does_not_use_up_the_jti_of_a_genuine_one_ags_141() {
    let (world, tool) = world().await;
    let forger = world.tool("forger").await;
    let genuine = world.assertion(&tool).claim("jti", "a").sign();
    let forged = world.assertion(&tool).claim("jti", "a").key(forger.key.private);
    is_refused(&world.request_token(&forged.sign(), SCORE).await, "forged");
    world.request_token(&genuine, SCORE).await.expect(200);
}

#[tokio::test]
async fn nothing_is_issued_while_the_use_of_an_assertion_cannot_be_recorded_ags_141() {
    let (world, wire) = World::behind_a_wire().await;
    let tool = world.tool("tool").await;
    let assertion = world.assertion(&tool).sign();
    wire.fail("PutItem", "JTI#");
    let answer = world.request_token(&assertion, SCORE).await.expect(503);
    answer.expect_no_store();
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert!(answer.json().get("access_token").is_none());
    wire.mend();
    world.request_token(&assertion, SCORE).await.expect(200);
}
