//! Instants as AGS writes them: ISO 8601 with a zone, sub-second, compared exactly.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// Why a text is not an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Not ISO 8601, without a zone designator, or finer than a nanosecond.
    #[error("must be an ISO 8601 date and time with a zone designator, such as 2026-11-21T20:53:31.535Z")]
    Syntax,
    /// Before the year 1 or after the year 9999.
    #[error("must lie in the years 1 to 9999")]
    Range,
}

/// An instant to the nanosecond, in the years 1 to 9999.
///
/// The zone in which it was written is not kept: two spellings of one instant are equal (AGS 94).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// The instant that many nanoseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TimestampError::Range`] outside the years 1 to 9999.
    pub fn from_unix_nanos(nanos: i128) -> Result<Self, TimestampError> {
        let instant = jiff::Timestamp::from_nanosecond(nanos).map_err(|_| TimestampError::Range)?;
        // A negative year would print with a sign, out of the order of the others.
        let year_one = jiff::Timestamp::from_second(-62_135_596_800).map_err(|_| TimestampError::Range)?;
        if instant < year_one { Err(TimestampError::Range) } else { Ok(Self(instant)) }
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_nanos(self) -> i128 {
        self.0.as_nanosecond()
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        let seconds = self.0.as_second();
        if self.0.subsec_nanosecond() < 0 { seconds - 1 } else { seconds }
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Takes what tools really send: `Z` or an offset in any of ISO 8601's forms, with or without a fraction (AGS 94).
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        // The library also reads RFC 9557 suffixes such as [Europe/Paris], which AGS does not have.
        if text.contains('[') {
            return Err(TimestampError::Syntax);
        }
        let instant: jiff::Timestamp = text.parse().map_err(|_| TimestampError::Syntax)?;
        Self::from_unix_nanos(instant.as_nanosecond())
    }
}

impl fmt::Display for Timestamp {
    /// UTC with `Z`, and a fraction only where there is one: some clients read dates without a fraction only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_spellings_that_real_tools_send_are_one_instant_ags_94() {
        let expected: Timestamp = "2026-11-21T20:53:31Z".parse().unwrap();
        for text in [
            "2026-11-21T20:53:31.000Z",
            "2026-11-21T20:53:31+00:00",
            "2026-11-21T20:53:31.000000+00:00",
            "2026-11-21T20:53:31+0000",
            "2026-11-21T20:53:31+00",
            "2026-11-21T22:53:31+02:00",
            "2026-11-21T15:23:31-0530",
            "2026-11-21t20:53:31z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Ok(expected), "{text}");
        }
        assert_eq!(expected.to_string(), "2026-11-21T20:53:31Z");
    }

    #[test]
    fn a_timestamp_without_a_zone_is_refused_ags_94() {
        for text in [
            "2026-11-21T20:53:31",
            "2026-11-21T20:53:31.535641",
            "2026-11-21",
            "",
            "now",
            "1763758411",
            "2026-11-21T20:53:31Z[UTC]",
            "2026-13-21T20:53:31Z",
            "2026-11-21T25:53:31Z",
            "2026-11-21T20:53:31.0123456789Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimestampError::Syntax), "{text}");
        }
        assert_eq!("-000100-11-21T20:53:31Z".parse::<Timestamp>(), Err(TimestampError::Range));
    }

    #[test]
    fn a_nanosecond_makes_a_difference() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(at("2026-11-21T20:53:31.000000001Z") > at("2026-11-21T20:53:31Z"));
        assert_eq!(at("2026-11-21T20:53:31.5Z").to_string(), "2026-11-21T20:53:31.5Z");
        assert_eq!(at("1969-12-31T23:59:59.5Z").unix_seconds(), -1);
    }

    proptest! {
        #[test]
        fn printing_and_parsing_loses_nothing(nanos in 0i128..250_000_000_000_000_000_000) {
            let instant = Timestamp::from_unix_nanos(nanos).unwrap();
            prop_assert_eq!(instant.to_string().parse(), Ok(instant));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
