//! How long a set that was fetched is used (AGS 144).

use ags_shared::domain::{JwksUrl, PublicKeys};
use ags_tests::{Reply, ToolHost, http_reply};
use serde_json::{Value, json};

use super::{NAME, Scene, check};

const HOUR: i64 = 3_600;

#[tokio::test]
async fn a_set_is_fetched_when_it_is_needed_first_and_then_kept_ags_144() {
    let scene = Scene::published(&[]).await;
    assert_eq!(scene.host.requests().len(), 0, "before it is needed");
    for round in 0..3 {
        assert_eq!(scene.asks(true, &format!("round {round}")).await, 1);
    }
    let request = scene.host.requests().remove(0);
    assert!(request.starts_with("GET /jwks HTTP/1.1\r\n"), "{request}");
    let has = |line: &str| request.to_ascii_lowercase().lines().any(|field| field == line);
    assert!(has("accept: application/json, application/jwk-set+json"), "{request}");
    assert!(has(&format!("host: tool.example:{}", scene.host.port())), "{request}");
    assert!(!request.to_ascii_lowercase().contains("accept-encoding"), "{request}");
}

#[tokio::test]
async fn a_set_is_fetched_again_when_its_time_is_up_and_not_before_ags_144() {
    for (headers, lifetime) in [
        (&[][..], HOUR),
        (&[("Cache-Control", "public, max-age=1000")], 1_000),
        (&[("Cache-Control", "max-age=1000"), ("Age", "300")], 700),
        (&[("Cache-Control", "max-age=1")], 300),
        (&[("Cache-Control", "no-store")], 300),
        (&[("Cache-Control", "no-cache, max-age=1000")], 300),
        (&[("Cache-Control", "max-age=604800")], 24 * HOUR),
    ] {
        let scene = Scene::published(headers).await;
        assert_eq!(scene.asks(true, "first").await, 1, "{headers:?}");
        scene.world.clock.advance(lifetime - 1);
        assert_eq!(scene.asks(true, "fresh").await, 1, "{headers:?}");
        scene.world.clock.advance(1);
        assert_eq!(scene.asks(true, "not fresh any more").await, 2, "{headers:?}");
        assert_eq!(scene.asks(true, "fresh again").await, 2, "{headers:?}");
    }
}

/// The tool puts its next key beside the old one, signs with it, and takes the old one away.
#[tokio::test]
async fn a_tools_own_key_rotation_is_picked_up_by_one_fetch_ags_144() {
    let scene = Scene::published(&[]).await;
    assert_eq!(scene.asks(true, "the first key").await, 1);
    scene.world.clock.advance(100);
    let next = scene.world.tool("next").await.key;
    scene.host.publishes(&next.jwks(), &[]);
    assert_eq!(scene.asks(true, "the old key, as nobody knows better").await, 1);
    let by_the_next = scene.world.assertion(&scene.tool).key(next.private.clone());
    let by_the_next = by_the_next.header(|header| header.kid = Some(next.kid.clone()));
    let mut another = by_the_next.sign();
    for round in 0..2 {
        check(&scene.world.request_token(&another, super::SCORE).await, true, &format!("round {round}"));
        assert_eq!(scene.host.requests().len(), 2, "one fetch brings the next key");
        let assertion = scene.world.assertion(&scene.tool).key(next.private.clone());
        another = assertion.header(|header| header.kid = Some(next.kid.clone())).sign();
    }
    assert_eq!(scene.asks(false, "the old key, which is withdrawn").await, 2, "no fetch so soon again");
}

#[tokio::test]
async fn a_set_stays_in_use_for_a_day_while_its_host_is_down_ags_144() {
    let scene = Scene::published(&[]).await;
    assert_eq!(scene.asks(true, "first").await, 1);
    scene.host.fails();
    scene.world.clock.advance(HOUR);
    assert_eq!(scene.asks(true, "stale").await, 2);
    assert_eq!(scene.asks(true, "stale, within the cool-down").await, 2);
    scene.world.clock.advance(24 * HOUR - 1);
    assert_eq!(scene.asks(true, "the last second").await, 3);
    scene.world.clock.advance(1);
    assert_eq!(scene.asks(false, "too old, within the cool-down").await, 3);
    scene.world.clock.advance(30);
    assert_eq!(scene.asks(false, "too old").await, 4);
    scene.world.clock.advance(30);
    scene.host.publishes(&scene.tool.key.jwks(), &[]);
    assert_eq!(scene.asks(true, "the host is back").await, 5);
    assert_eq!(scene.asks(true, "and its set is fresh").await, 5);
}

#[tokio::test]
async fn an_answer_that_is_no_key_set_does_not_replace_the_set_ags_144() {
    let scene = Scene::published(&[]).await;
    assert_eq!(scene.asks(true, "first").await, 1);
    for (round, body) in ["", "<html>", "{}"].into_iter().enumerate() {
        scene.host.publishes(body, &[]);
        scene.world.clock.advance(HOUR);
        assert_eq!(scene.asks(true, body).await, round + 2);
    }
}

