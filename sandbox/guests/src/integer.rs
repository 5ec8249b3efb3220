//! Integers of any length, as languages with unbounded integers print them.

use std::fmt;

/// A whole number of any length, held as `i64` where it fits and as decimal digits where it does not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Integer(Form);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    Small(i64),
    Big(Box<str>),
}

impl Integer {
    /// Reads an optional minus sign and decimal digits; leading zeros are dropped. `None` for other text.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(small) = text.parse::<i64>() {
            return (!text.starts_with('+')).then_some(Self(Form::Small(small)));
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_start_matches('0');
        let canonical = format!("{sign}{significant}");
        Some(match canonical.parse::<i64>() {
            Ok(small) => Self(Form::Small(small)),
            Err(_) => Self(Form::Big(canonical.into_boxed_str())),
        })
    }

    /// The value, where it fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Form::Small(value) => Some(*value),
            Form::Big(_) => None,
        }
    }
}

impl From<i64> for Integer {
    fn from(value: i64) -> Self {
        Self(Form::Small(value))
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Small(value) => write!(f, "{value}"),
            Form::Big(digits) => f.write_str(digits),
        }
    }
}
