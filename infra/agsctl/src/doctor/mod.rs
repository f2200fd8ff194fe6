//! `agsctl doctor`: whether a service does what tools and an LMS rely on, seen from outside.
//!
//! It needs no credentials of AWS. With the key of a tool it also gets a token, and with a course in which the tool is
//! placed it plays one exchange on a line item of its own, which it deletes whatever happened.
#![expect(clippy::print_stdout, reason = "it talks to a person at a terminal, or to a program")]

mod dry_run;
mod outside;
mod probe;
mod report;
mod token;

use std::path::PathBuf;

use ags_shared::domain::{ContextId, LmsContextId};
use ags_shared::links::Links;
use anyhow::{Context, bail};
use clap::Args;

use crate::oauth::Signer;
use crate::tool_calls::ToolCalls;
use dry_run::DryRun;
use probe::Probe;
use report::{Report, Wrong};

/// What to examine, and as whom.
#[derive(Args)]
pub struct Doctor {
    /// The public address of the service, as `AGS_BASE_URL` and the output `Issuer` of a stack have it.
    base: String,
    /// Get a token as this tool, which is registered.
    #[arg(long, value_name = "ID", requires = "key")]
    client: Option<String>,
    /// The file of its private key in PEM: RSA (PKCS #8 or PKCS #1), or P-256 (PKCS #8).
    #[arg(long, value_name = "FILE", requires = "client")]
    key: Option<PathBuf>,
    /// The name of that key, if the tool has registered several.
    #[arg(long, requires = "client")]
    kid: Option<String>,
    /// Send a score, too, on a line item that is made for it and deleted again: in this course, by the LMS's own id.
    #[arg(long, value_name = "ID", requires = "client")]
    context: Option<LmsContextId>,
    /// For programs: one object with every check.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Makes the checks and prints what came of them.
    ///
    /// # Errors
    /// If one of them failed, or the key cannot be read.
    pub async fn run(&self) -> anyhow::Result<()> {
        let tool = self.tool()?;
        let mut report = Report::default();
        match self.address() {
            Ok(links) => self.examine(&Probe::new(links)?, tool.as_ref(), &mut report).await?,
            Err(wrong) => _ = report.note("address", Err::<String, _>(wrong)),
        }
        print!("{}", if self.json { report.json(&self.base)? } else { report.text() });
        match report.failures() {
            0 => Ok(()),
            failures => bail!("{} is not in order: {failures} of the checks failed", self.base),
        }
    }

    fn address(&self) -> Result<Links, Wrong> {
        Links::new(&self.base).map_err(|error| {
            Wrong::new(
                format!("the base URL {error}"),
                "Give the address exactly as the output Issuer of the stack has it.",
            )
        })
    }

    fn tool(&self) -> anyhow::Result<Option<Signer>> {
        let (Some(client), Some(file)) = (&self.client, &self.key) else { return Ok(None) };
        let pem = std::fs::read(file).with_context(|| file.display().to_string())?;
        let signer = Signer::from_pem(client, self.kid.clone(), &pem);
        Ok(Some(signer.with_context(|| file.display().to_string())?))
    }

    async fn examine(&self, probe: &Probe, tool: Option<&Signer>, report: &mut Report) -> anyhow::Result<()> {
        let Some(metadata) = report.keep("address", outside::reach(probe).await) else { return Ok(()) };
        report.note("clock", outside::clock(&metadata));
        report.note("metadata", outside::metadata(probe, &metadata));
        report.note("key set", outside::key_set(probe).await);
        report.note("refused assertion", outside::refused_assertion(probe).await);
        report.note("refused request", outside::refused_request(probe).await);
        report.note("unknown path", outside::unknown_path(probe).await);

        let Some(tool) = tool else { return Ok(()) };
        let Some(granted) = report.keep("token", token::get(probe, tool).await) else { return Ok(()) };
        let Some(context) = &self.context else { return Ok(()) };
        if report.note("scopes", token::scopes(tool, &granted)) {
            let calls = ToolCalls { http: probe.http.clone(), token: granted.token };
            let container = probe.links.line_items(&ContextId::of(context));
            DryRun::new(probe, &calls, container, tool, context)?.play(report).await?;
        }
        Ok(())
    }
}
