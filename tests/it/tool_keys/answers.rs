//! What counts as an answer of a tool's host, and what a tool without keys is told.

use ags_tests::{Authority, Names, Reply, SCORE, ToolHost, World, http_reply};
use serde_json::json;

use super::{NAME, Scene, ask, check, on_a_laptop};

/// More than the 64 KiB that are read.
const LARGE: usize = 70_000;

/// A set as large as it may be, but for so many bytes.
fn padded(jwks: &str, size: usize) -> String {
    format!("{jwks}{}", " ".repeat(size - jwks.len()))
}

#[tokio::test]
async fn only_a_key_set_with_status_200_counts_ags_144() {
    let scene = Scene::new().await;
    let jwks = scene.tool.key.jwks();
    let json = ("Content-Type", "application/json");
    let elsewhere = ("Location", "/other");
    let odd = jwks.replace(r#"{"keys":["#, r#"{"keys":[null,{"kty":"EC","crv":"P-521","x":1},{},"#);
    for (what, reply, accepted) in [
        ("the set", http_reply("200 OK", &[json], &jwks), true),
        ("of any type", http_reply("200 OK", &[("Content-Type", "text/plain")], &jwks), true),
        ("with odd keys", http_reply("200 OK", &[json], &odd), true),
        ("not compressed", http_reply("200 OK", &[("Content-Encoding", "identity")], &jwks), true),
        ("said to be compressed", http_reply("200 OK", &[("Content-Encoding", "gzip")], &jwks), false),
        ("of the full size", http_reply("200 OK", &[json], padded(&jwks, 65_536)), true),
        ("one byte larger", http_reply("200 OK", &[json], padded(&jwks, 65_537)), false),
        ("partial", http_reply("206 Partial Content", &[json], &jwks), false),
        ("accepted", http_reply("202 Accepted", &[json], &jwks), false),
        ("not found", http_reply("404 Not Found", &[json], &jwks), false),
        ("refused", http_reply("403 Forbidden", &[json], &jwks), false),
        ("moved", http_reply("301 Moved Permanently", &[elsewhere], &jwks), false),
        ("found", http_reply("302 Found", &[elsewhere], &jwks), false),
        ("kept moved", http_reply("308 Permanent Redirect", &[elsewhere], &jwks), false),
        ("not modified", http_reply("304 Not Modified", &[], ""), false),
        ("no key", http_reply("200 OK", &[json], r#"{"keys":[]}"#), false),
        ("one key and no set", http_reply("200 OK", &[json], json!({ "kty": "RSA" }).to_string()), false),
        ("a page", http_reply("200 OK", &[json], "<!doctype html><title>Welcome</title>"), false),
        ("no text", http_reply("200 OK", &[json], [0xff, 0xfe, 0]), false),
        ("nothing", http_reply("200 OK", &[json], ""), false),
        ("broken off", b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{\"keys\":".to_vec(), false),
        ("no HTTP", b"220 tool.example ESMTP\r\n".to_vec(), false),
        ("no answer", Vec::new(), false),
    ] {
        scene.host.replies(Reply::Bytes(reply));
        // Longer than a set is kept without its host.
        scene.world.clock.advance(48 * 3_600);
        let before = scene.host.requests().len();
        assert_eq!(scene.asks(accepted, what).await, before + 1, "{what}: one request and no other");
    }
}

#[tokio::test]
async fn a_host_that_speaks_http_2_is_understood() {
    let authority = Authority::default();
    let host = ToolHost::http2(&authority, NAME).await;
    let fetcher = Names::answering(&[&["127.0.0.1"]]).fetcher(on_a_laptop(), authority.trust());
    let world = World::fetching(fetcher).await;
    let url = format!("https://{NAME}:{}/jwks", host.port());
    let tool = world.tool_at("tool", &url).await;
    for round in 1..=2 {
        host.publishes(&tool.key.jwks(), &[]);
        check(&ask(&world, &tool).await, true, "HTTP/2");
        assert_eq!(host.requests(), vec![format!("GET {url}"); round]);
        world.clock.advance(3_600);
    }
}

/// What a host says of its reasons is text of its own, as long as it likes.
#[tokio::test]
async fn of_the_reasons_of_a_host_no_more_than_a_line_reaches_the_log() {
    let authority = Authority::default();
    let host = ToolHost::http2(&authority, NAME).await;
    host.replies(Reply::GoAway("no! ".repeat(2_000)));
    let fetcher = Names::answering(&[&["127.0.0.1"]]).fetcher(on_a_laptop(), authority.trust());
    let url = format!("https://{NAME}:{}/jwks", host.port()).parse().unwrap();
    let said = fetcher.fetch(&url).await.unwrap_err().to_string();
    assert!(said.starts_with("no answer: ") && said.len() < 600, "{} bytes", said.len());
}

#[tokio::test]
async fn a_body_without_end_is_given_up() {
    let scene = Scene::new().await;
    let jwks = padded(&scene.tool.key.jwks(), LARGE);
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    scene.host.replies(Reply::Endless(format!("{head}{jwks}").into_bytes()));
    assert_eq!(scene.asks(false, "endless").await, 1);
}

#[tokio::test]
async fn a_host_that_hangs_or_drips_is_given_up_and_the_tool_is_told_as_of_any_failure() {
    let reply = |scene: &Scene| http_reply("200 OK", &[], scene.tool.key.jwks());
    let (hanging, dripping) = (Scene::new().await, Scene::new().await);
    hanging.host.replies(Reply::Held(reply(&hanging)));
    dripping.host.replies(Reply::Drip(reply(&dripping)));
    let (first, second) = tokio::join!(hanging.asks(false, "hangs"), dripping.asks(false, "drips"));
    assert_eq!((first, second), (1, 1));
}

/// Whose name it is not, and who vouches for it not.
#[tokio::test]
async fn a_certificate_for_another_name_or_of_an_unknown_authority_is_refused_ags_144() {
    let (trusted, unknown) = (Authority::default(), Authority::default());
    for (authority, name, accepted) in [
        (&trusted, NAME, true),
        (&trusted, "other.example", false),
        (&trusted, "sub.tool.example", false),
        (&unknown, NAME, false),
    ] {
        let host = ToolHost::https(authority, name).await;
        let fetcher = Names::answering(&[&["127.0.0.1"]]).fetcher(on_a_laptop(), trusted.trust());
        let world = World::fetching(fetcher).await;
        let tool = world.tool_at("tool", &format!("https://{NAME}:{}/jwks", host.port())).await;
        host.publishes(&tool.key.jwks(), &[]);
        check(&ask(&world, &tool).await, accepted, name);
        assert_eq!(host.requests().len(), usize::from(accepted), "{name}");
    }
}

#[tokio::test]
async fn a_host_without_tls_behind_an_https_address_is_refused_ags_144() {
    let authority = Authority::default();
    let host = ToolHost::http().await;
    let fetcher = Names::answering(&[&["127.0.0.1"]]).fetcher(on_a_laptop(), authority.trust());
    let world = World::fetching(fetcher).await;
    let tool = world.tool_at("tool", &format!("https://{NAME}:{}/jwks", host.port())).await;
    host.publishes(&tool.key.jwks(), &[]);
    // Its first bytes are no request, so the host waits for more; who asks has to give up.
    check(&ask(&world, &tool).await, false, "no TLS");
    assert_eq!(host.requests().len(), 0);
}

#[tokio::test]
async fn a_tool_whose_keys_cannot_be_had_is_told_what_an_unknown_client_is_told_ags_154() {
    let scene = Scene::new().await;
    let nobody = scene.world.assertion(&scene.tool).claim("iss", "nobody").claim("sub", "nobody");
    let expected = scene.world.request_token(&nobody.sign(), SCORE).await;
    let same = |answer: &ags_tests::Answer, what: &str| {
        assert_eq!((answer.status, &answer.text), (expected.status, &expected.text), "{what}");
        let names = |answer: &ags_tests::Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(answer), names(&expected), "{what}");
    };
    same(&scene.ask().await, "404");
    same(&scene.ask().await, "within the cool-down");
    scene.host.publishes(&scene.tool.key.jwks(), &[]);
    scene.world.clock.advance(30);
    same(&scene.ask_under("other").await, "no such key");
    let other = scene.world.tool("other").await.key;
    let forged = scene.world.assertion(&scene.tool).key(other.private);
    same(&scene.world.request_token(&forged.sign(), SCORE).await, "a wrong signature");
    for url in ["https://10.0.0.1/jwks", "https://tool.example:25/jwks", "http://tool.example/jwks"] {
        let tool = scene.world.tool_at("tool", url).await;
        same(&ask(&scene.world, &tool).await, url);
    }
    let broken = "no set".to_owned();
    scene.world.register(&scene.tool, |tool| tool.keys = ags_shared::domain::PublicKeys::Set(broken)).await;
    same(&scene.ask().await, "a registered set that is none");
}
