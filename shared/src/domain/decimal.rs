//! Exact decimals for grades: what a tool writes is what is stored and what is read back.

use std::fmt;
use std::str::FromStr;

use bigdecimal::{BigDecimal, RoundingMode, Zero};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Significant digits that are kept: those of an IEEE 754 decimal128, twice what a double holds.
const PRECISION: u64 = 34;
/// Powers of ten within which a number that is not zero must lie, so that no quotient of three leaves a double.
const EXPONENTS: std::ops::RangeInclusive<i128> = -100..=99;
/// No number of 34 digits in that range needs more text than this.
const TEXT_MAX: usize = 256;
/// A power of ten that no number of that range, written in that much text, can have.
const FAR_OUTSIDE: u64 = 1_000;

/// Why a text is not a grade's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not a number as JSON writes them.
    #[error("must be a number")]
    NotANumber,
    /// Below zero (AGS 87).
    #[error("must not be negative")]
    Negative,
    /// Zero where a maximum belongs (AGS 48, 88).
    #[error("must be greater than 0")]
    NotPositive,
    /// More than 34 significant digits: storing it would alter it.
    #[error("must have at most 34 significant digits")]
    TooPrecise,
    /// Not zero, and below 10^-100 or from 10^100 up.
    #[error("must be 0, or at least 1e-100 and less than 1e100")]
    OutOfRange,
}

/// A number of a grade: zero or more, exact, at most 34 significant digits, 0 or from 10^-100 to below 10^100.
///
/// There is no conversion from or to a binary float.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(BigDecimal);

impl Decimal {
    /// `self × target ÷ maximum`, which is how a score reads on the scale of a line item (AGS 111).
    ///
    /// Exact where the quotient has at most 34 significant digits, else rounded to that many, half to even. The
    /// quotient may lie outside the range of a parsed [`Decimal`], but always within that of a double.
    #[must_use]
    pub fn scale(&self, maximum: &ScoreMaximum, target: &ScoreMaximum) -> Self {
        let quotient = &self.0 * &target.0.0 / &maximum.0.0;
        let digits = std::num::NonZeroU64::new(PRECISION).unwrap_or(std::num::NonZeroU64::MIN);
        let rounded = quotient.with_precision_round(digits, RoundingMode::HalfEven);
        Self(rounded.normalized())
    }

    /// Whether it is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        // JSON's grammar is narrower than the decimal library's: no `_`, no `+1`, no blanks.
        let is_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
            && serde_json::from_str::<&RawValue>(text).is_ok_and(|raw| raw.get() == text);
        if !is_number {
            return Err(DecimalError::NotANumber);
        }
        if text.len() > TEXT_MAX {
            return Err(DecimalError::TooPrecise);
        }
        // Zero to any power of ten is zero, even where the power alone is out of range.
        let (digits, _) = text.split_once(['e', 'E']).unwrap_or((text, ""));
        if !digits.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
            return Ok(Self(BigDecimal::zero()));
        }
        let parsed: BigDecimal = text.parse().map_err(|_| DecimalError::OutOfRange)?;
        if text.starts_with('-') {
            return Err(DecimalError::Negative);
        }
        // Far outside the range the library's own arithmetic on exponents overflows.
        if parsed.fractional_digit_count().unsigned_abs() > FAR_OUTSIDE {
            return Err(DecimalError::OutOfRange);
        }
        let number = parsed.normalized();
        if number.digits() > PRECISION {
            return Err(DecimalError::TooPrecise);
        }
        let exponent = i128::from(number.digits()) - i128::from(number.fractional_digit_count()) - 1;
        if !EXPONENTS.contains(&exponent) {
            return Err(DecimalError::OutOfRange);
        }
        Ok(Self(number))
    }
}

impl fmt::Display for Decimal {
    /// Plain notation without needless zeros: `0.1`, `100`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Decimal {
    /// A JSON number, digit for digit; only `serde_json` can write it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// The points that a full score earns: a [`Decimal`] greater than zero (AGS 48, 88).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ScoreMaximum(Decimal);

impl ScoreMaximum {
    /// 100, of which percentages are.
    #[must_use]
    pub fn hundred() -> Self {
        Self(Decimal(BigDecimal::from(100)))
    }

