//! The queries of `infra/queries.md`.

use std::collections::BTreeSet;

use ags_tests::sources::read;
use agsctl::platform::OPERATIONS;

use super::Office;

/// What CloudWatch adds to every line.
const ADDED: [&str; 2] = ["@timestamp", "@log"];
/// The words of the query language that are no functions.
const WORDS: [&str; 15] = [
    "filter", "fields", "stats", "sort", "limit", "display", "by", "as", "and", "or", "not", "in", "like",
    "asc", "desc",
];

/// The code blocks of a kind.
fn blocks(text: &str, kind: &str) -> Vec<String> {
    let mut blocks = text.split("```").skip(1).step_by(2);
    let of_kind = blocks.by_ref().filter_map(|block| block.strip_prefix(kind)?.strip_prefix('\n'));
    of_kind.map(str::to_owned).collect()
}

/// The names of fields in a query: neither texts, numbers, functions and words of the language, nor what the query names itself.
fn fields(query: &str) -> BTreeSet<&str> {
    let outside: Vec<_> = query.split('"').step_by(2).collect();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '@' || c == '.';
    let mut named = BTreeSet::new();
    let mut found = BTreeSet::new();
    for text in outside {
        let mut before = "";
        for word in text.split(|c| !is_part(c)).filter(|word| !word.is_empty()) {
            let end = word.as_ptr().addr() - text.as_ptr().addr() + word.len();
            let function = text[end..].starts_with('(');
            let number = word.starts_with(|c: char| c.is_ascii_digit());
            if before == "as" {
                named.insert(word);
            } else if !function && !number && !WORDS.contains(&word) {
                found.insert(word);
            }
            before = word;
        }
    }
    found.difference(&named).copied().collect()
}

/// What a query wants fields to be, but for what its reader puts in: that is in capitals.
fn words(query: &str) -> Vec<(&str, &str)> {
    let pairs = query.split(" = \"").zip(query.split(" = \"").skip(1));
    let pairs = pairs.filter_map(|(before, after)| {
        Some((before.split_whitespace().next_back()?, after.split('"').next()?))
    });
    pairs.filter(|(_, value)| value.chars().any(char::is_lowercase)).collect()
}

#[test]
fn the_reader_of_queries_sees_the_fields() {
    let query = "filter outcome = \"x y\" and status >= 500\n| stats count(*) as n, sum(read_units) by route, bin(1h)\n| sort n desc";
    assert_eq!(fields(query), ["outcome", "status", "read_units", "route"].into());
    assert_eq!(
        words("filter outcome = \"stale\" and a = \"ID\" and b = \"x\""),
        [("outcome", "stale"), ("b", "x")]
    );
    assert_eq!(blocks("a\n```x\nb\n```\nc\n```y\nd\n```\n", "y"), ["d\n"]);
}

#[tokio::test]
async fn every_field_that_a_documented_query_names_is_one_that_lines_have() {
    let lines = Office::day().await;
    let had: BTreeSet<_> = lines.iter().flat_map(|line| line.as_object().unwrap().keys()).collect();
    let queries = blocks(&read("infra/queries.md"), "logs");
    assert!(queries.len() >= 6, "{queries:?}");
    for query in &queries {
        let named = fields(query);
        assert!(!named.is_empty(), "{query}");
        for name in named.into_iter().filter(|name| !ADDED.contains(name)) {
            assert!(had.contains(&name.to_owned()), "no line has {name}, which this names:\n{query}");
        }
        for (name, value) in words(query) {
            let has = lines.iter().any(|line| line[name] == value);
            assert!(has, "no line has {name} = {value}, which this asks for:\n{query}");
        }
    }
}

#[test]
fn every_command_beside_the_documented_queries_is_one_that_agsctl_has() {
    let text = read("infra/queries.md");
    let blocks = blocks(&text, "sh");
    let commands: Vec<_> = blocks.iter().flat_map(|block| block.lines()).collect();
    assert!(commands.len() >= 2, "{commands:?}");
    for command in commands {
        let words: Vec<_> = command.split(' ').collect();
        let arguments =
            words.iter().skip(3).take_while(|word| !word.starts_with('-') && **word != "#").count();
        let known = OPERATIONS.iter().any(|operation| {
            let parameters = operation.route.matches('{').count();
            words[..3] == ["agsctl", operation.group, operation.verb] && arguments == parameters
        });
        assert!(known, "{command}");
    }
}
