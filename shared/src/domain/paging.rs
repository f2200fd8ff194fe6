//! Pages: how many entries, which ones, and the cursor that finds the rest.
//!
//! A cursor is lower-case hex, because a widespread client lower-cases whole `Link` headers (AGS 82). It carries the
//! limit, the filters and the last entry of its page (AGS 81), so nothing added or deleted in between can make a
//! later page skip or repeat an entry (AGS 83). Filters travel as digests: a cursor stays short however long they
//! are, and there is one form of it only. It grants nothing: whose entries are listed is decided by the token.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{LineItem, LineItemId, UserId};

/// The most entries of a page, and the number where the tool asks for none: many tools never page.
const LIMIT_MAX: u16 = 1_000;

/// A page ends before it measures more than this, in bytes as they travel: Lambda takes at most 6 MB, and puts the JSON
/// into another JSON string on the way.
pub const PAGE_BYTES: usize = 4_000_000;

/// How many entries a page holds at most: 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// Reads a `limit` parameter. More than 1000 means 1000: refusing it breaks tools that ask for "all" (AGS 78).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim_start_matches('0');
        if digits.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self(digits.parse::<u16>().unwrap_or(LIMIT_MAX).min(LIMIT_MAX)))
    }

    /// The number of entries.
    #[must_use]
    pub fn get(self) -> usize {
        self.0.into()
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(LIMIT_MAX)
    }
}

/// What a value of a filter is compared by: the first 16 bytes of its SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldDigest([u8; 16]);

impl FieldDigest {
    /// The digest of `value`, to which only the same bytes are equal (AGS 76).
    #[must_use]
    pub fn of(value: &str) -> Self {
        let mut short = [0; 16];
        short.copy_from_slice(&Sha256::digest(value.as_bytes())[..16]);
        Self(short)
    }
}

/// Which line items are wanted: all filters that are set must match (AGS 75).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineItemFilter {
    /// `resource_link_id`.
    pub resource_link: Option<FieldDigest>,
    /// `resource_id`.
    pub resource_id: Option<FieldDigest>,
    /// `tag`.
    pub tag: Option<FieldDigest>,
}

impl LineItemFilter {
    /// Whether `item` is wanted.
    #[must_use]
    pub fn matches(&self, item: &LineItem) -> bool {
        let fits = |wanted: Option<FieldDigest>, value: Option<&str>| {
            wanted.is_none_or(|digest| value.is_some_and(|value| FieldDigest::of(value) == digest))
        };
        let definition = &item.definition;
        fits(self.resource_link, item.resource_link.as_ref().map(|link| link.as_str()))
            && fits(self.resource_id, definition.resource_id.as_ref().map(|id| id.as_str()))
            && fits(self.tag, definition.tag.as_ref().map(|tag| tag.as_str()))
    }

    fn parts(&self) -> [Option<FieldDigest>; 3] {
        [self.resource_link, self.resource_id, self.tag]
    }
}

/// The text is not a cursor that this service gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be taken unchanged from a next link")]
pub struct CursorError;

/// Told apart by their first byte, so that a cursor of one list is refused by the other.
const LINE_ITEMS: u8 = 1;
const RESULTS: u8 = 2;

/// Where the next page of line items starts, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineItemCursor {
    /// Entries per page.
    pub limit: Limit,
    /// Which line items.
    pub filter: LineItemFilter,
    /// The last line item of the page before.
    pub after: LineItemId,
}