    /// The number.
    #[must_use]
    pub const fn as_decimal(&self) -> &Decimal {
        &self.0
    }
}

impl TryFrom<Decimal> for ScoreMaximum {
    type Error = DecimalError;

    fn try_from(number: Decimal) -> Result<Self, DecimalError> {
        if number.is_zero() { Err(DecimalError::NotPositive) } else { Ok(Self(number)) }
    }
}

impl FromStr for ScoreMaximum {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        text.parse::<Decimal>()?.try_into()
    }
}

impl fmt::Display for ScoreMaximum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn scaled(given: &str, maximum: &str, target: &str) -> String {
        decimal(given).scale(&maximum.parse().unwrap(), &target.parse().unwrap()).to_string()
    }

    #[test]
    fn one_of_three_on_a_line_item_of_six_is_two_ags_111() {
        assert_eq!(scaled("1", "3", "6"), "2");
        assert_eq!(scaled("0.1", "1", "1"), "0.1");
        assert_eq!(scaled("0", "3", "6"), "0");
        assert_eq!(scaled("1", "3", "1"), format!("0.{}", "3".repeat(34)));
        assert_eq!(scaled("2", "3", "1"), format!("0.{}7", "6".repeat(33)));
    }

    #[test]
    fn only_json_numbers_from_zero_up_are_grades_ags_48_87() {
        for text in ["", " 1", "1 ", "+1", "1_0", ".5", "0x1", "NaN", "1,5", "true", "\"1\"", "01", "-"] {
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError::NotANumber), "{text:?}");
        }
        assert_eq!("-0.1".parse::<Decimal>(), Err(DecimalError::Negative));
        assert_eq!(decimal("-0").to_string(), "0");
        for zero in ["0e999999999", "0.00e-99999999999999999999", "-0.0"] {
            assert_eq!(decimal(zero).to_string(), "0");
        }
        assert_eq!(decimal("1.50E+1").to_string(), "15");
        assert_eq!("0".parse::<ScoreMaximum>(), Err(DecimalError::NotPositive));
    }

    #[test]
    fn a_number_that_could_not_be_kept_exactly_is_refused() {
        assert!("1".repeat(34).parse::<Decimal>().is_ok());
        assert_eq!("1".repeat(35).parse::<Decimal>(), Err(DecimalError::TooPrecise));
        assert_eq!("1".repeat(257).parse::<Decimal>(), Err(DecimalError::TooPrecise));
        for text in [
            "1e400",
            "1e100",
            "9e-101",
            "1e-999999999",
            "1e99999999999999999999",
            "100e9223372036854775807",
            "0.01e-9223372036854775806",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError::OutOfRange), "{text}");
        }
        assert!("9.9e99".parse::<Decimal>().is_ok() && "1e-100".parse::<Decimal>().is_ok());
    }

    proptest! {
        #[test]
        fn every_double_that_a_tool_can_write_is_kept_as_it_wrote_it(value in 0.0..1e15f64) {
            let text = serde_json::to_string(&value).unwrap();
            let kept = decimal(&text).to_string();
            prop_assert_eq!(kept.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }

        #[test]
        fn scaling_to_the_same_maximum_changes_nothing(digits in "[1-9][0-9]{0,15}\\.[0-9]{1,16}", maximum in 1u32..) {
            let maximum: ScoreMaximum = maximum.to_string().parse().unwrap();
            prop_assert_eq!(decimal(&digits).scale(&maximum, &maximum), decimal(&digits));
        }

        #[test]
        fn no_exponent_makes_the_parser_panic(digits in "[0-9]{1,40}", fraction in "(\\.[0-9]{1,40})?", e: i64) {
            let _ = format!("{digits}{fraction}e{e}").parse::<Decimal>();
            let _ = format!("{digits}{fraction}e{}", i64::MAX - e.abs() % 100).parse::<Decimal>();
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = text.parse::<Decimal>();
        }
    }
}
