//! What stands in URLs: cursors, limits and ids.

use std::fmt;
use std::str::FromStr;

use ags_shared::domain::{ContextId, Limit, LineItemCursor, LineItemId, ResultCursor, segment};

/// Whatever is read is written the same.
pub(crate) fn run(input: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(input) else { return false };
    let limit = Limit::parse(text);
    assert!(limit.is_none_or(|limit| (1..=1_000).contains(&limit.get())), "{text:?}");
    // Nearly every text is a segment, so that alone counts for nothing.
    if let Ok(id) = segment::unescape(text) {
        assert_eq!(segment::unescape(&segment::escape(&id)), Ok(id), "{text:?}");
    }
    let ids = [same::<ContextId>(text), same::<LineItemId>(text)];
    cursor(text) || limit.is_some() || ids.contains(&true)
}

fn cursor(text: &str) -> bool {
    let line_items = LineItemCursor::decode(text).ok();
    let results = ResultCursor::decode(text).ok();
    let encoded = [
        line_items.map(|cursor| (cursor.encode(), cursor.limit)),
        results.map(|cursor| (cursor.encode(), cursor.limit)),
    ];
    let mut readings = 0;
    for (encoded, limit) in encoded.into_iter().flatten() {
        readings += 1;
        assert_eq!(encoded, text, "another form of the same cursor");
        assert!((1..=1_000).contains(&limit.get()), "{text}");
        assert!(text.len() <= 516 && !text.contains(|c: char| c.is_ascii_uppercase()), "{text}");
    }
    assert!(readings < 2, "{text} is a cursor of two lists");
    readings == 1
}

fn same<T: FromStr + fmt::Display>(text: &str) -> bool {
    let Ok(id) = text.parse::<T>() else { return false };
    assert_eq!(id.to_string(), text, "another form of the same id");
    true
}
