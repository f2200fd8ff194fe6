//! The built programs of the workspace, as child processes that never outlive their test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::deployment;

/// The environment variables of a process: these and no others.
pub type Environment = BTreeMap<String, String>;

/// Far more than anything here takes; it only turns a test that would hang into one that says what it waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// What `future` brings.
///
/// # Panics
/// If that takes a minute. `what` is what was waited for.
pub async fn patiently<T>(what: &str, future: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(PATIENCE, future).await;
    waited.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// The program `name`, built by cargo into the directory above that of the test executable, or beside the program that
/// this is.
pub fn built(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("a path");
    let directory = this.parent().expect("target/<profile>, or deps in it");
    let profile = directory.parent().filter(|_| directory.ends_with("deps")).unwrap_or(directory);
    let program = profile.join(name);
    assert!(program.exists(), "{} is missing; run: cargo build --workspace --bins", program.display());
    program
}

/// A running program, killed when dropped.
pub struct Process {
    child: Child,
    printed: watch::Receiver<String>,
    errors: watch::Receiver<String>,
    readers: Vec<tokio::task::JoinHandle<()>>,
}

/// How a program ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    /// Its status.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Process {
    /// Starts the program `name`.
    pub fn start(name: &str, arguments: &[&str], environment: &Environment) -> Self {
        Self::start_program(&built(name), arguments, environment)
    }

    /// Starts the program of the function `name`, as it was built here, or as it is to be tested; behind the program
    /// `before[0]` with the arguments that follow, if there is one.
    pub(crate) fn start_function(name: &str, before: &[&str], environment: &Environment) -> Self {
        let program = deployment::program(name).unwrap_or_else(|| built(name));
        let Some((first, arguments)) = before.split_first() else {
            return Self::start_program(&program, &[], environment);
        };
        let arguments = [arguments, &[program.to_str().expect("a path in UTF-8")]].concat();
        Self::start_program(Path::new(first), &arguments, environment)
    }

    /// Starts a program that was not built here.
    pub(crate) fn start_program(path: &Path, arguments: &[&str], environment: &Environment) -> Self {
        let mut command = Command::new(path);
        command.args(arguments).env_clear().envs(environment).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be started");
        let (print, printed) = watch::channel(String::new());
        let (report, errors) = watch::channel(String::new());
        let readers = vec![
            tokio::spawn(keep(child.stdout.take().expect("a pipe"), print)),
            tokio::spawn(keep(child.stderr.take().expect("a pipe"), report)),
        ];
        Self { child, printed, errors, readers }
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("a process that was not waited for")
    }

    /// What it said so far.
    pub fn said(&self) -> String {
        format!("{}{}", *self.printed.borrow(), *self.errors.borrow())
    }

    /// What it printed, as soon as there is a whole line with `text` in it.
    pub async fn printed(&mut self, text: &str) -> String {
        let printed = self.printed.wait_for(|printed| printed.contains(text)).await;
        let printed = printed.map(|printed| printed.clone());
        printed.unwrap_or_else(|_| panic!("it ended without printing {text:?}:\n{}", self.said()))
    }

    /// What it said on standard error, as soon as there is a whole line with `text` in it.
    pub(crate) async fn reported(&mut self, text: &str) -> String {
        let reported = self.errors.wait_for(|reported| reported.contains(text)).await;
        let reported = reported.map(|reported| reported.clone());
        reported.unwrap_or_else(|_| panic!("it ended without reporting {text:?}:\n{}", self.said()))
    }

    /// Waits until it ends by itself.
    pub async fn ended(mut self) -> Ended {
        let status = patiently("the end of a process", self.child.wait()).await.expect("a status");
        for reader in self.readers {
            patiently("the end of its output", reader).await.expect("a reader");
        }
        Ended { status, stdout: self.printed.borrow().clone(), stderr: self.errors.borrow().clone() }
    }

    /// Resolves when it ends, or never.
    pub(crate) async fn end(&mut self) -> ExitStatus {
        self.child.wait().await.expect("a status")
    }

    /// `kill -9`, and waits until it is gone.
    pub async fn kill(&mut self) {
        patiently("the end of a killed process", self.child.kill()).await.expect("a process of our own");
    }

    /// Sends the signal `name`, for example `TERM`, as a shell would.
    pub async fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.id());
        let status = Command::new("/bin/sh").args(["-c", &kill]).status().await.expect("a shell");
        assert!(status.success(), "{kill}");
    }
}

/// Reads to the end, so that the process never waits for a full pipe.
async fn keep(pipe: impl AsyncRead + Unpin, text: watch::Sender<String>) {
    let mut lines = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        text.send_modify(|text| text.extend([&line, "\n"]));
    }
}
