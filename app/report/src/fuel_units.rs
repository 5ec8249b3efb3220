//! Fuel that survives every format.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A count of fuel, in units of the report's cost table.
///
/// Serialises as a decimal string: JSON readers in browsers hold numbers in a double, which cannot tell
/// 2^53 from 2^53 + 1. Parsing is strict: digits only, no sign, no leading zero, at most `u64::MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, pattern = "^(0|[1-9][0-9]*)$"))]
pub struct FuelUnits(pub u64);

/// Text that is not a count of fuel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseFuelError {
    /// Other characters than digits, or none.
    #[error("fuel `{0}` must be digits only, such as \"1000000\"")]
    NotDigits(String),
    /// `007`.
    #[error("fuel `{0}` must not start with a zero")]
    LeadingZero(String),
    /// Above `u64::MAX`.
    #[error("fuel `{0}` is above the largest count of 18446744073709551615")]
    TooLarge(String),
}

impl FromStr for FuelUnits {
    type Err = ParseFuelError;

    fn from_str(text: &str) -> Result<Self, ParseFuelError> {
        let shown = || text.chars().take(40).collect::<String>();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ParseFuelError::NotDigits(shown()));
        }
        if text.len() > 1 && text.starts_with('0') {
            return Err(ParseFuelError::LeadingZero(shown()));
        }
        text.parse().map(Self).map_err(|_| ParseFuelError::TooLarge(shown()))
    }
}

impl fmt::Display for FuelUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for FuelUnits {
    fn from(units: u64) -> Self {
        Self(units)
    }
}

impl Serialize for FuelUnits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FuelUnits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = FuelUnits;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("fuel as a decimal string, such as \"1000000\" with its quotes")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<FuelUnits, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn large_counts_survive_json() {
        for units in [0, 1, (1 << 53) + 1, u64::MAX] {
            let json = serde_json::to_string(&FuelUnits(units)).unwrap();
            assert_eq!(json, format!("\"{units}\""));
            assert_eq!(serde_json::from_str::<FuelUnits>(&json).unwrap(), FuelUnits(units));
        }
    }

    #[test]
    fn parsing_is_strict() {
        for bad in ["", " 1", "+1", "-1", "1e3", "1_000", "01", "0x10", "18446744073709551616", "1.0", "１"] {
            assert!(bad.parse::<FuelUnits>().is_err(), "{bad:?}");
        }
        let error = serde_json::from_str::<FuelUnits>("9007199254740993").unwrap_err().to_string();
        assert!(error.contains("decimal string"), "{error}");
    }
}
