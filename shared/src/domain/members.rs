//! A JSON object read member by member, so that every complaint names the member and the rule.
//!
//! Numbers stay text until a [`Decimal`] reads them; no binary float is ever involved.

mod readable;
mod without;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Decimal;
pub use without::without_member;

/// Why a request body or a set of claims was refused. The texts are for the caller and hold nothing of the body
/// except member names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not JSON, or not an object (AGS 44).
    #[error("the body must be a JSON object: {0}")]
    Body(String),
    /// One member breaks a rule.
    #[error("{name} {reason}")]
    Member {
        /// The member, with the names of the objects around it: `submission.startedAt`.
        name: String,
        /// What it must be.
        reason: String,
    },
}

impl Invalid {
    /// The complaint that member `name` breaks the rule that `reason` states ("must …").
    pub fn member(name: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self::Member { name: name.into(), reason: reason.to_string() }
    }
}

/// The longest name of an extension, in bytes.
const EXTENSION_NAME_MAX: usize = 2_000;

/// The complaint about what is kept and could not be given out again.
const UNREADABLE: &str = "cannot be read by every JSON library";

/// As much of a member's name as a complaint needs.
fn start_of(name: &str) -> String {
    name.chars().take(60).collect()
}

/// Whether a member name is an extension's: a full URL (AGS 58).
fn is_extension(name: &str) -> bool {
    name.starts_with("https://") || name.starts_with("http://")
}

/// The members of one JSON object, each still unread.
#[derive(Debug)]
pub struct Members<'a> {
    prefix: String,
    members: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

impl<'a> Members<'a> {
    /// Reads a body. Unknown members are never an error; a member given twice is, since one of the two would be lost.
    ///
    /// # Errors
    /// [`Invalid::Body`] if it is not JSON in UTF-8, or not an object.
    pub fn parse(body: &'a [u8]) -> Result<Self, Invalid> {
        Self::parse_within(String::new(), body)
    }

    /// Reads a body that is kept and given out again as it was written, as a whole.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and [`Invalid::Body`] where some library could not read it.
    pub fn parse_kept(body: &'a [u8]) -> Result<Self, Invalid> {
        let members = Self::parse(body)?;
        readable::check(body).map_err(|error| Invalid::Body(format!("it {UNREADABLE}: {error}")))?;
        Ok(members)
    }

    /// A member that is kept and given out again as it was written; `None` where it is absent or null.
    ///
    /// # Errors
    /// If some library could not read it: it would spoil the whole list in which it is given out.
    pub fn kept(&self, name: &str) -> Result<Option<String>, Invalid> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        self.check_readable(name, raw)?;
        Ok(Some(raw.to_owned()))
    }

    fn check_readable(&self, name: &str, raw: &str) -> Result<(), Invalid> {
        readable::check(raw.as_bytes())
            .map_err(|error| self.complain(&start_of(name), format_args!("{UNREADABLE}: {error}")))
    }

    fn parse_within(prefix: String, json: &'a [u8]) -> Result<Self, Invalid> {
        let first = json.iter().find(|byte| !byte.is_ascii_whitespace());
        if first.is_some_and(|byte| *byte != b'{') {
            return Err(Invalid::Body("it is not an object".to_owned()));
        }
        let Object(members) =
            serde_json::from_slice(json).map_err(|error| Invalid::Body(error.to_string()))?;
        Ok(Self { prefix, members })
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The complaint that `name` breaks the rule that `reason` states ("must …").
    #[must_use]
    pub fn complain(&self, name: &str, reason: impl fmt::Display) -> Invalid {
        Invalid::member(self.path(name), reason)
    }

    /// Whether the member is there, be it null.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// The member as it was written; `None` where it is absent or null.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.members.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null")
    }

    fn typed<T: Deserialize<'a>>(&self, name: &str, expected: &str) -> Result<Option<T>, Invalid> {
        self.raw(name)
            .map(|raw| serde_json::from_str(raw).map_err(|_| self.complain(name, expected)))
            .transpose()
    }

    /// A string; `None` where absent or null.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn string(&self, name: &str) -> Result<Option<String>, Invalid> {
        self.typed(name, "must be a string")
    }

    /// `true` or `false`; `None` where absent, null or an empty string.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Invalid> {
        if self.is_empty_text(name) { Ok(None) } else { self.typed(name, "must be true or false") }
    }

    /// Some tools write an empty string for whatever they do not set.
    fn is_empty_text(&self, name: &str) -> bool {
        self.raw(name) == Some("\"\"")
    }

    /// A list of strings; `None` where absent or null.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn strings(&self, name: &str) -> Result<Option<Vec<String>>, Invalid> {
        self.typed(name, "must be a list of strings")
    }

    /// A string that `T` can read; `None` where absent, null or empty, as tools write what they do not set.
    ///
    /// # Errors
    /// If it is not a string, or `T` refuses it.
    pub fn text<T>(&self, name: &str) -> Result<Option<T>, Invalid>
    where
        T: FromStr<Err: fmt::Display>,
    {
        self.string(name)?
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().map_err(|error| self.complain(name, error)))
            .transpose()
    }

    /// As [`text`](Self::text), and it must be there.
    ///
    /// # Errors
    /// If it is absent, null or empty, not a string, or `T` refuses it.
    pub fn required_text<T>(&self, name: &str) -> Result<T, Invalid>
    where
        T: FromStr<Err: fmt::Display>,
    {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    /// The complaint that `name` is required.
    #[must_use]
    pub fn missing(&self, name: &str) -> Invalid {
        self.complain(name, "is required")
    }

    /// A number, or a string that holds one, as a widespread Java client sends it; `None` where absent or null.
    ///
    /// # Errors
    /// If it is neither, or breaks a rule of [`Decimal`].
    pub fn decimal(&self, name: &str) -> Result<Option<Decimal>, Invalid> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let quoted: Option<String> = serde_json::from_str(raw).ok();
        let number = quoted.as_deref().unwrap_or(raw).parse();
        number.map(Some).map_err(|error| self.complain(name, error))
    }

    /// An object; `None` where absent, null or an empty string.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn object(&self, name: &str) -> Result<Option<Members<'a>>, Invalid> {
        self.raw(name)
            .filter(|_| !self.is_empty_text(name))
            .map(|raw| {
                Self::parse_within(self.path(&format!("{name}.")), raw.as_bytes())
                    .map_err(|_| self.complain(name, "must be an object"))
            })
            .transpose()
    }

    /// All members, each a string.
    ///
    /// # Errors
    /// If one is anything else.
    pub fn all_strings(&self) -> Result<Vec<(&str, String)>, Invalid> {
        let string = |name: &'_ Cow<'a, str>| self.string(name)?.ok_or_else(|| self.missing(name));
        self.members.keys().map(|name| Ok((name.as_ref(), string(name)?))).collect()
    }

    /// The members whose names are full URLs, as they were written (AGS 58).
    ///
    /// # Errors
    /// If a name is longer than any URL should be, or a value one that some library could not read.
    pub fn extensions(&self) -> Result<BTreeMap<String, String>, Invalid> {
        let extensions = self.members.iter().filter(|(name, _)| is_extension(name));
        let kept = |(name, raw): (&Cow<'a, str>, &&RawValue)| {
            if name.len() > EXTENSION_NAME_MAX {
                let name = format!("{}…", start_of(name));
                return Err(self.complain(&name, "must have a name of at most 2000 bytes"));
            }
            self.check_readable(name, raw.get())?;
            Ok((name.to_string(), raw.get().to_owned()))
        };
        extensions.map(kept).collect()
    }
}

