//! A server that speaks the protocol of KMS: moto, which `make` installs.

use std::path::Path;

use ags_kms::Kms;
use ags_shared::config::{AwsCredentials, KmsConfig};

use crate::process::{Environment, Process, patiently};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.tools/moto/bin/moto_server");

/// A running server without a key, killed when dropped.
pub struct KmsServer {
    process: Process,
    config: KmsConfig,
}

impl KmsServer {
    /// Starts it on a free port of the loopback interface.
    pub async fn start() -> Self {
        let program = Path::new(PROGRAM);
        assert!(program.exists(), "{PROGRAM} is missing; run: make .tools/moto/done");
        let arguments = ["-H", "127.0.0.1", "-p", "0"];
        let mut process = Process::start_program(program, &arguments, &Environment::new());
        let said = patiently("the port of moto", process.reported("Running on ")).await;
        let endpoint = said.split("Running on ").nth(1).and_then(|rest| rest.split_whitespace().next());
        let local = || "local".to_owned();
        let credentials =
            AwsCredentials { access_key_id: local(), secret_access_key: local(), session_token: None };
        let config = KmsConfig {
            region: "eu-central-1".to_owned(),
            credentials,
            endpoint: endpoint.map(str::to_owned),
        };
        Self { process, config }
    }

    /// How it is reached.
    pub const fn config(&self) -> &KmsConfig {
        &self.config
    }

    /// The keys in it.
    pub fn keys(&self) -> Kms {
        Kms::new(&self.config)
    }

    /// The variables with which a program uses it.
    pub fn environment(&self) -> Environment {
        let endpoint = self.config.endpoint.clone().expect("a server on this machine");
        Environment::from([("AWS_ENDPOINT_URL_KMS".to_owned(), endpoint)])
    }

    /// `kill -9`; nobody listens at its port from then on.
    pub async fn kill(&mut self) {
        self.process.kill().await;
    }
}
