//! The JSON form of [`Tagged`] values.

use std::fmt::Write as _;

use crate::json::{Reader, write_string};
use crate::{DEPTH_MAX, Integer, JsonError, Tagged};

impl Tagged {
    /// Reads one tagged value.
    ///
    /// # Errors
    /// [`JsonError`] for anything else, also for values that nest more than [`DEPTH_MAX`] levels.
    pub fn from_json(bytes: &[u8]) -> Result<Self, JsonError> {
        let mut reader = Reader::new(bytes)?;
        let value = read(&mut reader, DEPTH_MAX)?;
        reader.end()?;
        Ok(value)
    }

    /// The value as JSON text.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    /// Appends the value as JSON text.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Self::None => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => push(out, format_args!("{value}")),
            Self::Float(value) => write_float(out, *value),
            Self::Str(text) => write_string(out, text),
            Self::Surrogates(points) => {
                let list: Vec<_> = points.iter().map(ToString::to_string).collect();
                push(out, format_args!("{{\"u\":[{}]}}", list.join(",")));
            }
            Self::Bytes(bytes) => {
                out.push_str("{\"b\":\"");
                bytes.iter().for_each(|byte| push(out, format_args!("{byte:02x}")));
                out.push_str("\"}");
            }
            Self::Complex(real, imaginary) => {
                out.push_str("{\"c\":[");
                write_float(out, *real);
                out.push(',');
                write_float(out, *imaginary);
                out.push_str("]}");
            }
            Self::List(items) => write_items(out, items),
            Self::Tuple(items) => write_tag(out, "t", items),
            Self::Set(items) => write_tag(out, "s", items),
            Self::FrozenSet(items) => write_tag(out, "f", items),
            Self::Dict(pairs) => write_pairs(out, pairs),
            Self::Opaque { type_name, repr } => {
                out.push_str("{\"o\":{\"type\":");
                write_string(out, type_name);
                out.push_str(",\"repr\":");
                write_string(out, repr);
                out.push_str("}}");
            }
        }
    }
}

fn push(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(arguments);
}

fn write_float(out: &mut String, value: f64) {
    if value.is_finite() {
        // The shortest digits that read back as the same float, always with a point or an exponent.
        push(out, format_args!("{value:?}"));
    } else {
        let name = if value.is_nan() { "NaN" } else { ["-Infinity", "Infinity"][usize::from(value > 0.0)] };
        push(out, format_args!("{{\"n\":\"{name}\"}}"));
    }
}

fn write_items(out: &mut String, items: &[Tagged]) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        item.write_json(out);
    }
    out.push(']');
}

fn write_tag(out: &mut String, tag: &str, items: &[Tagged]) {
    push(out, format_args!("{{\"{tag}\":"));
    write_items(out, items);
    out.push('}');
}

fn write_pairs(out: &mut String, pairs: &[(Tagged, Tagged)]) {
    out.push_str("{\"d\":[");
    for (index, (key, value)) in pairs.iter().enumerate() {
        out.push_str(if index > 0 { ",[" } else { "[" });
        key.write_json(out);
        out.push(',');
        value.write_json(out);
        out.push(']');
    }
    out.push_str("]}");
}

/// Reads one value that may hold `depth` more levels.
pub(crate) fn read(reader: &mut Reader<'_>, depth: usize) -> Result<Tagged, JsonError> {
    match reader.peek() {
        b'"' => Ok(Tagged::Str(reader.string()?.into_owned())),
        b'[' => Ok(Tagged::List(read_items(reader, deeper(reader, depth)?)?)),
        b'{' => {
            reader.expect(b'{')?;
            let tag = reader.key()?;
            let value = read_tagged(reader, &tag, deeper(reader, depth)?)?;
            reader.expect(b'}')?;
            Ok(value)
        }
        b'-' | b'0'..=b'9' => read_number(reader),
        _ if reader.word("null") => Ok(Tagged::None),
        _ if reader.word("true") => Ok(Tagged::Bool(true)),
        _ if reader.word("false") => Ok(Tagged::Bool(false)),
        _ => reader.error("expected a value"),
    }
}

fn deeper(reader: &Reader<'_>, depth: usize) -> Result<usize, JsonError> {
    match depth.checked_sub(1) {
        Some(depth) => Ok(depth),
        None => reader.error(format!("a value that nests more than {DEPTH_MAX} levels")),
    }
}

fn read_number(reader: &mut Reader<'_>) -> Result<Tagged, JsonError> {
    let (text, float) = reader.number()?;
    if float {
        return Ok(Tagged::Float(reader.finite(text)?));
    }
    match Integer::parse(text) {
        Some(value) => Ok(Tagged::Int(value)),
        None => reader.error("expected an integer"),
    }
}

