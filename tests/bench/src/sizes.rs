//! How large the functions are, and how large is what Lambda downloads.

use std::path::Path;
use std::process::Command;

use crate::figures::{Table, budget, grouped};
use crate::scene::program;

const FUNCTIONS: [&str; 6] = ["token", "lineitems", "scores", "results", "platform", "purge"];

/// Writes a zip of one file, and prints its size; by the program that every machine with this project has.
const ZIP: &str = "import io, sys, zipfile
file = io.BytesIO()
zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED, compresslevel=9).write(sys.argv[1], 'bootstrap')
print(file.tell())";

/// What `make build` left, and the file that says for which architecture.
const FOR_DEPLOYMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/lambda");

pub(crate) fn table() -> String {
    let mut table = Table::new(&["function", "binary, bytes", "budget", "zip, bytes", "budget"]);
    let here = std::env::consts::ARCH.replace("aarch64", "arm64");
    for name in FUNCTIONS.into_iter().chain(["bench-floor", "bench-empty"]) {
        row(&mut table, &format!("{name}, {here}"), &program(name), !name.starts_with("bench"));
    }
    let deployed = Path::new(FOR_DEPLOYMENT);
    let there = std::fs::read_to_string(deployed.join("architecture")).unwrap_or_default();
    let there = there.trim();
    if !there.is_empty() && there != here {
        for name in FUNCTIONS {
            row(&mut table, &format!("{name}, {there}"), &deployed.join(name).join("bootstrap"), true);
        }
    }
    table.to_string()
}

fn row(table: &mut Table, title: &str, program: &Path, has_budget: bool) {
    let size = std::fs::metadata(program).expect("make builds it").len();
    let zip = Command::new("python3").args(["-c", ZIP]).arg(program).output().expect("Python 3");
    let zip = String::from_utf8_lossy(&zip.stdout).trim().parse().expect("a size");
    #[expect(clippy::cast_precision_loss, reason = "megabytes with a few decimals")]
    let verdict = |bytes: u64, allowed: f64| {
        if has_budget { budget(bytes as f64 / 1e6, allowed, "MB") } else { "–".to_owned() }
    };
    table.row(&[title.to_owned(), grouped(size), verdict(size, 7.5), grouped(zip), verdict(zip, 3.3)]);
}
