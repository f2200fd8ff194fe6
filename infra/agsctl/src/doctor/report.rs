//! What the checks found, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;

/// The longest word that is shown, in characters. Tokens and assertions are longer, should a service send one back.
const WORD_MAX: usize = 200;

/// What is wrong, and what to do about it.
#[derive(Debug)]
pub(super) struct Wrong {
    what: String,
    advice: String,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what: what.into(), advice: advice.into() }
    }

    /// The same with another advice.
    pub(super) fn advise(self, advice: String) -> Self {
        Self { advice, ..self }
    }
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

/// The checks that were made, in their order.
#[derive(Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    /// Writes down how a check went; whether it passed.
    pub(super) fn note(&mut self, check: &'static str, outcome: Result<String, Wrong>) -> bool {
        self.keep(check, outcome.map(|detail| ((), detail))).is_some()
    }

    /// Writes down how a check went; what it brought, if it passed.
    pub(super) fn keep<T>(&mut self, check: &'static str, outcome: Result<(T, String), Wrong>) -> Option<T> {
        let (kept, detail, advice) = match outcome {
            Ok((kept, detail)) => (Some(kept), detail, None),
            Err(Wrong { what, advice }) => (None, what, Some(advice)),
        };
        self.0.push(Finding { check, ok: kept.is_some(), detail: printable(&detail), advice });
        kept
    }

    /// How many checks failed.
    pub(super) fn failures(&self) -> usize {
        self.0.iter().filter(|finding| !finding.ok).count()
    }

    /// A line for each check, and one for each advice.
    pub(super) fn text(&self) -> String {
        let width = self.0.iter().map(|finding| finding.check.len()).max().unwrap_or_default();
        let mut text = String::new();
        for Finding { check, ok, detail, advice } in &self.0 {
            let word = if *ok { "ok" } else { "wrong" };
            _ = writeln!(text, "{word:<5}  {check:<width$}  {detail}");
            if let Some(advice) = advice {
                _ = writeln!(text, "{:<5}  {:<width$}  {advice}", "", "");
            }
        }
        text
    }

    /// The same as one object.
    pub(super) fn json(&self, base: &str) -> serde_json::Result<String> {
        let report = json!({ "base_url": base, "ok": self.failures() == 0, "checks": self.0 });
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    }
}

/// A text that a service may have sent, without what could control a terminal or could be a token.
fn printable(text: &str) -> String {
    let word = |word: &str| match word.chars().count() {
        0..=WORD_MAX => word.replace(char::is_control, "\u{fffd}"),
        _ => "…".to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
