//! Values that JSON carried: what they were, and whether a result is one of them.

use std::collections::BTreeMap;

use frugal_guests::{Integer, Tagged};
use serde_json::value::RawValue;

use crate::json::{Entries, shortened};

/// A JSON value without loss: integers keep every digit, an object is a dict with text for keys.
pub(in crate::suite) fn from_json(value: &RawValue) -> Result<Tagged, String> {
    let text = value.get();
    let failed = |error: serde_json::Error| error.to_string();
    match text.as_bytes().first() {
        Some(b'{') => {
            let Entries(entries) = serde_json::from_str::<Entries<&RawValue>>(text).map_err(failed)?;
            let pair = |(key, value): (String, &RawValue)| Ok((Tagged::Str(key), from_json(value)?));
            entries.into_iter().map(pair).collect::<Result<_, String>>().map(Tagged::Dict)
        }
        Some(b'[') => items(text)?.into_iter().map(from_json).collect::<Result<_, _>>().map(Tagged::List),
        Some(b'"') => serde_json::from_str(text).map(Tagged::Str).map_err(failed),
        Some(b't' | b'f') => Ok(Tagged::Bool(text == "true")),
        Some(b'n') => Ok(Tagged::None),
        _ if text.contains(['.', 'e', 'E']) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Tagged::Float(number)),
            _ => Err(format!("the number {} is too large", shortened(text))),
        },
        _ => Integer::parse(text).map(Tagged::Int).ok_or_else(|| format!("{} is no number", shortened(text))),
    }
}

/// The items of a JSON array.
pub(super) fn items(text: &str) -> Result<Vec<&RawValue>, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Whether Python's `==` holds between an expected value and an output after a trip through JSON: there a tuple is a
/// list and a dict's key is text. As in Python, 1, 1.0 and True are equal. A set, bytes, a complex number and an opaque
/// value have no JSON and equal nothing, nor does NaN.
pub(super) fn same_json(output: &Tagged, expected: &Tagged) -> bool {
    match (output, expected) {
        (Tagged::List(a) | Tagged::Tuple(a), Tagged::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b))
        }
        (Tagged::Dict(a), Tagged::Dict(b)) => {
            let by_key = |pairs: &[(Tagged, Tagged)]| -> Option<BTreeMap<String, Tagged>> {
                pairs.iter().map(|(key, value)| Some((key_text(key)?, value.clone()))).collect()
            };
            let (Some(a), Some(b)) = (by_key(a), by_key(b)) else { return false };
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same_json(a, b)))
        }
        (Tagged::Str(a), Tagged::Str(b)) => a == b,
        (Tagged::None, Tagged::None) => true,
        (Tagged::Float(a), Tagged::Float(b)) => a == b,
        (Tagged::Float(float), other) | (other, Tagged::Float(float)) => {
            whole_number(other).is_some_and(|whole| is_whole(*float, &whole))
        }
        (a, b) => matches!((whole_number(a), whole_number(b)), (Some(a), Some(b)) if a == b),
    }
}

/// An integer's digits; True is 1.
fn whole_number(value: &Tagged) -> Option<Integer> {
    match value {
        Tagged::Int(value) => Some(value.clone()),
        Tagged::Bool(value) => Some(i64::from(*value).into()),
        _ => None,
    }
}

/// Exact: the digits of a double without a fraction are compared, not a rounded integer.
fn is_whole(float: f64, whole: &Integer) -> bool {
    float.is_finite() && float.fract() == 0.0 && Integer::parse(&format!("{:.0}", float + 0.0)).as_ref() == Some(whole)
}

/// What JSON makes of a dict's key.
fn key_text(key: &Tagged) -> Option<String> {
    match key {
        Tagged::Str(text) => Some(text.clone()),
        Tagged::Float(number) if !number.is_finite() => None,
        Tagged::Int(_) | Tagged::Float(_) | Tagged::Bool(_) | Tagged::None => Some(key.to_json()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn json(text: &str) -> Tagged {
        from_json(serde_json::from_str::<&RawValue>(text).unwrap()).unwrap()
    }

    fn tagged(text: &str) -> Tagged {
        Tagged::from_json(text.as_bytes()).unwrap()
    }

    #[test]
    fn values_keep_every_digit() {
        assert_eq!(json("[12345678901234567890, -1.5, null, true]").to_json(), "[12345678901234567890,-1.5,null,true]");
        assert_eq!(json(r#"{"a":{"1":[]}}"#).to_json(), r#"{"d":[["a",{"d":[["1",[]]]}]]}"#);
        let bad = |text: &str| from_json(serde_json::from_str::<&RawValue>(text).unwrap()).unwrap_err();
        assert!(bad("1e999").contains("too large"));
        assert!(bad(r#"{"a":1,"a":2}"#).contains("stands twice"));
    }

    #[test]
    fn equality_is_that_of_python_after_json() {
        let same = [
            (r#"{"t":[1,{"t":[2]}]}"#, "[1,[2]]"),
            ("2", "2.0"),
            ("2.0", "2"),
            ("true", "1"),
            ("-0.0", "0"),
            (r#"{"d":[[1,"a"],[null,2]]}"#, r#"{"1":"a","null":2}"#),
            (r#"{"d":[["b",1],["a",{"t":[]}]]}"#, r#"{"a":[],"b":1}"#),
            ("100000000000000000000", "1e20"),
            ("null", "null"),
        ];
        for (output, expected) in same {
            assert!(same_json(&tagged(output), &json(expected)), "{output} {expected}");
        }
        let different = [
            ("[1]", "[1,2]"),
            ("1", "\"1\""),
            ("null", "0"),
            ("\"a\"", "[\"a\"]"),
            (r#"{"s":[1]}"#, "[1]"),
            (r#"{"n":"NaN"}"#, "0"),
            ("100000000000000000001", "1e20"),
            ("9007199254740993", "9007199254740992.0"),
            ("0.5", "0"),
            (r#"{"d":[["a",1]]}"#, r#"{"a":1,"b":2}"#),
            (r#"{"o":{"type":"X","repr":"1"}}"#, "1"),
            ("[]", "{}"),
        ];
        for (output, expected) in different {
            assert!(!same_json(&tagged(output), &json(expected)), "{output} {expected}");
        }
    }
}
