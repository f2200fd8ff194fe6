//! An object as it was written, but for one member.

use super::{Invalid, Members};

/// The object `body` as it was written, but for its member `name`.
///
/// # Errors
/// As [`Members::parse`].
pub fn without_member(body: &str, name: &str) -> Result<String, Invalid> {
    let members = Members::parse(body.as_bytes())?;
    let Some(value) = members.members.get(name).map(|raw| raw.get()) else { return Ok(body.to_owned()) };
    // What was read is a part of the body, so that its place there is known.
    let start = value.as_ptr().addr() - body.as_ptr().addr();
    let (before, after) = (&body[..start], &body[start + value.len()..]);
    // Before it stand the colon and, in quotes, its name: however that is written, no quote is in it.
    let before = before.rsplitn(3, '"').nth(2).unwrap_or_default();
    let kept = match (before.trim_end().strip_suffix(','), after.trim_start().strip_prefix(',')) {
        (Some(before), _) => [before, after],
        (None, Some(after)) => [before, after],
        (None, None) => [before, after],
    };
    Ok(kept.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_without_a_member_is_the_same_text_for_the_rest() {
        for (body, rest) in [
            (r#"{"comment":"x"}"#, "{}"),
            (r#"{ "comment" : "x" , "a":1.0}"#, r#"{  "a":1.0}"#),
            (r#"{"a": "\"comment\":1", "comment": ",\"" }"#, r#"{"a": "\"comment\":1" }"#),
            (r#"{"a":{"comment":1},"\u0063omment":null,"b":[1 ,2]}"#, r#"{"a":{"comment":1},"b":[1 ,2]}"#),
            (r#"{"a": 1 }"#, r#"{"a": 1 }"#),
        ] {
            assert_eq!(without_member(body, "comment").unwrap(), rest);
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(without_member("[]", "comment").is_err());
    }
}