impl LineItemCursor {
    /// The cursor as it stands in a URL.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = vec![LINE_ITEMS];
        bytes.extend(self.limit.0.to_be_bytes());
        let parts = self.filter.parts();
        bytes.push(parts.iter().enumerate().map(|(bit, part)| u8::from(part.is_some()) << bit).sum());
        for FieldDigest(digest) in parts.into_iter().flatten() {
            bytes.extend(digest);
        }
        bytes.extend(self.after.as_bytes());
        HEXLOWER.encode(&bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// [`CursorError`] for anything else.
    pub fn decode(text: &str) -> Result<Self, CursorError> {
        let (limit, rest) = decode(LINE_ITEMS, text)?;
        let (flags, mut rest) = rest.split_first().ok_or(CursorError)?;
        if flags & !0b111 != 0 {
            return Err(CursorError);
        }
        let mut part = |bit: u8| {
            if flags & (1 << bit) == 0 {
                return Ok(None);
            }
            let (digest, tail) = rest.split_first_chunk().ok_or(CursorError)?;
            rest = tail;
            Ok(Some(FieldDigest(*digest)))
        };
        let filter = LineItemFilter { resource_link: part(0)?, resource_id: part(1)?, tag: part(2)? };
        let after = LineItemId::from_bytes(rest.try_into().map_err(|_| CursorError)?);
        Ok(Self { limit, filter, after })
    }
}

/// Where the next page of results starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultCursor {
    /// Entries per page.
    pub limit: Limit,
    /// The user of the last result of the page before.
    pub after: UserId,
}

impl ResultCursor {
    /// The cursor as it stands in a URL.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = vec![RESULTS];
        bytes.extend(self.limit.0.to_be_bytes());
        bytes.extend(self.after.as_str().bytes());
        HEXLOWER.encode(&bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// [`CursorError`] for anything else.
    pub fn decode(text: &str) -> Result<Self, CursorError> {
        let (limit, rest) = decode(RESULTS, text)?;
        let user = String::from_utf8(rest).map_err(|_| CursorError)?;
        Ok(Self { limit, after: user.try_into().map_err(|_| CursorError)? })
    }
}

fn decode(kind: u8, text: &str) -> Result<(Limit, Vec<u8>), CursorError> {
    let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| CursorError)?;
    match bytes.as_slice() {
        [first, high, low, rest @ ..] if *first == kind => {
            let limit = u16::from_be_bytes([*high, *low]);
            if !(1..=LIMIT_MAX).contains(&limit) {
                return Err(CursorError);
            }
            Ok((Limit(limit), rest.to_vec()))
        }
        _ => Err(CursorError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_limit_is_a_positive_integer_and_clamped_ags_78() {
        assert_eq!(Limit::parse("7").map(Limit::get), Some(7));
        assert_eq!(Limit::parse("007").map(Limit::get), Some(7));
        for large in ["1001", "65536", "99999999999999999999999"] {
            assert_eq!(Limit::parse(large).map(Limit::get), Some(1_000), "{large}");
        }
        for bad in ["0", "000", "-1", "", "1.5", "ten", "+5", " 5"] {
            assert_eq!(Limit::parse(bad), None, "{bad:?}");
        }
    }

    fn filter() -> impl Strategy<Value = LineItemFilter> {
        let digest = || proptest::option::of(".*".prop_map(|text| FieldDigest::of(&text)));
        (digest(), digest(), digest()).prop_map(|(resource_link, resource_id, tag)| LineItemFilter {
            resource_link,
            resource_id,
            tag,
        })
    }

    proptest! {
        #[test]
        fn a_line_item_cursor_reads_back_and_is_lower_case_ags_82(
            limit in 1u16..=1000, filter in filter(), after in any::<[u8; 16]>(),
        ) {
            let cursor = LineItemCursor { limit: Limit(limit), filter, after: LineItemId::from_bytes(after) };
            let text = cursor.encode();
            prop_assert_eq!(&text, &text.to_lowercase());
            prop_assert!(text.len() <= 136);
            prop_assert_eq!(LineItemCursor::decode(&text), Ok(cursor));
            prop_assert!(ResultCursor::decode(&text).is_err());
        }

        #[test]
        fn a_result_cursor_reads_back_and_is_lower_case_ags_82(limit in 1u16..=1000, user in "[ -~]{3,255}") {
            let cursor = ResultCursor { limit: Limit(limit), after: user.parse().unwrap() };
            let text = cursor.encode();
            prop_assert_eq!(&text, &text.to_lowercase());
            prop_assert_eq!(ResultCursor::decode(&text), Ok(cursor));
            prop_assert!(LineItemCursor::decode(&text).is_err());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[0-9a-f]{0,80}|\\PC*") {
            let _ = LineItemCursor::decode(&text);
            let _ = ResultCursor::decode(&text);
        }
    }
}
