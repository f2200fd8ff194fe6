//! What the service costs, beside programs that do nothing, or nothing but the same calls of the table.
//!
//! `make bench` builds all of it, runs this, and prints the tables that README.md beside this crate explains.
#![expect(clippy::expect_used, reason = "a bench reports by panicking")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]

mod callgrind;
mod capacity;
mod class;
mod cold;
mod cores;
mod figures;
mod front;
mod load;
mod rate;
mod report;
mod scene;
mod servers;
mod sizes;
mod warm;

use std::process::ExitCode;

use report::Report;
use scene::Scene;

/// What may be measured by itself.
const PARTS: [&str; 5] = ["sizes", "cold", "warm", "capacity", "rate"];
/// The argument that has the tables written into the guide, which are then all of them.
const WRITE: &str = "write";

fn main() -> ExitCode {
    let elsewhere =
        std::env::var_os("AWS_ENDPOINT_URL_DYNAMODB").is_some_and(|endpoint| !endpoint.is_empty());
    assert!(!elsewhere, "AWS_ENDPOINT_URL_DYNAMODB is set, and a bench is no load for a table of somebody's");
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("exam") => load::exam(&arguments[1..]),
        Some("soak") => return load::soak(&arguments[1..]),
        Some(servers::HELLO) => servers::say_hello(),
        _ => measure(&arguments),
    }
    ExitCode::SUCCESS
}

#[tokio::main(flavor = "current_thread")]
async fn measure(only: &[String]) {
    let writes = only == [WRITE];
    for name in only.iter().filter(|_| !writes) {
        assert!(PARTS.contains(&name.as_str()), "there is no part {name}, but {PARTS:?}");
    }
    let wanted = |name: &str| only.is_empty() || writes || only.iter().any(|only| only == name);
    let mut report = Report::new();
    cores::stay();
    if wanted("sizes") {
        report.part("Sizes", &sizes::table());
    }
    if wanted("cold") || wanted("warm") {
        let mut scene = Scene::new().await;
        if wanted("cold") {
            report.part("Cold start", &cold::table(&mut scene).await);
        }
        if wanted("warm") {
            report.part("Warm requests", &warm::table(&mut scene).await);
        }
    }
    if wanted("capacity") {
        report.part("Calls and capacity", &capacity::table().await);
    }
    if wanted("rate") {
        report.part("Rates of the dev server", &rate::table().await);
    }
    if writes {
        report.write();
    }
}
