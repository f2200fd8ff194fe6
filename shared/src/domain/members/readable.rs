//! JSON that the common libraries can read, though its grammar allows more.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Levels of lists and objects: some libraries give up at a hundred, and what is answered wraps a few
/// around it.
const LEVELS: u8 = 32;

/// Reads any value and keeps nothing of it; fails where some library would: a number beyond the range of a double, half
/// of a surrogate pair, too many levels. The grammar allows all three, and so does what keeps a value as it was written
/// (RFC 8259 §6, §8.2, §9).
#[derive(Debug, Clone, Copy)]
struct Readable {
    levels: u8,
}

/// # Errors
/// Why not every library could read `json`, without repeating any of it.
pub(super) fn check(json: &[u8]) -> Result<(), serde_json::Error> {
    Readable { levels: LEVELS }.deserialize(&mut serde_json::Deserializer::from_slice(json))
}

impl Readable {
    fn inside<E: Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1);
        let levels = levels.ok_or_else(|| E::custom(format_args!("more than {LEVELS} levels")))?;
        Ok(Self { levels })
    }
}

impl<'de> DeserializeSeed<'de> for Readable {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Readable {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while list.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while object.next_key_seed(inside)?.is_some() {
            object.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_library_reads_passes() {
        for json in ["null", "true", "-1", "18446744073709551616", "1.5e300", r#""\ud83d\ude00""#, "[{}]"] {
            assert!(check(json.as_bytes()).is_ok(), "{json}");
        }
        let levels = |count: usize| format!("{}{}", "[".repeat(count), "]".repeat(count));
        assert!(check(levels(LEVELS.into()).as_bytes()).is_ok());
        assert!(check(levels(usize::from(LEVELS) + 1).as_bytes()).is_err());
    }

    #[test]
    fn what_some_library_cannot_read_is_refused_however_deep_it_lies() {
        for json in ["9e991", r#""\ud800""#, r#"{"\udc00":1}"#] {
            for around in ["#", "[0,#]", r#"{"a":[#]}"#] {
                let json = around.replace('#', json);
                assert!(check(json.as_bytes()).is_err(), "{json}");
            }
        }
    }
}
