//! `tests/RULES.md` and the sources say the same: which rules there are, and which tests prove each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ags_tests::sources::{read, relative, rust_files, write};

const TABLE: &str = "tests/RULES.md";
/// The rules are numbered from 1 to this.
const LAST: u32 = 195;

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

/// The tests of a source that are run, each with the rules that its name or its own comment cites.
///
/// It sees lines, not syntax: attributes, comments and `fn` begin theirs, also within `proptest!`.
fn tests(source: &str) -> Vec<(&str, BTreeSet<u32>)> {
    let mut found = Vec::new();
    let (mut comment, mut attributes, mut within_attribute) = (String::new(), Vec::new(), false);
    for line in source.lines().map(str::trim) {
        if within_attribute || line.starts_with("#[") {
            attributes.push(line);
            within_attribute = !line.ends_with(']');
        } else if let Some(text) = line.strip_prefix("///") {
            comment.push_str(text);
        } else if !line.starts_with("//") {
            let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            let has = |wanted: &str| attributes.iter().any(|line| line.starts_with(wanted));
            let is_run = (has("#[test]") || has("#[tokio::test")) && !has("#[ignore");
            if let (Some(function), true) = (function, is_run) {
                let name = function.split(['(', '<']).next().unwrap_or_default();
                found.push((name, &cited(name) | &cited(&comment)));
            }
            comment.clear();
            attributes.clear();
        }
    }
    found
}

/// What proves each rule: links to the files of its tests, as they stand in the table.
fn proofs() -> BTreeMap<u32, Vec<String>> {
    let mut proofs = BTreeMap::<u32, Vec<String>>::new();
    for file in ["tests/it", "shared", "functions", "infra"].into_iter().flat_map(rust_files) {
        let path = relative(&file);
        let link = path.strip_prefix("tests/").map_or_else(|| format!("/{path}"), str::to_owned);
        for (name, rules) in tests(&read(&file)) {
            for rule in rules {
                proofs.entry(rule).or_default().push(format!("[{name}]({link})"));
            }
        }
    }
    proofs
}

/// The rules that the service claims to keep: those that its sources cite beside their tests.
fn kept() -> BTreeSet<u32> {
    let files = ["functions", "shared"].into_iter().flat_map(rust_files);
    files.flat_map(|file| cited(read(file).split("#[cfg(test)]").next().unwrap_or_default())).collect()
}

/// The number, the rule and the proof of a row of the table.
fn row(line: &str) -> Option<(u32, &str, &str)> {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let &["", number, rule, proof, ""] = cells.as_slice() else { return None };
    Some((number.parse().ok()?, rule, proof))
}

/// The table with every proof as it should be, and what is wrong that only a person can mend.
fn renewed(table: &str, proofs: &BTreeMap<u32, Vec<String>>, kept: &BTreeSet<u32>) -> (String, Vec<String>) {
    let (mut text, mut complaints, mut listed) = (String::new(), Vec::new(), Vec::new());
    for line in table.lines() {
        let Some((number, rule, proof)) = row(line) else {
            _ = writeln!(text, "{line}");
            continue;
        };
        listed.push(number);
        let reason =
            Some(proof).filter(|cell| cell.len() > 2 && cell.starts_with('*') && cell.ends_with('*'));
        let proof = match (proofs.get(&number), reason) {
            (Some(tests), None) => tests.join("<br>"),
            (None, Some(reason)) => reason.to_owned(),
            (Some(tests), Some(reason)) => {
                complaints.push(format!("rule {number} has a reason why no test proves it, and {tests:?}"));
                reason.to_owned()
            }
            (None, None) => {
                complaints.push(format!("rule {number} has neither a test nor a reason in italics why not"));
                String::new()
            }
        };
        if reason.is_some() && kept.contains(&number) {
            complaints
                .push(format!("rule {number} has a reason why it is not kept, and the service cites it"));
        }
        _ = writeln!(text, "| {number} | {rule} | {proof} |");
    }
    if listed != (1..=LAST).collect::<Vec<_>>() {
        complaints.push(format!("the table has not each rule from 1 to {LAST} once, in order: {listed:?}"));
    }
    (text, complaints)
}