fn read_items(reader: &mut Reader<'_>, depth: usize) -> Result<Vec<Tagged>, JsonError> {
    let mut items = Vec::new();
    reader.expect(b'[')?;
    if reader.take(b']') {
        return Ok(items);
    }
    loop {
        items.push(read(reader, depth)?);
        if !reader.take(b',') {
            reader.expect(b']')?;
            return Ok(items);
        }
    }
}

fn read_tagged(reader: &mut Reader<'_>, tag: &str, depth: usize) -> Result<Tagged, JsonError> {
    match tag {
        "t" => Ok(Tagged::Tuple(read_items(reader, depth)?)),
        "s" => Ok(Tagged::Set(read_items(reader, depth)?)),
        "f" => Ok(Tagged::FrozenSet(read_items(reader, depth)?)),
        "d" => read_pairs(reader, depth),
        "b" => read_bytes(reader),
        "n" => Ok(Tagged::Float(read_named_float(reader)?)),
        "i" => read_named_integer(reader),
        "c" => {
            reader.expect(b'[')?;
            let real = read_part(reader)?;
            reader.expect(b',')?;
            let imaginary = read_part(reader)?;
            reader.expect(b']')?;
            Ok(Tagged::Complex(real, imaginary))
        }
        "u" => read_points(reader),
        "o" => read_opaque(reader),
        _ => reader.error("no value has this tag"),
    }
}

fn read_pairs(reader: &mut Reader<'_>, depth: usize) -> Result<Tagged, JsonError> {
    let mut pairs = Vec::new();
    reader.expect(b'[')?;
    if reader.take(b']') {
        return Ok(Tagged::Dict(pairs));
    }
    loop {
        reader.expect(b'[')?;
        let key = read(reader, depth)?;
        reader.expect(b',')?;
        pairs.push((key, read(reader, depth)?));
        reader.expect(b']')?;
        if !reader.take(b',') {
            reader.expect(b']')?;
            return Ok(Tagged::Dict(pairs));
        }
    }
}

fn read_bytes(reader: &mut Reader<'_>) -> Result<Tagged, JsonError> {
    let text = reader.string()?;
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => {
            let byte = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).unwrap_or(0);
            Ok(Tagged::Bytes(digits.chunks(2).map(byte).collect()))
        }
        _ => reader.error("expected pairs of hexadecimal digits"),
    }
}

fn read_named_float(reader: &mut Reader<'_>) -> Result<f64, JsonError> {
    match reader.string()?.as_ref() {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        _ => reader.error("expected NaN, Infinity or -Infinity"),
    }
}

fn read_named_integer(reader: &mut Reader<'_>) -> Result<Tagged, JsonError> {
    let text = reader.string()?;
    match Integer::parse(&text) {
        Some(value) => Ok(Tagged::Int(value)),
        None => reader.error("expected the digits of an integer"),
    }
}

/// A part of a complex number: a float, or a named one.
fn read_part(reader: &mut Reader<'_>) -> Result<f64, JsonError> {
    if !reader.take(b'{') {
        let (text, _) = reader.number()?;
        return reader.finite(text);
    }
    if reader.key()? != "n" {
        return reader.error("expected a float");
    }
    let value = read_named_float(reader)?;
    reader.expect(b'}')?;
    Ok(value)
}

fn read_points(reader: &mut Reader<'_>) -> Result<Tagged, JsonError> {
    let mut points = Vec::new();
    reader.expect(b'[')?;
    while !reader.take(b']') {
        if !points.is_empty() {
            reader.expect(b',')?;
        }
        let (text, _) = reader.number()?;
        match text.parse::<u32>() {
            Ok(point) if point <= 0x10_ffff => points.push(point),
            _ => return reader.error("expected a code point"),
        }
    }
    Ok(Tagged::Surrogates(points))
}

fn read_opaque(reader: &mut Reader<'_>) -> Result<Tagged, JsonError> {
    let (mut type_name, mut repr) = (None, None);
    reader.expect(b'{')?;
    loop {
        match reader.key()?.as_ref() {
            "type" if type_name.is_none() => type_name = Some(reader.string()?.into_owned()),
            "repr" if repr.is_none() => repr = Some(reader.string()?.into_owned()),
            _ => return reader.error("expected `type` and `repr`, each once"),
        }
        if !reader.take(b',') {
            break;
        }
    }
    reader.expect(b'}')?;
    match (type_name, repr) {
        (Some(type_name), Some(repr)) => Ok(Tagged::Opaque { type_name, repr }),
        _ => reader.error("expected `type` and `repr`"),
    }
}
