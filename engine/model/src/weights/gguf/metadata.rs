use std::collections::BTreeMap;

use super::reader::{Cut, Reader};
use crate::shown::shown;

/// One value of a GGUF header.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Any unsigned number.
    Unsigned(u64),
    /// Any signed number.
    Signed(i64),
    /// Either float.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// Text.
    Text(String),
    /// A list of texts, such as a vocabulary.
    Texts(Vec<String>),
    /// A list of numbers, such as token types or scores.
    Numbers(Vec<f64>),
}

/// What a GGUF header says besides its tensors.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata(BTreeMap<String, Value>);

/// Bytes of the shortest pair: key length, kind, one byte.
const PAIR_BYTES_MIN: u64 = 8 + 4 + 1;
const KIND_TEXT: u32 = 8;
const KIND_ARRAY: u32 = 9;

impl Metadata {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The text of a key; `None` for other kinds too.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The whole, non-negative number of a key; `None` for other kinds too.
    pub fn integer(&self, key: &str) -> Option<u64> {
        match self.get(key) {
            Some(Value::Unsigned(number)) => Some(*number),
            Some(Value::Signed(number)) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// All pairs, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    pub(super) fn read(reader: &mut Reader<'_>, pairs: u64) -> Result<Self, Cut> {
        reader.can_hold(pairs, PAIR_BYTES_MIN, "metadata pairs")?;
        let mut values = BTreeMap::new();
        for _ in 0..pairs {
            let key = reader.string()?;
            let kind = reader.u32()?;
            let value = if kind == KIND_ARRAY { array(reader, &key)? } else { scalar(reader, kind, &key)? };
            if values.contains_key(&key) {
                return Err(Cut::Invalid(format!("the key `{}` stands there twice", shown(&key))));
            }
            values.insert(key, value);
        }
        Ok(Self(values))
    }
}

fn scalar(reader: &mut Reader<'_>, kind: u32, key: &str) -> Result<Value, Cut> {
    Ok(match kind {
        0 => Value::Unsigned(u64::from(reader.array::<1>()?[0])),
        1 => Value::Signed(i64::from(i8::from_le_bytes(reader.array()?))),
        2 => Value::Unsigned(u64::from(u16::from_le_bytes(reader.array()?))),
        3 => Value::Signed(i64::from(i16::from_le_bytes(reader.array()?))),
        4 => Value::Unsigned(u64::from(reader.u32()?)),
        5 => Value::Signed(i64::from(i32::from_le_bytes(reader.array()?))),
        6 => Value::Float(f64::from(f32::from_le_bytes(reader.array()?))),
        7 => match reader.array::<1>()?[0] {
            0 => Value::Bool(false),
            1 => Value::Bool(true),
            other => return Err(Cut::Invalid(format!("`{}` is the truth value {other}", shown(key)))),
        },
        KIND_TEXT => Value::Text(reader.string()?),
        10 => Value::Unsigned(reader.u64()?),
        11 => Value::Signed(i64::from_le_bytes(reader.array()?)),
        12 => Value::Float(f64::from_le_bytes(reader.array()?)),
        other => return Err(Cut::Invalid(format!("`{}` has the unknown kind {other}", shown(key)))),
    })
}

/// Lists of lists are refused: no key of a model has them, and their depth would be the file's to choose.
fn array(reader: &mut Reader<'_>, key: &str) -> Result<Value, Cut> {
    let kind = reader.u32()?;
    let count = reader.u64()?;
    let each_bytes = match kind {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        KIND_TEXT | 10..=12 => 8,
        other => {
            return Err(Cut::Invalid(format!("the list `{}` has elements of the kind {other}", shown(key))));
        }
    };
    reader.can_hold(count, each_bytes, "list elements")?;
    if kind == KIND_TEXT {
        let mut texts = Vec::new();
        for _ in 0..count {
            texts.push(reader.string()?);
        }
        return Ok(Value::Texts(texts));
    }
    let mut numbers = Vec::new();
    for _ in 0..count {
        numbers.push(match scalar(reader, kind, key)? {
            // Exact up to 2^53, beyond any id, type or score.
            Value::Unsigned(number) => number as f64,
            Value::Signed(number) => number as f64,
            Value::Float(number) => number,
            Value::Bool(truth) => f64::from(u8::from(truth)),
            _ => return Err(Cut::Invalid(format!("the list `{}` holds no numbers", shown(key)))),
        });
    }
    Ok(Value::Numbers(numbers))
}
