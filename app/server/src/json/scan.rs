//! Checks JSON text before anything is made of it.
//!
//! serde_json alone would let duplicate keys in free-form parts pass (the last one wins), turn integers
//! of any length into doubles, and name a line but no path.

use std::collections::HashSet;
use std::fmt::Write as _;

/// Deepest nesting accepted, in arrays and objects.
const DEPTH_MAX: usize = 64;

/// What is wrong with the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Path and line, such as `arguments[2] (line 1, column 30)`.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) message: String,
    /// How to mend it.
    pub(crate) hint: Option<&'static str>,
}

/// Accepts exactly JSON (RFC 8259) with unique keys, nesting of at most [`DEPTH_MAX`], and no number
/// whose value a double cannot hold at all; integers may be of any length.
pub(crate) fn scan(text: &str) -> Result<(), Fault> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0, path: Vec::new() };
    scanner.value()?;
    scanner.space();
    if scanner.at < text.len() {
        return Err(scanner.fault("there is something after the end of the JSON value", None));
    }
    Ok(())
}

enum Step {
    Key(String),
    Index(usize),
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    path: Vec<Step>,
}

impl Scanner<'_> {
    fn value(&mut self) -> Result<(), Fault> {
        self.space();
        if self.path.len() >= DEPTH_MAX {
            return Err(self.fault(format!("nested deeper than {DEPTH_MAX} levels"), Some("nest less")));
        }
        match self.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => Err(self.fault("the JSON text ends too early", None)),
        }
    }

    fn object(&mut self) -> Result<(), Fault> {
        let mut keys = HashSet::new();
        self.at += 1;
        self.space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.fault("an object key in double quotes is expected", None));
            }
            let start = self.at;
            let key = self.string()?;
            if !keys.insert(key.clone()) {
                self.at = start;
                self.path.push(Step::Key(key));
                return Err(self.fault("this key occurs twice in one object", Some("keep one of them")));
            }
            self.space();
            if !self.take(b':') {
                return Err(self.fault("a colon is expected", None));
            }
            self.path.push(Step::Key(key));
            self.value()?;
            self.path.pop();
            self.space();
            if self.take(b'}') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.fault("a comma or a closing brace is expected", None));
            }
        }
    }

    fn array(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Ok(());
        }
        for index in 0.. {
            self.path.push(Step::Index(index));
            self.value()?;
            self.path.pop();
            self.space();
            if self.take(b']') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.fault("a comma or a closing bracket is expected", None));
            }
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => {
                    self.at = start;
                    return Err(self.fault("this string does not end", None));
                }
            }
        }
        self.at += 1;
        // The end cannot split a character: it follows an ASCII quote.
        let written = &self.text[start..self.at];
        serde_json::from_str(written).map_err(|_| {
            self.at = start;
            self.fault("this string has a control character or a broken escape", Some("escape it as \\uXXXX"))
        })
    }

    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.take(b'-');
        let leading_zero = self.take(b'0');
        let mut sound = leading_zero || self.digits();
        sound &= !(leading_zero && self.digits());
        let mut integer = true;
        if self.take(b'.') {
            integer = false;
            sound &= self.digits();
        }
        if self.take(b'e') || self.take(b'E') {
            integer = false;
            let _ = self.take(b'+') || self.take(b'-');
            sound &= self.digits();
        }
        let finite = integer || self.text[start..self.at].parse::<f64>().is_ok_and(f64::is_finite);
        if sound && finite {
            return Ok(());
        }
        self.at = start;
        Err(if sound {
            self.fault("this number is too large for a double", Some("write infinity as the string \"Infinity\""))
        } else {
            self.fault("this is not a JSON number", None)
        })
    }

    fn word(&mut self) -> Result<(), Fault> {
        for word in ["true", "false", "null"] {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(());
            }
        }
        let rest = &self.bytes[self.at..];
        let hint = [&b"NaN"[..], b"Infinity", b"nan", b"inf"].iter().any(|word| rest.starts_with(word));
        let hint = hint.then_some("JSON has no NaN or infinity: write it as a string, such as \"NaN\"");
        Err(self.fault("a JSON value is expected", hint))
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > start
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn fault(&self, message: impl Into<String>, hint: Option<&'static str>) -> Fault {
        let mut place = String::new();
        for step in &self.path {
            match step {
                Step::Index(index) => _ = write!(place, "[{index}]"),
                Step::Key(key) => {
                    let dot = if place.is_empty() { "" } else { "." };
                    _ = write!(place, "{dot}{}", key.chars().take(40).collect::<String>());
                }
            }
            if place.len() > 200 {
                place.push('…');
                break;
            }
        }
        let before = &self.bytes[..self.at.min(self.bytes.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        let gap = if place.is_empty() { "" } else { " " };
        Fault { place: format!("{place}{gap}(line {line}, column {column})"), message: message.into(), hint }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn json_passes() {
        let long = format!("[{}]", "9".repeat(10_000));
        for good in ["{}", " [1, -0.5e-3, \"a\\u0041\\\"\", null, true] ", "{\"a\":{\"a\":1}}", "0", &long, "[1e308]"] {
            scan(good).unwrap();
        }
    }

    #[test]
    fn faults_say_where_and_what() {
        let deep = "[".repeat(100_000);
        for (text, place, message) in [
            (r#"{"a":1,"a":2}"#, "a (line 1, column 8)", "twice"),
            (r#"{"a":[{"b":1,"\u0062":2}]}"#, "a[0].b (line 1, column 14)", "twice"),
            ("{\"a\":\n NaN}", "a (line 2, column 2)", "value is expected"),
            ("[1e999]", "[0] (line 1, column 2)", "too large"),
            ("[01]", "[0] (line 1, column 2)", "not a JSON number"),
            ("[1.]", "[0] (line 1, column 2)", "not a JSON number"),
            ("[\"a\n\"]", "[0] (line 1, column 2)", "control character"),
            ("[\"\\ud800\"]", "[0] (line 1, column 2)", "broken escape"),
            ("[\"a", "[0] (line 1, column 2)", "does not end"),
            ("[\"\\", "[0] (line 1, column 2)", "does not end"),
            ("{} {}", "(line 1, column 4)", "after the end"),
            ("", "(line 1, column 1)", "too early"),
            ("{\"a\":1,}", "(line 1, column 8)", "key"),
            (&deep, "[0][0]", "nested deeper"),
        ] {
            let fault = scan(text).unwrap_err();
            assert!(fault.place.starts_with(place), "{text:.40}: {fault:?}");
            assert!(fault.message.contains(message), "{text:.40}: {fault:?}");
        }
    }
}
