//! `If-Match` and `If-None-Match`; each line of an input is one header.

use ags_shared::domain::{Definition, LineItem, LineItemId};
use ags_shared::http::{etag, if_match, if_none_match};
use ags_shared::store::Precondition;
use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue};

/// Whether they let a line item through in its seventh version: as `If-Match`, or as `If-None-Match`.
pub(crate) fn run(input: &[u8]) -> bool {
    let item = LineItem {
        id: LineItemId::from_bytes([7; 16]),
        definition: Definition::new("E".parse().expect("a label"), "1".parse().expect("a maximum")),
        resource_link: None,
        deployment: "1".parse().expect("an id"),
        coupled: false,
        link_rules: None,
        version: 7,
    };
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        let Ok(value) = HeaderValue::from_bytes(line.trim_ascii()) else { return false };
        headers.append(IF_MATCH, value.clone());
        headers.append(IF_NONE_MATCH, value);
    }
    let not_modified = if_none_match(&headers, &item);
    let precondition = if_match(&headers);
    // A value with other bytes than these counts as empty.
    if !input.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n')) {
        return false;
    }
    let text = String::from_utf8_lossy(input);
    let any = text.split([',', '\n']).any(|tag| tag.trim() == "*");
    let named = |tag: &str| text.split([',', '\n']).any(|named| named.trim() == tag);
    let current = etag(&item);
    assert_eq!(not_modified, any || named(&current) || named(&format!("W/{current}")), "{text:?}");
    let changeable = match precondition {
        Ok(Precondition::None) => {
            assert!(any, "{text:?} is no condition");
            true
        }
        Ok(Precondition::Versions(versions)) => {
            assert!(!any && (1..=50).contains(&versions.len()), "{text:?}: {versions:?}");
            assert!(
                versions.iter().all(|version| named(&format!("\"{version}\""))),
                "{text:?}: {versions:?}"
            );
            versions.contains(&7)
        }
        Err(_) => {
            assert!(!any && !named(&current), "{text:?} names no version");
            false
        }
    };
    changeable || not_modified
}
