//! Attacks, one sentence each: what somebody without a credential, or with the wrong one, tries, and the rule that stops
//! it. An attack is refused in the right words, changes nothing, and leaves the genuine request as good as before.
//!
//! Elsewhere stands what each claim must be (`api/assertion_claims`), which key fits (`api/assertion_keys`), what a form has
//! (`api/token`), what a token opens and when it stops doing so (`authz`, `deployments`), what a tool sees of others
//! (`isolation`), a table in trouble (`store_faults`, `late_answers`), and input that is only odd (`hostile`).

mod algorithms;
mod audit;
mod bearer;
mod claims;
mod clients;
mod encoding;
mod forged_ids;
mod forms;
mod keys;
mod limits;
mod replay;
mod signatures;

use ags_shared::domain::PublicKeys;
use ags_tests::{Assertion, EcKey, SCORE, Tool, World};
use jsonwebtoken::Algorithm;

/// A tool that the attacker would like to be.
struct Victim {
    world: World,
    tool: Tool,
    /// The key it signs with instead of its RSA key.
    ec_key: Option<(EcKey, Algorithm)>,
}

impl Victim {
    async fn new() -> Self {
        let world = World::new().await;
        let tool = world.tool("tool").await;
        Self { world, tool, ec_key: None }
    }

    /// One that has an EC key, under the name `ec`.
    async fn with_ec_key(algorithm: Algorithm) -> Self {
        let victim = Self::new().await;
        let key = EcKey::new(algorithm);
        victim.register_keys(&key.jwks).await;
        Self { ec_key: Some((key, algorithm)), ..victim }
    }

    async fn register_keys(&self, jwks: &str) {
        let keys = PublicKeys::Set(jwks.to_owned());
        self.world.register(&self.tool, |tool| tool.keys = keys).await;
    }

    /// The tool's next assertion. The attacker's have its `jti`, too.
    fn assertion(&self) -> Assertion {
        let assertion = self.world.assertion(&self.tool).claim("jti", "next");
        let Some((key, algorithm)) = &self.ec_key else { return assertion };
        assertion.key(key.private.clone()).header(|header| {
            header.alg = *algorithm;
            header.kid = Some("ec".to_owned());
        })
    }

    /// Refuses each forgery with `code`; then nothing has been written, and the tool's own assertion is good.
    async fn withstands(&self, code: &str, forgeries: impl IntoIterator<Item = String>) {
        let before = self.world.all_items().await;
        for (index, forgery) in forgeries.into_iter().enumerate() {
            self.refuses(&forgery, code, &format!("forgery {index}")).await;
        }
        assert_eq!(self.world.all_items().await, before);
        self.get_in(&self.assertion().sign()).await;
    }

    async fn refuses(&self, assertion: &str, code: &str, what: &str) {
        let answer = self.world.request_token(assertion, SCORE).await;
        assert_eq!(answer.refusal(), code, "{what}: {assertion}");
    }

    async fn get_in(&self, assertion: &str) {
        self.world.request_token(assertion, SCORE).await.expect(200);
    }
}

/// The assertion's three parts.
fn split(assertion: &str) -> [&str; 3] {
    let mut parts = assertion.split('.');
    [(); 3].map(|()| parts.next().unwrap())
}
