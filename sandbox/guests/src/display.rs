//! Values as Python prints them.

use crate::Tagged;

impl Tagged {
    /// The value in Python notation, as `repr` gives it; opaque values in angle brackets.
    pub fn to_python(&self) -> String {
        let mut out = String::new();
        self.write_python(&mut out);
        out
    }

    fn write_python(&self, out: &mut String) {
        match self {
            Self::None => out.push_str("None"),
            Self::Bool(value) => out.push_str(if *value { "True" } else { "False" }),
            Self::Int(value) => out.push_str(&value.to_string()),
            Self::Float(value) => out.push_str(&python_float(*value)),
            Self::Str(text) => write_text(out, text.chars().map(Ok)),
            Self::Surrogates(points) => write_text(out, points.iter().map(|&point| char::from_u32(point).ok_or(point))),
            Self::Bytes(bytes) => write_bytes(out, bytes),
            Self::Complex(real, imaginary) => out.push_str(&python_complex(*real, *imaginary)),
            Self::List(items) => write_items(out, "[", items, "]"),
            Self::Tuple(items) => write_items(out, "(", items, if items.len() == 1 { ",)" } else { ")" }),
            Self::Set(items) if items.is_empty() => out.push_str("set()"),
            Self::Set(items) => write_items(out, "{", items, "}"),
            Self::FrozenSet(items) if items.is_empty() => out.push_str("frozenset()"),
            Self::FrozenSet(items) => write_items(out, "frozenset({", items, "})"),
            Self::Dict(pairs) => write_pairs(out, pairs),
            // The guest says no more than the type where more would run code under test.
            Self::Opaque { type_name, repr } if *repr == format!("<{type_name} object>") => out.push_str(repr),
            Self::Opaque { type_name, repr } => out.push_str(&format!("<{type_name}: {repr}>")),
        }
    }
}

fn write_items(out: &mut String, before: &str, items: &[Tagged], after: &str) {
    out.push_str(before);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        item.write_python(out);
    }
    out.push_str(after);
}

fn write_pairs(out: &mut String, pairs: &[(Tagged, Tagged)]) {
    out.push('{');
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        key.write_python(out);
        out.push_str(": ");
        value.write_python(out);
    }
    out.push('}');
}

/// Characters, or code points that are none, in the quotes that Python would choose.
fn write_text(out: &mut String, characters: impl Iterator<Item = Result<char, u32>> + Clone) {
    let has = |wanted| characters.clone().any(|character| character == Ok(wanted));
    let quote = if has('\'') && !has('"') { '"' } else { '\'' };
    out.push(quote);
    for character in characters {
        match character {
            Ok('\n') => out.push_str("\\n"),
            Ok('\r') => out.push_str("\\r"),
            Ok('\t') => out.push_str("\\t"),
            Ok('\\') => out.push_str("\\\\"),
            Ok(character) if character == quote => out.extend(['\\', quote]),
            Ok(control) if control.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(control))),
            Ok(other) => out.push(other),
            Err(point) => out.push_str(&format!("\\u{point:04x}")),
        }
    }
    out.push(quote);
}

fn write_bytes(out: &mut String, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.push('b');
    out.push(char::from(quote));
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            _ if byte == quote => out.extend(['\\', char::from(quote)]),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(char::from(quote));
}

/// Python's `repr` of a float: the shortest digits, with an exponent below 1e-4 and from 1e16 on.
fn python_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{value:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn python_complex(real: f64, imaginary: f64) -> String {
    let part = |value: f64| {
        let text = python_float(value);
        text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
    };
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", part(imaginary));
    }
    let imaginary = part(imaginary);
    let sign = if imaginary.starts_with('-') { "" } else { "+" };
    format!("({}{sign}{imaginary}j)", part(real))
}
