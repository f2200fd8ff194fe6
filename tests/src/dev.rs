//! `agsctl dev`, as somebody runs it on a laptop.

use std::path::Path;

use ags_shared::clock::{Clock, SystemClock};
use agsctl::keys::ToolKey;
use serde_json::Value;

use crate::process::{Ended, Environment, Process, patiently};
use crate::tool::token_form;
use crate::{Answer, Tool};

/// A running `agsctl dev`, killed when dropped.
pub struct Dev {
    process: Process,
    /// What it printed until it was ready.
    pub printed: String,
    /// What it wrote into `demo.json`.
    pub demo: Value,
    /// Sends requests.
    pub http: reqwest::Client,
}

impl Dev {
    /// Runs it on `port` over the directory `dir`, without waiting for anything.
    pub fn run(dir: &Path, port: u16) -> Process {
        Self::run_with(dir, port, &[], &[])
    }

    fn run_with(dir: &Path, port: u16, options: &[&str], variables: &[(&str, &str)]) -> Process {
        let kept = |name: &str| std::env::vars().find(|(variable, _)| variable == name);
        let mut environment: Environment = ["PATH", "HOME"].into_iter().filter_map(kept).collect();
        environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let dir = dir.to_str().expect("a path in UTF-8");
        let port = port.to_string();
        let arguments = [&["dev", "--port", &port, "--dir", dir], options].concat();
        Process::start("agsctl", &arguments, &environment)
    }

    /// Runs it on a free port over the directory `dir`, and waits until it has told how to stop it.
    pub async fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[], &[]).await
    }

    /// As [`start`](Self::start), with more options, and more variables in the environment.
    pub async fn start_with(dir: &Path, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut process = Self::run_with(dir, 0, options, variables);
        let printed = patiently("the introduction of agsctl dev", process.printed("Ctrl-C")).await;
        let demo = std::fs::read(dir.join("demo.json")).expect("demo.json");
        let demo = serde_json::from_slice(&demo).expect("JSON");
        Self { process, printed, demo, http: crate::http() }
    }

    /// A text of `demo.json`.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> &str {
        let text = self.demo.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("{pointer} is not a text in {}", self.demo))
    }

    /// The tool under `name` in `demo.json`.
    pub fn tool(&self, name: &str) -> Tool {
        let file = self.text(&format!("/{name}/private_key_pem_file"));
        let key = ToolKey::from_pem(&std::fs::read(file).expect("a key file")).expect("an RSA key");
        assert_eq!(key.kid, self.text(&format!("/{name}/kid")));
        Tool { client_id: self.text(&format!("/{name}/client_id")).to_owned(), key }
    }

    /// A token of the tool under `name`.
    pub async fn token(&self, name: &str, scopes: &[&str]) -> String {
        let url = self.text("/token_url");
        let assertion = self.tool(name).assertion(url, SystemClock.now().unix_seconds()).sign();
        let request = self.http.post(url).form(&token_form(&assertion, &scopes.join(" ")));
        let answer = Answer::fetch(request).await.expect(200);
        answer.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// GET with a token.
    pub async fn get(&self, url: &str, token: &str) -> Answer {
        Answer::fetch(self.http.get(url).bearer_auth(token)).await
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        self.process.kill().await;
    }

    /// Sends a signal and waits for the end.
    pub async fn end(self, signal: &str) -> Ended {
        self.process.signal(signal).await;
        self.process.ended().await
    }
}
