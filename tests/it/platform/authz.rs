//! Who may call what on the LMS's side. That no bad credential opens anything there is in `attacks`, for every call.

use std::collections::BTreeSet;

use ags_shared::domain::{Scope, ScopeSet};
use ags_tests::{Answer, World};
use reqwest::Method;
use serde_json::json;

use super::{Desk, PLATFORM_CALLS, PlatformCall};
use crate::calls::{CALLS, SCOPES, Scene, check_unauthenticated};

/// Checks that the answer asks for one of the call's scopes (AGS 37).
#[track_caller]
fn check_insufficient(answer: &Answer, base: &str, call: &PlatformCall) {
    assert_eq!(answer.status, 403, "{call:?}: {}", answer.text);
    assert_eq!(answer.problem().0, "insufficient-scope", "{call:?}");
    let challenge = answer.header("www-authenticate");
    let named = challenge.strip_prefix(r#"Bearer error="insufficient_scope", scope=""#);
    let named = named.and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    let named: BTreeSet<_> = named.split(' ').map(str::to_owned).collect();
    assert_eq!(named, call.scopes(base).into_iter().collect(), "{call:?}: {challenge}");
}

fn scope(world: &World, name: &str) -> String {
    format!("{}/scope/{name}", world.base)
}

#[tokio::test]
async fn an_lms_may_do_everything_there_with_its_scope() {
    let mut desk = Desk::new().await;
    for (number, call) in PLATFORM_CALLS.iter().enumerate() {
        // What a call reads or removes is there.
        if number == 0 || call.method == "DELETE" {
            desk.prepare().await;
            for earlier in PLATFORM_CALLS.iter().filter(|earlier| earlier.method == "PUT") {
                desk.call(earlier).await.expect(200);
            }
        }
        let answer = desk.call(call).await;
        assert_eq!(answer.status, call.success, "{call:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_lms_that_may_only_read_changes_nothing_there() {
    let mut desk = Desk::new().await;
    for earlier in PLATFORM_CALLS.iter().filter(|earlier| earlier.method == "PUT") {
        desk.call(earlier).await.expect(200);
    }
    let lms = desk.world.lms("lms").await;
    desk.token = desk.world.token(&lms, &[&scope(&desk.world, "platform.readonly")]).await;
    let before = desk.world.all_items().await;
    for call in &PLATFORM_CALLS {
        let answer = desk.call(call).await;
        if call.writes() {
            check_insufficient(&answer, &desk.world.base, call);
        } else {
            assert_eq!(answer.status, call.success, "{call:?}: {}", answer.text);
        }
    }
    assert_eq!(desk.world.all_items().await.len(), before.len());
}

#[tokio::test]
async fn no_tool_does_anything_there_whatever_its_scopes_are_ags_29() {
    let mut desk = Desk::new().await;
    desk.token = desk.world.token(&desk.tool, &SCOPES).await;
    for call in &PLATFORM_CALLS {
        check_insufficient(&desk.call(call).await, &desk.world.base, call);
    }
}

/// Not even one whose registration says so.
#[tokio::test]
async fn no_tool_is_given_a_scope_of_an_lms_ags_147() {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    world.register(&tool, |tool| tool.scopes = ScopeSet::from_iter(Scope::OF_LMS)).await;
    for name in ["platform", "platform.readonly"] {
        let answer = world.request_token(&world.assertion(&tool).sign(), &scope(&world, name)).await;
        assert_eq!(answer.refusal(), "invalid_scope", "{name}");
    }
}

#[tokio::test]
async fn no_lms_does_anything_on_a_tools_route_ags_29() {
    let scene = Scene::new().await;
    let lms = scene.world.lms_token().await;
    for call in &CALLS {
        let answer = scene.call(call, &lms).await.expect(403);
        assert_eq!(answer.problem().0, "insufficient-scope", "{call:?}");
    }
    let registered = scene.world.lms("lms").await;
    for asked in SCOPES {
        let answer = scene.world.request_token(&scene.world.assertion(&registered).sign(), asked).await;
        assert_eq!(answer.refusal(), "invalid_scope", "{asked}");
    }
    scene.is_unchanged().await;
}

#[tokio::test]
async fn an_lms_that_is_disabled_is_refused_with_the_token_it_has_ags_32() {
    let desk = Desk::new().await;
    let lms = desk.world.lms("lms").await;
    desk.world
        .register(&lms, |lms| {
            lms.role = ags_shared::domain::Role::Lms;
            lms.scopes = lms.role.scopes();
            lms.enabled = false;
        })
        .await;
    for call in &PLATFORM_CALLS {
        check_unauthenticated(&desk.call(call).await, &format!("{call:?}"));
    }
}

#[tokio::test]
async fn an_lms_that_may_only_read_by_now_changes_nothing_with_the_token_it_has_ags_32() {
    let desk = Desk::new().await;
    let lms = desk.world.lms("lms").await;
    desk.world
        .register(&lms, |lms| {
            lms.role = ags_shared::domain::Role::Lms;
            lms.scopes = ScopeSet::from_iter([Scope::PlatformReadOnly]);
        })
        .await;
    for call in PLATFORM_CALLS.iter().filter(|call| call.writes()) {
        check_insufficient(&desk.call(call).await, &desk.world.base, call);
    }
}

/// With the token that it has, on each of its routes; and what is given back is there again.
#[tokio::test]
async fn what_an_lms_takes_from_a_tool_is_gone_from_its_next_request_on_ags_32_36() {
    let scene = Scene::new().await;
    let (world, lms) = (&scene.world, scene.world.lms_token().await);
    let (course, tool) = (world.platform_url("contexts/A"), world.platform_url("tools/tool"));
    let place = format!("{course}/tools/tool");
    world.put(&course, &lms, &json!({ "title": "A" })).await.expect(200);
    let scopes = json!({ "scopes": SCOPES });
    for ((method, url, taken), status, (again, given)) in [
        (
            (Method::PATCH, &tool, json!({ "enabled": false })),
            401,
            (Method::PATCH, json!({ "enabled": true })),
        ),
        ((Method::PATCH, &tool, json!({ "scopes": [] })), 403, (Method::PATCH, scopes)),
        ((Method::DELETE, &place, json!(null)), 404, (Method::PUT, json!({ "deployment": "1" }))),
    ] {
        let answer = world.call(method, url, &lms, &taken).await;
        assert!([200, 204].contains(&answer.status), "{answer:?}");
        for call in &CALLS {
            assert_eq!(scene.call(call, &scene.token).await.status, status, "{taken}: {call:?}");
        }
        world.call(again, url, &lms, &given).await.expect(200);
        scene.is_unchanged().await;
    }
}