/// Unlike a host that is down, one that publishes an empty set has said something.
#[tokio::test]
async fn a_tool_withdraws_its_keys_by_publishing_none_ags_144() {
    let scene = Scene::published(&[]).await;
    assert_eq!(scene.asks(true, "first").await, 1);
    for (round, body) in [r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#].into_iter().enumerate()
    {
        scene.host.publishes(body, &[]);
        scene.world.clock.advance(HOUR);
        assert_eq!(scene.asks(false, body).await, 2 * round + 2);
        scene.host.publishes(&scene.tool.key.jwks(), &[]);
        scene.world.clock.advance(30);
        assert_eq!(scene.asks(true, "published again").await, 2 * round + 3);
    }
}

#[tokio::test]
async fn the_host_of_a_disabled_tool_is_not_asked_ags_32() {
    let scene = Scene::published(&[]).await;
    let url: JwksUrl = format!("https://{NAME}:{}/jwks", scene.host.port()).parse().unwrap();
    for (enabled, requests) in [(false, 0), (true, 1)] {
        let keys = PublicKeys::Url(url.clone());
        scene.world.register(&scene.tool, |tool| (tool.keys, tool.enabled) = (keys, enabled)).await;
        assert_eq!(scene.asks(enabled, "disabled or not").await, requests);
    }
}

#[tokio::test]
async fn a_host_that_is_down_is_not_missed_while_the_set_is_fresh_ags_144() {
    let Scene { world, host, tool } = Scene::published(&[]).await;
    super::ask(&world, &tool).await.expect(200);
    drop(host);
    world.clock.advance(HOUR - 1);
    super::ask(&world, &tool).await.expect(200);
    world.clock.advance(1);
    super::ask(&world, &tool).await.expect(200);
}

#[tokio::test]
async fn another_address_in_the_registration_makes_the_set_void_at_once_ags_144() {
    let scene = Scene::published(&[]).await;
    assert_eq!(scene.asks(true, "first").await, 1);
    let other = ToolHost::http().await;
    let moved = |url: String| PublicKeys::Url(url.parse().unwrap());
    let url = format!("http://127.0.0.1:{}/keys", other.port());
    scene.world.register(&scene.tool, |tool| tool.keys = moved(url.clone())).await;
    assert_eq!(scene.asks(false, "nothing is published there").await, 1);
    assert_eq!(other.requests().len(), 1);
    assert_eq!(scene.row().await.get("jwks"), None);
    other.publishes(&scene.tool.key.jwks(), &[]);
    scene.world.clock.advance(30);
    assert_eq!(scene.asks(true, "published").await, 1);
    assert_eq!((other.requests().len(), scene.row().await["url"].as_str()), (2, url.as_str()));
    // A set that was registered leaves no question.
    let jwks = scene.tool.key.jwks();
    scene.world.register(&scene.tool, |tool| tool.keys = PublicKeys::Set(jwks)).await;
    assert_eq!(scene.asks(true, "registered").await, 1);
    assert_eq!(other.requests().len(), 2);
}

#[tokio::test]
async fn a_fetch_that_comes_too_late_for_its_address_changes_nothing() {
    let scene = Scene::new().await;
    scene.host.replies(Reply::Held(http_reply("200 OK", &[], scene.tool.key.jwks())));
    let other = ToolHost::http().await;
    let late = async {
        scene.host.asked(1).await;
        let url = format!("http://127.0.0.1:{}/keys", other.port()).parse().unwrap();
        scene.world.register(&scene.tool, |tool| tool.keys = PublicKeys::Url(url)).await;
        check(&scene.ask().await, false, "nothing is published there");
        scene.host.release();
    };
    let (answer, ()) = tokio::join!(scene.ask(), late);
    check(&answer, false, "the set of the old address");
    assert_eq!(scene.row().await.get("jwks"), None);
}

#[tokio::test]
async fn of_a_set_only_usable_keys_are_kept_and_of_these_only_what_is_needed() {
    let scene = Scene::new().await;
    let published = scene.tool.jwks_with(|key| {
        key["x5c"] = json!(["A".repeat(10_000)]);
        key["d"] = json!("c2VjcmV0");
    });
    let odd = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "odd" });
    let mut set: Value = serde_json::from_str(&published).unwrap();
    set["keys"].as_array_mut().unwrap().insert(0, odd);
    set["keys"].as_array_mut().unwrap().insert(0, json!("no key"));
    scene.host.publishes(&set.to_string(), &[]);
    scene.ask().await.expect(200);
    let row = scene.row().await;
    let kept: Value = serde_json::from_str(&row["jwks"]).unwrap();
    let expected: Value = serde_json::from_str(&scene.tool.key.jwks()).unwrap();
    assert_eq!(kept, expected);
    let mut names: Vec<_> = row.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["attempted_at", "fresh_until", "jwks", "pk", "sk", "url"]);
}
