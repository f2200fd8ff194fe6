//! What is printed, and where it is kept.

use std::fmt::Write as _;
use std::process::Command;

use ags_shared::clock::{Clock, SystemClock};
use ags_tests::sources::{read, write};

const GUIDE: &str = "tests/bench/README.md";
/// Around what is kept there.
const BEGIN: &str = "<!-- from the run: bench -->\n";
const END: &str = "<!-- end -->";

/// The tables so far.
pub(crate) struct Report(String);

impl Report {
    /// Begins with what the figures depend on.
    pub(crate) fn new() -> Self {
        let mut report = Self(String::new());
        let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": a processor");
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let today = SystemClock.now().to_string();
        let changed = !said("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty();
        report.add(&format!(
            "{}, {cores} cores; {}; Linux {}; {}; commit {}{}",
            model.trim_start_matches([' ', '\t', ':']),
            today.split('T').next().unwrap_or_default(),
            kernel.trim(),
            said("rustc", &["--version"]),
            said("git", &["rev-parse", "--short", "HEAD"]),
            if changed { " with changes" } else { "" },
        ));
        report
    }

    /// Prints a part, and keeps it.
    pub(crate) fn part(&mut self, title: &str, table: &str) {
        self.add(&format!("### {title}\n\n{}", table.trim_end()));
    }

    fn add(&mut self, text: &str) {
        println!("{text}\n");
        _ = write!(self.0, "{text}\n\n");
    }

    /// Writes it into the guide.
    pub(crate) fn write(&self) {
        let guide = read(GUIDE);
        let (before, rest) = guide.split_once(BEGIN).expect("where the tables begin");
        let (_, after) = rest.split_once(END).expect("where they end");
        write(GUIDE, &format!("{before}{BEGIN}\n{}{END}{after}", self.0));
    }
}

/// What a program prints, or that it could not be asked.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or(format!("no {program}"), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
