//! ENAMEL's samples JSON: `codes[i][j]` is the j-th sample of problem i.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Samples;
use crate::BenchError;

/// Reads a list of lists of strings, or an object of lists keyed by decimal problem numbers, as its bytes come.
///
/// # Errors
/// [`BenchError::Format`] with the line; a problem that stands twice is an error.
pub fn read_enamel_json(reader: impl Read, file: &str) -> Result<Samples, BenchError> {
    let codes: Codes = serde_json::from_reader(reader).map_err(|error| {
        let message = if error.is_io() {
            error.to_string()
        } else if error.to_string().starts_with(NOT_UTF8) {
            "not UTF-8 text".to_owned()
        } else {
            format!("not a samples file: {error} (expected a list of lists of strings, one list per problem)")
        };
        BenchError::format(file, Some(error.line() as u64), message)
    })?;
    Ok(Samples { by_number: codes.0 })
}

/// How serde_json says that bytes of a string are no UTF-8.
const NOT_UTF8: &str = "invalid unicode code point";

struct Codes(BTreeMap<u32, Vec<String>>);

impl<'de> Deserialize<'de> for Codes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CodesVisitor)
    }
}

struct CodesVisitor;

impl<'de> Visitor<'de> for CodesVisitor {
    type Value = Codes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of lists of strings, or an object of such lists keyed \"0\", \"1\", ...")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut problems: A) -> Result<Codes, A::Error> {
        let mut codes = BTreeMap::new();
        while let Some(samples) = problems.next_element::<Vec<String>>()? {
            let number = u32::try_from(codes.len()).map_err(A::Error::custom)?;
            codes.insert(number, samples);
        }
        Ok(Codes(codes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut problems: A) -> Result<Codes, A::Error> {
        let mut codes = BTreeMap::new();
        while let Some(key) = problems.next_key::<String>()? {
            let number: u32 =
                key.parse().map_err(|_| A::Error::custom(format!("the key `{key}` is not a problem number")))?;
            if number.to_string() != key {
                return Err(A::Error::custom(format!("the key `{key}` is not a plain decimal number")));
            }
            let samples = problems.next_value::<Vec<String>>()?;
            if codes.insert(number, samples).is_some() {
                return Err(A::Error::custom(format!("problem {number} stands twice")));
            }
        }
        Ok(Codes(codes))
    }
}
