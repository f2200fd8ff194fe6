//! How large the functions are, and how large is what Lambda downloads.

use std::process::Command;

use crate::figures::{Table, budget, grouped};
use crate::scene::program;

const FUNCTIONS: [&str; 6] = ["token", "lineitems", "scores", "results", "platform", "purge"];

/// Writes a zip of one file, and prints its size; by the program that every machine with this project has.
const ZIP: &str = "import io, sys, zipfile
file = io.BytesIO()
zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED, compresslevel=9).write(sys.argv[1], 'bootstrap')
print(file.tell())";

pub(crate) fn table() -> String {
    let mut table = Table::new(&["function", "binary, bytes", "budget", "zip, bytes", "budget"]);
    for name in FUNCTIONS.into_iter().chain(["bench-floor", "bench-empty"]) {
        let program = program(name);
        let size = std::fs::metadata(&program).expect("make bench builds it").len();
        let zip = Command::new("python3").args(["-c", ZIP]).arg(&program).output().expect("Python 3");
        let zip = String::from_utf8_lossy(&zip.stdout).trim().parse().expect("a size");
        let is_ours = !name.starts_with("bench");
        #[expect(clippy::cast_precision_loss, reason = "megabytes with a few decimals")]
        let verdict = |bytes: u64, allowed: f64| {
            if is_ours { budget(bytes as f64 / 1e6, allowed, "MB") } else { "–".to_owned() }
        };
        table.row(&[name.to_owned(), grouped(size), verdict(size, 7.5), grouped(zip), verdict(zip, 3.3)]);
    }
    table.to_string()
}
