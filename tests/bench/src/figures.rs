//! Figures that were measured several times, and the tables in which they are printed.

use std::fmt::{self, Write as _};

/// The median of several measurements, and the least and the greatest of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    least: f64,
    greatest: f64,
}

impl Spread {
    /// Of at least one measurement.
    pub(crate) fn of(mut measured: Vec<f64>) -> Self {
        measured.sort_by(f64::total_cmp);
        Self {
            median: measured[measured.len() / 2],
            least: measured[0],
            greatest: measured[measured.len() - 1],
        }
    }
}

impl fmt::Display for Spread {
    /// `0.31 (0.30–0.35)`, with as many decimals as the caller asks for, else two.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or(2);
        let Self { median, least, greatest } = self;
        write!(f, "{median:.decimals$} ({least:.decimals$}–{greatest:.decimals$})")
    }
}

/// Whole numbers in groups of three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// What a budget allows, and whether `figure` is within it.
pub(crate) fn budget(figure: f64, allowed: f64, unit: &str) -> String {
    let kept = if figure <= allowed { "kept" } else { "**over**" };
    format!("{figure:.2} of {allowed} {unit}, {kept}")
}

/// A table in Markdown.
pub(crate) struct Table {
    text: String,
}

impl Table {
    /// A table with these columns; the first holds words, the others figures.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let rules = vec!["--:"; columns.len() - 1].join("|");
        Self { text: format!("| {} |\n|---|{rules}|\n", columns.join(" | ")) }
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        _ = writeln!(self.text, "| {} |", cells.join(" | "));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How many times the one the other is.
#[expect(clippy::cast_precision_loss, reason = "a ratio with two decimals")]
pub(crate) fn ratio(ours: u64, floor: u64) -> f64 {
    ours as f64 / floor as f64
}

/// Whether ours is within 1.3 times the floor, by time on a core and, where they were counted, by instructions.
pub(crate) fn beside_floor(cpu: f64, instructions: Option<f64>) -> String {
    let verdict = |ratio: f64, what: &str| format!("{} in {what}", budget(ratio, 1.3, "× the floor"));
    let instructions = instructions.map(|ratio| verdict(ratio, "instructions"));
    [Some(verdict(cpu, "CPU")), instructions].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
