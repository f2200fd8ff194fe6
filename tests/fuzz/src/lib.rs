//! What is fuzzed: each target takes any bytes, and panics if the service breaks a promise over them.
//!
//! `tests/fuzz/run` feeds them with inputs that libFuzzer derives from `seeds/`, steered by what they reach in the code
//! of this workspace. `cargo test` feeds them with the seeds alone.
#![expect(clippy::expect_used, reason = "a target reports by panicking")]

mod bodies;
mod headers;
mod requests;
mod timestamps;
mod tokens;
mod urls;
mod words;

pub use words::change;

/// Tries one input, and tells whether the service takes it.
pub type Target = fn(&[u8]) -> bool;

/// All targets, by the names of the directories of their seeds.
pub const TARGETS: [(&str, Target); 6] = [
    ("bodies", bodies::run),
    ("timestamps", timestamps::run),
    ("urls", urls::run),
    ("headers", headers::run),
    ("tokens", tokens::run),
    ("requests", requests::run),
];

/// The target of that name.
#[must_use]
pub fn named(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ags_tests::sources::entries;

    use super::*;

    /// What a fuzzer starts from must lead into the service, and what it found once must not come back.
    #[test]
    fn each_seed_is_taken_unless_its_name_says_that_it_is_refused() {
        for (name, target) in TARGETS {
            let seeds = entries(format!("tests/fuzz/seeds/{name}"));
            assert!(seeds.len() >= 5, "{name}: {seeds:?}");
            let misfits: Vec<_> = seeds
                .iter()
                .filter(|seed| {
                    let refused =
                        seed.file_name().is_some_and(|name| name.to_string_lossy().starts_with("refused-"));
                    target(&fs::read(seed).expect("a file")) == refused
                })
                .collect();
            assert!(misfits.is_empty(), "{misfits:?}");
        }
    }
}
