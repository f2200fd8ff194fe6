//! How long an answer says that it stays good (RFC 9111 §4.2).

/// A set is never fetched more often than this for its age alone, in seconds, whatever its host says.
const SHORTEST: i64 = 300;
/// A withdrawn key is noticed after this many seconds at the latest, whatever the host says.
const LONGEST: i64 = 24 * 3_600;
/// For a host that says nothing, in seconds.
const USUAL: i64 = 3_600;

/// How long an answer may be used, in seconds, by its `Cache-Control` fields and its `Age`.
pub(super) fn lifetime<'a>(cache_control: impl Iterator<Item = &'a str>, age: Option<&str>) -> i64 {
    let mut max_age = None;
    for directive in cache_control.flat_map(|field| field.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            // There is no way not to keep it: each token would cost the tool a request.
            "no-store" | "no-cache" => return SHORTEST,
            // §4.2.1: of two the shorter, and one that is no number counts as stale.
            "max-age" => max_age = Some(max_age.unwrap_or(i64::MAX).min(seconds(value).unwrap_or(0))),
            _ => {}
        }
    }
    let age = age.and_then(seconds).unwrap_or(0);
    max_age.map_or(USUAL, |max_age| max_age.saturating_sub(age)).clamp(SHORTEST, LONGEST)
}

/// A number of seconds (RFC 9111 §1.2.2); one that is too large counts as the largest.
fn seconds(text: &str) -> Option<i64> {
    let digits = text.trim().trim_matches('"');
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_lives_as_long_as_its_host_says_within_bounds_ags_144() {
        for (cache_control, age, expected) in [
            (&[][..], None, USUAL),
            (&["public"], None, USUAL),
            (&["max-age=1000"], None, 1_000),
            (&["public, Max-Age = \"1000\" , immutable"], None, 1_000),
            (&["max-age=1000"], Some("400"), 600),
            (&["max-age=1000"], Some(" 400 "), 600),
            (&["max-age=1000"], Some("x"), 1_000),
            (&["max-age=1000"], Some("-400"), 1_000),
            (&["max-age=1000"], Some("99999999999999999999"), SHORTEST),
            (&[], Some("400"), USUAL),
            (&["max-age=300"], None, 300),
            (&["max-age=299"], None, SHORTEST),
            (&["max-age=0"], None, SHORTEST),
            (&["max-age=-1"], None, SHORTEST),
            (&["max-age="], None, SHORTEST),
            (&["max-age=86400"], None, 86_400),
            (&["max-age=86401"], None, LONGEST),
            (&["max-age=99999999999999999999"], None, LONGEST),
            (&["max-age=2000", "max-age=1000"], None, 1_000),
            (&["s-maxage=1000"], None, USUAL),
            (&["max-age=1000", "no-store"], None, SHORTEST),
            (&["no-cache=\"set-cookie\", max-age=1000"], None, SHORTEST),
            (&["NO-CACHE"], None, SHORTEST),
        ] {
            let fields = cache_control.iter().copied();
            assert_eq!(lifetime(fields, age), expected, "{cache_control:?} {age:?}");
        }
    }
}