#[test]
fn the_table_of_rules_names_the_tests_that_there_are() {
    let table = read(TABLE);
    let (renewed, complaints) = renewed(&table, &proofs(), &kept());
    if std::env::var_os("AGS_TESTS_WRITE_RULES").is_some() {
        write(TABLE, &renewed);
    } else {
        let old: BTreeSet<_> = table.lines().collect();
        let new: Vec<_> = renewed.lines().filter(|line| !old.contains(line)).collect();
        assert!(renewed == table, "`make rules` puts this into {TABLE}:\n{}", new.join("\n"));
    }
    assert!(complaints.is_empty(), "{TABLE}:\n{}", complaints.join("\n"));
}

#[test]
fn every_rule_that_is_cited_is_one_of_the_table() {
    let files = ["functions", "shared", "infra", "tests/src", "tests/it", "tests/fuzz/src"]
        .into_iter()
        .flat_map(rust_files);
    for file in files {
        let unknown: Vec<_> =
            cited(&read(&file)).into_iter().filter(|rule| !(1..=LAST).contains(rule)).collect();
        assert!(unknown.is_empty(), "{} cites {unknown:?}", relative(&file));
    }
}

#[test]
fn citations_are_found_in_comments_and_in_names() {
    assert_eq!(cited("AGS 114–115, x _ags_7_48 AGS 2.0"), BTreeSet::from([7, 48, 114, 115]));
    assert_eq!(cited("AGS 85–88"), (85..=88).collect());
    assert_eq!(cited("of_1000_line_items_ags_78_rfc_9110 (AGS 3) 4"), BTreeSet::from([3, 78]));
}

#[test]
fn a_test_proves_what_its_name_or_its_own_comment_cites() {
    let source = [
        "//! The header of a file proves nothing (AGS 9).",
        "/// AGS 1: a comment of two lines (AGS 2,",
        "/// 3).",
        "// What is between does not count (AGS 9).",
        "#[tokio::test(flavor = \"multi_thread\")]",
        "async fn by_comment_and_name_ags_4() {",
        "    // Neither does what is within (AGS 9).",
        "}",
        "/// AGS 9",
        "fn no_test_ags_9() {}",
        "#[test]",
        "#[expect(",
        "    dead_code,",
        ")]",
        "fn after_an_attribute_of_many_lines_ags_5() {}",
        "#[test]",
        "#[ignore = \"slow\"]",
        "fn never_run_ags_9() {}",
        "    proptest! {",
        "        #[test]",
        "        fn a_property_ags_6(",
        "            number in 0..9,",
        "#[test]",
        "fn cites_nothing() {}",
    ];
    let set = |rules: &[u32]| rules.iter().copied().collect::<BTreeSet<_>>();
    let expected = [
        ("by_comment_and_name_ags_4", set(&[1, 2, 3, 4])),
        ("after_an_attribute_of_many_lines_ags_5", set(&[5])),
        ("a_property_ags_6", set(&[6])),
        ("cites_nothing", set(&[])),
    ];
    assert_eq!(tests(&source.join("\n")), expected);
}

#[test]
fn a_row_has_either_tests_or_a_reason() {
    let all: Vec<_> = (1..=LAST).map(|rule| format!("| {rule} | Rule. | *Not here.* |")).collect();
    let all = all.join("\n");
    let none = BTreeMap::new();
    let one = BTreeMap::from([(7, vec!["[a](it/a.rs)".to_owned(), "[b](it/b.rs)".to_owned()])]);
    let check = |table: &str, proofs, kept: &[u32]| renewed(table, proofs, &kept.iter().copied().collect());
    assert_eq!(check(&all, &none, &[]), (format!("{all}\n"), vec![]));

    let open = all.replace("| 7 | Rule. | *Not here.* |", "| 7 | Rule. |  |");
    let (text, complaints) = check(&open, &one, &[7]);
    assert!(text.contains("\n| 7 | Rule. | [a](it/a.rs)<br>[b](it/b.rs) |\n"), "{text}");
    assert_eq!(complaints, [""; 0]);
    assert_eq!(check(&text, &one, &[]), (text, vec![]), "once is enough");

    let short = all.lines().skip(1).collect::<Vec<_>>().join("\n");
    for (table, proofs, kept, complaint) in [
        (&all, &one, &[][..], "rule 7 has a reason why no test proves it, and ["),
        (&open, &none, &[], "rule 7 has neither"),
        (&all, &none, &[7], "rule 7 has a reason why it is not kept, and the service cites it"),
        (&short, &none, &[], "not each rule from 1"),
    ] {
        let (text, complaints) = check(table, proofs, kept);
        assert_eq!(text.trim_end(), table, "a person mends it: {complaint}");
        assert!(complaints.len() == 1 && complaints[0].contains(complaint), "{complaint}: {complaints:?}");
    }
}
