//! Reading vector files: every miss names the field.

use serde_json::Value;

use super::BadVector;

pub(super) fn field<'a>(value: &'a Value, name: &str) -> Result<&'a Value, BadVector> {
    value.get(name).ok_or_else(|| BadVector(format!("`{name}` is missing")))
}

pub(super) fn list<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>, BadVector> {
    field(value, name)?.as_array().ok_or_else(|| BadVector(format!("`{name}` is not a list")))
}

pub(super) fn object<'a>(value: &'a Value, name: &str) -> Result<&'a serde_json::Map<String, Value>, BadVector> {
    field(value, name)?.as_object().ok_or_else(|| BadVector(format!("`{name}` is not an object")))
}

pub(super) fn number(value: &Value, name: &str) -> Result<f64, BadVector> {
    field(value, name)?.as_f64().ok_or_else(|| BadVector(format!("`{name}` is not a number")))
}

pub(super) fn count(value: &Value, name: &str) -> Result<u64, BadVector> {
    field(value, name)?.as_u64().ok_or_else(|| BadVector(format!("`{name}` is not a count")))
}

pub(super) fn numbers(value: &Value) -> Result<Vec<f64>, BadVector> {
    let items = value.as_array().ok_or_else(|| BadVector(format!("expected a list of numbers, found {value}")))?;
    items.iter().map(|item| item.as_f64().ok_or_else(|| BadVector(format!("{item} is not a number")))).collect()
}

pub(super) fn optional_number(value: &Value, name: &str) -> Result<Option<f64>, BadVector> {
    if field(value, name)?.is_null() { Ok(None) } else { number(value, name).map(Some) }
}
