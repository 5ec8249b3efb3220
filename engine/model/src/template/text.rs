//! Text that templates make, where minijinja's ways differ from Python's or take memory before they pay for it.

use minijinja::value::{Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, Output, State, escape_formatter};
use minijinja_contrib::pycompat::unknown_method_callback;

use super::charge;
use super::guard::pay;

/// Called for a method that a value has not by itself.
pub(super) fn call(state: &mut State<'_, '_>, value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    match (value.as_str(), method) {
        (Some(separator), "join") => join(state, separator, args),
        (Some(text), "title") => Ok(Value::from(title(text))),
        // A width of a billion is a gigabyte of spaces.
        (Some(_), "format") => Err(Error::new(ErrorKind::InvalidOperation, "str.format is not offered; use `~`")),
        _ => unknown_method_callback(state, value, method, args),
    }
}

/// `separator.join(texts)`. Every byte is paid for before it is copied.
fn join(state: &State<'_, '_>, separator: &str, args: &[Value]) -> Result<Value, Error> {
    let (texts,): (Value,) = from_args(args)?;
    let mut out = String::new();
    for (at, text) in texts.try_iter()?.enumerate() {
        if text.kind() != ValueKind::String {
            return Err(Error::new(ErrorKind::InvalidOperation, format!("join takes texts, not {}", text.kind())));
        }
        let text = text.as_str().unwrap_or_default();
        let between = if at > 0 { separator } else { "" };
        charge(state, between.len() + text.len())?;
        out.push_str(between);
        out.push_str(text);
    }
    Ok(Value::from(out))
}

/// A letter after anything that has no case becomes a capital, all others small.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_letter = false;
    for c in text.chars() {
        if after_letter {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        after_letter = c.is_lowercase() || c.is_uppercase();
    }
    out
}

/// Writes a value of `{{ }}`.
pub(super) fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.as_object().is_some() {
        pay(state, value, 0)?;
    }
    escape_formatter(out, state, value)
}

/// The filter `string`.
pub(super) fn string(state: &mut State<'_, '_>, value: &Value) -> Result<String, Error> {
    pay(state, value, 0)?;
    Ok(value.to_string())
}
