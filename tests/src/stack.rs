//! The service as it runs in the cloud: each function in a process of its own, behind a gateway, over one table.

use std::ops::Deref;
use std::sync::Arc;

use ags_shared::clock::SystemClock;
use agsctl::keys::write_private;
use tempfile::TempDir;

use crate::process::Environment;
use crate::{Event, Function, Platform, Table, Tool, Wire};

/// Nobody listens there: whatever the functions make of it is text.
const BASE: &str = "https://ags.example.edu";

/// A table, and what a function needs to know of it. Functions read the clock of the machine.
pub struct Stack {
    /// The table, whose members and methods are the stack's too.
    pub platform: Platform,
    keys: TempDir,
}

impl Deref for Stack {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}

impl Stack {
    /// A stack with an empty table, in which no function runs yet.
    pub async fn new() -> Self {
        Self::over(Table::new().await).with_key().await
    }

    /// As [`new`](Self::new), before any signing key is published.
    pub async fn without_key() -> Self {
        Self::over(Table::new().await)
    }

    /// As [`new`](Self::new), and a wire to the table for the functions that are started through it.
    pub async fn beside_a_wire() -> (Self, Wire) {
        let table = Table::for_a_wire().await;
        let wire = Wire::to(&table).await;
        (Self::over(table).with_key().await, wire)
    }

    fn over(table: Table) -> Self {
        let store = table.config().clone();
        let platform = Platform::over(BASE, Arc::new(SystemClock), table, store);
        let keys = TempDir::new().expect("a directory");
        let file = keys.path().join("signing-key.pem");
        write_private(&file, platform.signing_key.as_bytes()).expect("a file");
        Self { platform, keys }
    }

    async fn with_key(self) -> Self {
        Self { platform: self.platform.with_key().await, ..self }
    }

    /// The variables that the function `name` needs, and no others.
    pub fn environment(&self, name: &str) -> Environment {
        let store = self.table.config().clone();
        let credentials = store.credentials;
        let mut environment = Environment::from([
            ("AGS_BASE_URL".to_owned(), BASE.to_owned()),
            ("AGS_TABLE".to_owned(), store.table),
            ("AWS_REGION".to_owned(), store.region),
            ("AWS_ACCESS_KEY_ID".to_owned(), credentials.access_key_id),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), credentials.secret_access_key),
        ]);
        let optional =
            [("AWS_SESSION_TOKEN", credentials.session_token), ("AWS_ENDPOINT_URL_DYNAMODB", store.endpoint)];
        for (name, value) in optional {
            environment.extend(value.map(|value| (name.to_owned(), value)));
        }
        // Started by a timer, it gives out no address.
        if name == "purge" {
            environment.remove("AGS_BASE_URL");
        }
        if name == "token" {
            let file = self.keys.path().join("signing-key.pem");
            environment.insert("AGS_SIGNING_KEY_FILE".to_owned(), file.display().to_string());
        }
        environment
    }

    /// Starts the function `name`.
    pub async fn start(&self, name: &str) -> Function {
        Function::start(name, &self.environment(name)).await
    }

    /// Starts the function `name` with another way to the table.
    pub async fn start_through(&self, name: &str, endpoint: &str) -> Function {
        let mut environment = self.environment(name);
        environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), endpoint.to_owned());
        Function::start(name, &environment).await
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        self.services.links.token()
    }

    /// A token of `tool` with these scopes, from the token function.
    pub async fn token(&self, function: &mut Function, tool: &Tool, scopes: &[&str]) -> String {
        let url = self.token_url();
        let assertion = tool.assertion(&url, self.services.now().unix_seconds()).sign();
        let event = Event::token(&url, &assertion, &scopes.join(" "));
        let answer = function.answer(&event).await.expect(200);
        answer.json()["access_token"].as_str().expect("a token").to_owned()
    }
}
