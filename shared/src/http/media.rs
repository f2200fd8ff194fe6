//! Media types, and how leniently they are matched (AGS 40–42).

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};

/// Plain JSON.
pub const JSON: &str = "application/json";
/// One line item (AGS 3).
pub const LINE_ITEM: &str = "application/vnd.ims.lis.v2.lineitem+json";
/// An array of line items.
pub const LINE_ITEM_CONTAINER: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
/// One result.
pub const RESULT: &str = "application/vnd.ims.lis.v2.result+json";
/// An array of results.
pub const RESULT_CONTAINER: &str = "application/vnd.ims.lis.v2.resultcontainer+json";
/// An error (RFC 9457).
pub(super) const PROBLEM: &str = "application/problem+json";

/// `type/subtype` in lower case, without parameters.
fn essence(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(essence: &str) -> bool {
    essence == JSON || essence.strip_prefix("application/").is_some_and(|subtype| subtype.ends_with("+json"))
}

/// Whether the client takes JSON of any kind. No client names exactly the type that it gets on every call, so only a
/// header that excludes every JSON type is refused (AGS 41).
pub(super) fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("*/*").split(','))
        .filter(|range| !range.trim().is_empty())
        .peekable();
    ranges.peek().is_none() || ranges.any(admits)
}

fn admits(range: &str) -> bool {
    let refused =
        range.split(';').skip(1).filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
            name.trim().eq_ignore_ascii_case("q") && value.trim().parse::<f32>().is_ok_and(|q| q <= 0.0)
        });
    let essence = essence(range);
    !refused && (matches!(essence.as_str(), "*/*" | "*" | "application/*") || is_json(&essence))
}

/// Whether a body of this `Content-Type` is read as JSON: the types of AGS on any endpoint, plain JSON, or none (AGS 42).
pub(super) fn holds_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let essence = essence(value.to_str().unwrap_or_default());
    essence == JSON || essence.starts_with("application/vnd.ims.") && essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn only_an_accept_that_excludes_every_json_type_is_refused_ags_41() {
        for good in [
            "*/*",
            "application/json",
            "text/html, application/vnd.ims.lis.v2.lineitem+json;q=0.1",
            "application/vnd.ims.lis.v1.score+json",
            "application/*",
            "",
            "Application/JSON; charset=utf-8",
        ] {
            assert!(accepts_json(&headers(ACCEPT, good)), "{good}");
        }
        assert!(accepts_json(&HeaderMap::new()));
        for bad in [
            "text/html",
            "application/xml, text/plain",
            "application/json;q=0",
            "application/jsonp",
            "*/*;q=0.0",
        ] {
            assert!(!accepts_json(&headers(ACCEPT, bad)), "{bad}");
        }
    }

    #[test]
    fn content_types_are_compared_without_parameters_ags_42() {
        for good in [
            "application/json",
            "application/vnd.ims.lis.v2.lineitem+json; charset=UTF-8",
            "application/vnd.ims.lis.v1.score+json",
            "APPLICATION/JSON",
        ] {
            assert!(holds_json(&headers(CONTENT_TYPE, good)), "{good}");
        }
        assert!(holds_json(&HeaderMap::new()));
        for bad in
            ["text/plain", "application/x-www-form-urlencoded", "application/xml", "application/hal+json", ""]
        {
            assert!(!holds_json(&headers(CONTENT_TYPE, bad)), "{bad}");
        }
    }
}
