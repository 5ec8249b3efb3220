use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::{charge, refuse};

/// Spaces that one level may be indented by.
const INDENT_MAX: usize = 16;
/// Levels of a value.
const DEPTH_MAX: usize = 64;

/// Python's `json.dumps(value, ensure_ascii=False)`, which templates know as `tojson`: unlike Jinja's own, it escapes
/// nothing for HTML.
pub(super) fn filter(state: &mut State<'_, '_>, value: &Value, arguments: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = arguments.get("indent")?;
    let sort: Option<bool> = arguments.get("sort_keys")?;
    refuse(&arguments, &["ensure_ascii", "separators"])?;
    arguments.assert_all_used()?;
    if indent.is_some_and(|indent| indent > INDENT_MAX) {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("tojson indents by at most {INDENT_MAX}")));
    }
    let mut writer = Writer { state, out: String::new(), indent, sort: sort.unwrap_or(false), charged: 0 };
    writer.value(value, 0)?;
    Ok(writer.out)
}

struct Writer<'a, 'b, 'c> {
    state: &'a State<'b, 'c>,
    out: String,
    indent: Option<usize>,
    sort: bool,
    charged: usize,
}

impl Writer<'_, '_, '_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        if depth > DEPTH_MAX {
            return Err(Error::new(ErrorKind::BadSerialization, "the value is nested too deeply"));
        }
        charge(self.state, self.out.len() - self.charged)?;
        self.charged = self.out.len();
        match value.kind() {
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self.out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number if value.is_integer() => self.out.push_str(&value.to_string()),
            ValueKind::Number => {
                let number = f64::try_from(value.clone())?;
                self.out.push_str(&float(number));
            }
            ValueKind::String => self.text(value.as_str().unwrap_or_default()),
            ValueKind::Seq | ValueKind::Iterable => {
                self.out.push('[');
                let mut is_empty = true;
                for item in value.try_iter()? {
                    self.next(depth + 1, &mut is_empty);
                    self.value(&item, depth + 1)?;
                }
                self.end(depth, is_empty, ']');
            }
            ValueKind::Map => {
                self.out.push('{');
                let mut is_empty = true;
                let mut keys: Vec<Value> = value.try_iter()?.collect();
                if self.sort {
                    keys.sort_by_key(ToString::to_string);
                }
                for key in keys {
                    self.next(depth + 1, &mut is_empty);
                    self.text(&key.to_string());
                    self.out.push_str(": ");
                    self.value(&value.get_item(&key)?, depth + 1)?;
                }
                self.end(depth, is_empty, '}');
            }
            other => {
                return Err(Error::new(ErrorKind::BadSerialization, format!("tojson cannot write {other}")));
            }
        }
        Ok(())
    }

    fn next(&mut self, depth: usize, is_empty: &mut bool) {
        let is_first = std::mem::replace(is_empty, false);
        match self.indent {
            None if is_first => {}
            None => self.out.push_str(", "),
            Some(indent) => {
                self.out.push_str(if is_first { "\n" } else { ",\n" });
                self.out.push_str(&" ".repeat(indent * depth));
            }
        }
    }

    fn end(&mut self, depth: usize, is_empty: bool, bracket: char) {
        if let Some(indent) = self.indent.filter(|_| !is_empty) {
            self.out.push('\n');
            self.out.push_str(&" ".repeat(indent * depth));
        }
        self.out.push(bracket);
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                c if c < ' ' => self.out.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

/// The shortest decimal that reads back as the number, written as Python writes it.
fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(power) if !(-4..16).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", power.abs())
        }
        _ => format!("{number:?}"),
    }
}
