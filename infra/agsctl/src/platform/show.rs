//! Answers for people: a table of a list's entries, a line for each member of an object.

use std::fmt::Write as _;

use serde_json::Value;

/// The members of an object, those of objects in it by `outer.inner`; a list or a text as one text.
fn cells(object: &Value) -> Vec<(String, String)> {
    fn collect(prefix: &str, value: &Value, cells: &mut Vec<(String, String)>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    collect(&name, value, cells);
                }
            }
            // A control character of a tool's must not reach a terminal.
            Value::String(text) if !text.chars().any(char::is_control) => {
                cells.push((prefix.to_owned(), text.clone()));
            }
            other => cells.push((prefix.to_owned(), other.to_string())),
        }
    }
    let mut found = Vec::new();
    collect("", object, &mut found);
    found
}

/// One line for each member.
pub(super) fn one(object: &Value) -> String {
    let cells = cells(object);
    let width = cells.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, value) in cells {
        _ = writeln!(text, "{name:width$}  {value}");
    }
    text
}

/// The longest cell of a table, in characters: keys and comments are longer, and whoever wants them asks for one entry.
const CELL_MAX: usize = 40;

fn cut(value: &str) -> String {
    let start: String = value.chars().take(CELL_MAX).collect();
    if start.len() < value.len() { start + "…" } else { start }
}

/// A table with a column for each member that some entry has.
pub(super) fn table(entries: &[Value]) -> String {
    let rows: Vec<_> = entries.iter().map(cells).collect();
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flatten() {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let cell = |row: &[(String, String)], name: &str| {
        let found = row.iter().find(|(own, _)| own == name);
        found.map_or_else(|| "-".to_owned(), |(_, value)| cut(value))
    };
    let lines = rows.iter().map(|row| names.iter().map(|name| cell(row, name)).collect::<Vec<_>>());
    let head = names.iter().map(|name| name.to_uppercase()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(lines).collect();
    let widths: Vec<_> = (0..names.len())
        .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for line in lines {
        let padded: Vec<_> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        _ = writeln!(text, "{}", padded.join("  ").trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_has_a_column_for_each_member_that_some_entry_has() {
        let entries = [json!({ "a": "x", "b": { "c": 1 } }), json!({ "a": "long", "d": ["y"] })];
        assert_eq!(table(&entries), "A     B.C  D\nx     1    -\nlong  -    [\"y\"]\n");
        let long = json!({ "a": "é".repeat(41) });
        assert_eq!(table(&[long]), format!("A\n{}…\n", "é".repeat(40)));
        assert_eq!(table(&[]), "\n");
    }

    #[test]
    fn an_object_has_a_line_for_each_member_and_controls_nothing() {
        let object = json!({ "a": 1, "bb": { "c": "\u{1b}[2J" } });
        assert_eq!(one(&object), "a     1\nbb.c  \"\\u001b[2J\"\n");
    }
}
