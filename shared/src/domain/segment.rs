//! Ids that others chose, as segments of paths.
//!
//! Percent-encoding cannot carry them: an HTTP API of API Gateway decodes a path before it routes it and hands on the
//! decoded text, in which `%2F` has become a separator, and from which a `?` has cut the rest off. So ids have an escape that
//! no gateway knows: every byte but `A–Z a–z 0–9 . _ -` is `~` and two hex digits, in lower case, because a
//! widespread client lower-cases whole `Link` headers (AGS 82). The dots of an id `.` or `..`, which would lead to
//! another place, are escaped as well.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

/// Why a segment stands for no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have two hex digits after each ~ in a path, and be UTF-8 then")]
pub struct SegmentError;

/// The segment that stands for `id`.
#[must_use]
pub fn escape(id: &str) -> String {
    let dots = matches!(id, "." | "..");
    let mut segment = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || byte == b'.' && !dots {
            segment.push(char::from(byte));
        } else {
            segment.push('~');
            HEXLOWER.encode_append(&[byte], &mut segment);
        }
    }
    segment
}

/// The text that `segment` stands for, escaped more or less than we would: hex digits of either case, and other characters
/// as they are.
///
/// # Errors
/// [`SegmentError`] where a `~` begins no escape, or what it escapes is no text.
pub fn unescape(segment: &str) -> Result<String, SegmentError> {
    let mut parts = segment.split('~');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or(SegmentError)?;
        bytes.extend(HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| SegmentError)?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| SegmentError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_is_one_plain_segment_ags_123() {
        for (id, segment) in [
            ("learner-7", "learner-7"),
            ("Ada.L_1", "Ada.L_1"),
            ("a/b?c#d%e", "a~2fb~3fc~23d~25e"),
            ("~2f +", "~7e2f~20~2b"),
            (".", "~2e"),
            ("..", "~2e~2e"),
            ("...", "..."),
            ("ü", "~c3~bc"),
        ] {
            assert_eq!(escape(id), segment);
            assert_eq!(unescape(segment).as_deref(), Ok(id));
        }
    }

    #[test]
    fn other_spellings_are_read_and_what_is_no_escape_is_not() {
        assert_eq!(unescape("~2F~61 b/%").as_deref(), Ok("/a b/%"));
        for bad in ["~", "a~", "~2", "~2~2f", "~zz", "~+1", "~ü", "~ff", "~c3", "~~7e"] {
            assert_eq!(unescape(bad), Err(SegmentError), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back_from_its_segment(id in any::<String>()) {
            let segment = escape(&id);
            prop_assert!(segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"~._-".contains(&byte)));
            prop_assert_eq!(unescape(&segment), Ok(id));
        }
    }
}
