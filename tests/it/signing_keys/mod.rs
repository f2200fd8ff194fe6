//! Our own signing keys: which one signs, who believes it, and until when (AGS 145).

mod first;
mod kms;
mod operator;
mod reading;
mod revocation;
mod rotation;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use ags_shared::auth::{KeyRing, LocalSigner};
use ags_shared::domain::PublicHalf;
use ags_shared::http::app;
use ags_shared::services::Services;
use ags_tests::{
    Answer, Course, LINEITEM, Platform, RESULT_READONLY, SCORE, TestClock, Tool, World, jwt, token_form,
};
use ags_token::Issuer;
use agsctl::dev;
use agsctl::keys::new_signing_key;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A tool in a context, in a world whose signing key stands in a file.
struct Scene {
    world: World,
    file: KeyFile,
    tool: Tool,
    course: Course,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let file = KeyFile::new(&world.signing_key);
        let tool = world.tool("tool").await;
        let course = world.place(&tool, "A").await;
        Self { world, file, tool, course }
    }
}

/// A process of the service, with a cache of its own.
struct Instance {
    http: reqwest::Client,
    /// Where it listens, which is not what the service is called.
    address: String,
    issuer: String,
    clock: Arc<TestClock>,
}

impl Instance {
    async fn start(platform: &Platform, clock: &Arc<TestClock>, signer: LocalSigner) -> Self {
        let services = Services::with_clock(&platform.config, clock.clone());
        let issuer = Issuer { services, signer: Arc::new(signer), ..platform.issuer() };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let routes = app(dev::all_routes(issuer), &platform.config.links);
        tokio::spawn(axum::serve(listener, routes).into_future());
        let issuer = platform.config.links.issuer().to_owned();
        Self { http: ags_tests::http(), address, issuer, clock: clock.clone() }
    }

    fn here(&self, url: &str) -> String {
        url.replacen(&self.issuer, &self.address, 1)
    }

    async fn try_token(&self, tool: &Tool) -> Answer {
        let url = format!("{}/token", self.issuer);
        let assertion = tool.assertion(&url, self.clock.seconds()).sign();
        let scopes = [LINEITEM, SCORE, RESULT_READONLY].join(" ");
        Answer::fetch(self.http.post(self.here(&url)).form(&token_form(&assertion, &scopes))).await
    }

    async fn token(&self, tool: &Tool) -> String {
        let answer = self.try_token(tool).await.expect(200);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    async fn get(&self, url: &str, token: &str) -> Answer {
        Answer::fetch(self.http.get(self.here(url)).bearer_auth(token)).await
    }

    async fn post_score(&self, item: &str, token: &str, score: &Value) -> Answer {
        let url = self.here(&format!("{item}/scores"));
        Answer::fetch(self.http.post(url).bearer_auth(token).json(score)).await
    }

    /// The names of the published keys.
    async fn published(&self) -> Vec<String> {
        let url = format!("{}/.well-known/jwks.json", self.address);
        let answer = Answer::fetch(self.http.get(url)).await.expect(200);
        let keys = answer.json()["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }
}

/// The name of the key that signed a token.
fn kid(token: &str) -> String {
    jwt::parts(token).0["kid"].as_str().unwrap().to_owned()
}

/// Keys in a file, which processes read.
struct KeyFile {
    dir: TempDir,
}

impl KeyFile {
    fn new(pem: &str) -> Self {
        let file = Self { dir: tempfile::tempdir().unwrap() };
        std::fs::write(file.path(), pem).unwrap();
        file
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("keys.pem")
    }

    fn signer(&self) -> LocalSigner {
        LocalSigner::open(self.path()).unwrap()
    }

    /// Adds a new key; its public half.
    fn add(&self) -> PublicHalf {
        let new = new_signing_key().unwrap();
        let pem = std::fs::read_to_string(self.path()).unwrap();
        std::fs::write(self.path(), pem + &new).unwrap();
        LocalSigner::from_pem(new.as_bytes()).unwrap().public_half().clone()
    }
}

/// The ring as it is in the table.
async fn ring(platform: &Platform) -> KeyRing {
    KeyRing::new(platform.services.store.signing_key_list().await.unwrap())
}

/// Publishes `key` as a rotation does; from when on it signs.
async fn rotate(world: &World, key: PublicHalf) -> i64 {
    let next = ring(world).await.join(key, world.clock.seconds());
    assert!(world.services.store.signing_key_add(&next).await.unwrap());
    next.signs_from
}

/// Publishes `key`, which signs at once.
async fn rotate_now(world: &World, key: PublicHalf) {
    let next = ring(world).await.join_at_once(key, world.clock.seconds());
    assert!(world.services.store.signing_key_add(&next).await.unwrap());
    world.clock.advance(1);
}

async fn revoke(world: &World, kid: &str) {
    assert!(world.services.store.signing_key_revoke(kid, world.services.now()).await.unwrap());
}
