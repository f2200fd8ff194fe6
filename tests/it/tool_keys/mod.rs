//! Tools that publish their keys at an address (AGS 144): when it is asked, what counts as an answer, and what is never
//! asked.

mod answers;
mod caching;
mod reach;
mod turns;

use ags_shared::config::KeyFetchConfig;
use ags_tests::{Answer, Authority, Names, SCORE, Tool, ToolHost, Wire, World};

/// The name of the tool's host, which its certificate has.
const NAME: &str = "tool.example";

/// As `agsctl dev` has it: hosts on this machine are allowed.
fn on_a_laptop() -> KeyFetchConfig {
    KeyFetchConfig { allow_loopback: true, ..KeyFetchConfig::default() }
}

/// A tool registered by the address of its host, which has published nothing yet.
struct Scene {
    world: World,
    host: ToolHost,
    tool: Tool,
}

impl Scene {
    /// The host has TLS, as in the world outside.
    async fn new() -> Self {
        let authority = Authority::default();
        let host = ToolHost::https(&authority, NAME).await;
        let fetcher = Names::answering(&[&["127.0.0.1"]]).fetcher(on_a_laptop(), authority.trust());
        let world = World::fetching(fetcher).await;
        let tool = world.tool_at("tool", &format!("https://{NAME}:{}/jwks", host.port())).await;
        Self { world, host, tool }
    }

    /// As [`new`](Self::new), and the tool's set is published with these headers.
    async fn published(headers: &[(&str, &str)]) -> Self {
        let scene = Self::new().await;
        scene.host.publishes(&scene.tool.key.jwks(), headers);
        scene
    }

    async fn behind_a_wire() -> (Self, Wire) {
        let authority = Authority::default();
        let host = ToolHost::https(&authority, NAME).await;
        let fetcher = Names::answering(&[&["127.0.0.1"]]).fetcher(on_a_laptop(), authority.trust());
        let (world, wire) = World::fetching_behind_a_wire(fetcher).await;
        let tool = world.tool_at("tool", &format!("https://{NAME}:{}/jwks", host.port())).await;
        host.publishes(&tool.key.jwks(), &[]);
        (Self { world, host, tool }, wire)
    }

    /// Asks for a token with the tool's key.
    async fn ask(&self) -> Answer {
        ask(&self.world, &self.tool).await
    }

    /// Asks for a token with the tool's key under another name.
    async fn ask_under(&self, kid: &str) -> Answer {
        let assertion = self.world.assertion(&self.tool).header(|header| header.kid = Some(kid.to_owned()));
        self.world.request_token(&assertion.sign(), SCORE).await
    }

    /// Asks, and checks whether the tool is known by its key; how often its host has been asked since the beginning.
    async fn asks(&self, accepted: bool, what: &str) -> usize {
        check(&self.ask().await, accepted, what);
        self.host.requests().len()
    }

    /// The row of what was fetched.
    async fn row(&self) -> std::collections::HashMap<String, String> {
        let rows = self.world.raw_items("TOOL#tool").await;
        let text = |name: &str, value: &aws_sdk_dynamodb::types::AttributeValue| {
            (name.to_owned(), value.as_s().or_else(|_| value.as_n()).cloned().unwrap_or_default())
        };
        let row = rows.iter().find(|row| row["sk"].as_s().is_ok_and(|sk| sk == "KEYS"));
        row.into_iter().flatten().map(|(name, value)| text(name, value)).collect()
    }
}

async fn ask(world: &World, tool: &Tool) -> Answer {
    world.request_token(&world.assertion(tool).sign(), SCORE).await
}

#[track_caller]
fn check(answer: &Answer, accepted: bool, what: &str) {
    if accepted {
        assert_eq!(answer.status, 200, "{what}: {}", answer.text);
    } else {
        assert_eq!(answer.refusal(), "invalid_client", "{what}");
    }
}
