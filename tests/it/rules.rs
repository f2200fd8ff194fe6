//! The numbers that comments and tests cite stand for something, and something stands for them.

use std::collections::BTreeSet;

use ags_tests::sources::{read, rust_files};

/// The numbers after `AGS` in a comment (`AGS 7, 48–50`) or after `ags` in a test's name (`_ags_7_48`).
fn cited(text: &str) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    for marker in ["AGS ", "_ags_"] {
        // `AGS 2.0` is the specification itself.
        for rest in text.split(marker).skip(1).filter(|rest| !rest.starts_with("2.0")) {
            let run: String =
                rest.chars().take_while(|c| c.is_ascii_digit() || " ,–-_".contains(*c)).collect();
            for range in run.split([' ', ',', '_']) {
                let ends: Vec<u32> = range.split(['–', '-']).filter_map(|end| end.parse().ok()).collect();
                if let (Some(first), Some(last)) = (ends.first(), ends.last()) {
                    numbers.extend(*first..=*last);
                }
            }
        }
    }
    numbers
}

/// The numbers of `tests/RULES.md`.
fn listed() -> BTreeSet<u32> {
    let row = |line: &str| line.strip_prefix("| ")?.split(' ').next()?.parse::<u32>().ok();
    let listed: BTreeSet<u32> = read("tests/RULES.md").lines().filter_map(row).collect();
    assert!(listed.len() > 80, "{listed:?}");
    listed
}

#[test]
fn every_rule_that_is_cited_is_listed() {
    let listed = listed();
    let files: Vec<_> =
        ["functions", "shared", "infra", "tests/src", "tests/it"].into_iter().flat_map(rust_files).collect();
    assert!(files.len() > 60, "{files:?}");
    for file in files {
        let missing: Vec<_> = cited(&read(&file)).difference(&listed).copied().collect();
        assert!(
            missing.is_empty(),
            "{} cites {missing:?}, which tests/RULES.md does not have",
            file.display()
        );
    }
}

/// A rule may be cited beside the code that keeps it; here it is about the tests that prove it.
#[test]
fn every_rule_that_is_listed_is_cited_by_a_test() {
    let black_box = rust_files("tests/it");
    let mut proven: BTreeSet<u32> = black_box.iter().flat_map(|file| cited(&read(file))).collect();
    for source in rust_files("shared") {
        // Unit tests stand below the code.
        let text = read(source);
        proven.extend(text.split_once("#[cfg(test)]").map(|(_, tests)| cited(tests)).unwrap_or_default());
    }
    let unproven: Vec<_> = listed().difference(&proven).copied().collect();
    assert!(unproven.is_empty(), "no test cites the rules {unproven:?}");
}

#[test]
fn citations_are_found_in_comments_and_in_names() {
    assert_eq!(cited("AGS 114–115, x _ags_7_48 AGS 2.0"), BTreeSet::from([7, 48, 114, 115]));
    assert_eq!(cited("AGS 85–88"), (85..=88).collect());
}