struct Object<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unique;

        impl<'de> Visitor<'de> for Unique {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    if members.contains_key(&name) {
                        return Err(A::Error::custom(format_args!("{:?} is given twice", start_of(&name))));
                    }
                    members.insert(name, value);
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_body_that_is_not_one_object_is_refused_ags_44() {
        for body in
            ["", "[]", "1", "\"a\"", "null", "{", "{}{}", "{\"a\":1,\"a\":2}", "{\"a\":01}", "\u{feff}{}"]
        {
            assert!(matches!(Members::parse(body.as_bytes()), Err(Invalid::Body(_))), "{body}");
        }
        assert!(Members::parse(b"{\"a\":\"\xff\"}").is_err());
        assert!(Members::parse(b" {} ").is_ok());
    }

    #[test]
    fn a_member_that_some_library_cannot_read_is_refused_by_name() {
        let body = br#"{"a": 1, "https://b": [9e991]}"#;
        let complaint = Members::parse(body).unwrap().extensions().unwrap_err().to_string();
        let expected =
            "https://b cannot be read by every JSON library: number out of range at line 1 column 6";
        assert_eq!(complaint, expected);
        assert!(matches!(Members::parse_kept(body), Err(Invalid::Body(_))));
    }

    #[test]
    fn no_complaint_repeats_what_a_body_holds() {
        for body in ["\"secret\"", "[\"secret\"]", "{\"a\": secret}", "secret"] {
            let complaint = Members::parse(body.as_bytes()).unwrap_err().to_string();
            assert!(!complaint.contains("secret"), "{complaint}");
        }
    }

    #[test]
    fn a_complaint_names_the_member_and_where_it_stands() {
        let outer = Members::parse(br#"{"submission": {"startedAt": 7}, "label": []}"#).unwrap();
        let inner = outer.object("submission").unwrap().unwrap();
        let error = inner.text::<crate::domain::Timestamp>("startedAt").unwrap_err();
        assert_eq!(error.to_string(), "submission.startedAt must be a string");
        assert_eq!(outer.string("label").unwrap_err().to_string(), "label must be a string");
        assert_eq!(outer.object("label").unwrap_err().to_string(), "label must be an object");
        assert_eq!(outer.missing("tag").to_string(), "tag is required");
    }

    #[test]
    fn null_and_the_empty_string_are_absent_where_a_member_may_be() {
        let members = Members::parse(br#"{"a": null, "b": "", "c": "x"}"#).unwrap();
        assert_eq!(members.text::<String>("a").unwrap(), None);
        assert_eq!(members.text::<String>("b").unwrap(), None);
        assert_eq!(members.text::<String>("c").unwrap().as_deref(), Some("x"));
        assert_eq!(members.boolean("b").unwrap(), None);
        assert!(members.object("b").unwrap().is_none());
        assert!(members.decimal("b").is_err(), "an empty string is no number");
    }

    #[test]
    fn a_number_is_read_digit_for_digit_quoted_or_not() {
        let members =
            Members::parse(br#"{"a": 0.10000000000000000001, "b": "83.5", "c": true, "d": "x"}"#).unwrap();
        assert_eq!(members.decimal("a").unwrap().unwrap().to_string(), "0.10000000000000000001");
        assert_eq!(members.decimal("b").unwrap().unwrap().to_string(), "83.5");
        assert_eq!(members.decimal("c").unwrap_err().to_string(), "c must be a number");
        assert!(members.decimal("d").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Members::parse(&body);
        }
    }
}
