//! A small JSON reader for hostile bytes: strict, lossless for numbers, and without recursion of its own.

use std::borrow::Cow;

/// Text that is not the JSON expected, with the byte at which that showed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the JSON expected, at byte {offset}: {message}")]
pub struct JsonError {
    /// Byte offset in the text read.
    pub offset: usize,
    /// What was expected there, or what is wrong.
    pub message: String,
}

/// Reads one JSON text from the front, a token at a time.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, JsonError> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { text, at: 0 }),
            Err(error) => Err(JsonError { offset: error.valid_up_to(), message: "not UTF-8".to_owned() }),
        }
    }

    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn slice(&self, from: usize) -> &'a str {
        &self.text[from..self.at]
    }

    pub(crate) fn error<T>(&self, message: impl Into<String>) -> Result<T, JsonError> {
        Err(JsonError { offset: self.at, message: message.into() })
    }

    /// The next byte that is not white space, unread; 0 at the end.
    pub(crate) fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or(0)
    }

    /// Reads `byte` if it comes next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { self.error(format!("expected `{}`", char::from(byte))) }
    }

    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        self.peek();
        if self.at == self.text.len() { Ok(()) } else { self.error("expected the end") }
    }

    /// Reads `word` if it comes next.
    pub(crate) fn word(&mut self, word: &str) -> bool {
        self.peek();
        let found = self.text[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// The text of a number by JSON's grammar, and whether it is a float by its notation.
    pub(crate) fn number(&mut self) -> Result<(&'a str, bool), JsonError> {
        self.peek();
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start;
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        at += usize::from(bytes.get(at) == Some(&b'-'));
        let whole = at;
        at = digits(at);
        if at == whole || (bytes[whole] == b'0' && at > whole + 1) {
            return self.error("expected a number without leading zeros");
        }
        let mut float = false;
        if bytes.get(at) == Some(&b'.') {
            let fraction = at + 1;
            at = digits(fraction);
            float = true;
            if at == fraction {
                return self.error("expected digits after the decimal point");
            }
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1;
            at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
            let exponent = at;
            at = digits(exponent);
            float = true;
            if at == exponent {
                return self.error("expected digits in the exponent");
            }
        }
        self.at = at;
        Ok((&self.text[start..at], float))
    }

    /// A finite float.
    pub(crate) fn finite(&self, text: &str) -> Result<f64, JsonError> {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => self.error(format!("the number {} does not fit a float", crate::literal::shorten(text))),
        }
    }

    /// A string; borrowed where it has no escapes.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.expect(b'"')?;
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let Some(plain) = rest.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20) else {
            return self.error("a string without end");
        };
        if rest[plain] == b'"' {
            self.at = start + plain + 1;
            return Ok(Cow::Borrowed(&self.text[start..start + plain]));
        }
        self.at = start + plain;
        let mut out = self.text[start..start + plain].to_owned();
        self.escaped(&mut out)?;
        Ok(Cow::Owned(out))
    }

    /// The rest of a string, from its first escape on.
    fn escaped(&mut self, out: &mut String) -> Result<(), JsonError> {
        loop {
            let Some(character) = self.text[self.at..].chars().next() else {
                return self.error("a string without end");
            };
            self.at += character.len_utf8();
            match character {
                '"' => return Ok(()),
                '\\' => out.push(self.escape()?),
                control if (control as u32) < 0x20 => return self.error("a control character inside a string"),
                other => out.push(other),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let kind = self.text.as_bytes().get(self.at).copied().unwrap_or(0);
        let escaped = match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return self.error("no such escape"),
        };
        self.at += 1;
        Ok(escaped)
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.four_hex()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).map_or_else(|| self.error("no such character"), Ok);
        }
        if first < 0xdc00 && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let second = self.four_hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let point = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(point).map_or_else(|| self.error("no such character"), Ok);
            }
        }
        self.error("half of a surrogate pair")
    }

    fn four_hex(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).unwrap_or(&[]);
        let mut value = 0;
        for &digit in digits {
            match char::from(digit).to_digit(16) {
                Some(digit) => value = value * 16 + digit,
                None => return self.error("expected four hexadecimal digits"),
            }
        }
        if digits.len() < 4 {
            return self.error("expected four hexadecimal digits");
        }
        self.at += 4;
        Ok(value)
    }

    /// Skips one value of any kind, however deep, without recursion.
    pub(crate) fn skip(&mut self) -> Result<(), JsonError> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.skip_opening(&mut open)?;
            loop {
                let Some(&closing) = open.last() else { return Ok(()) };
                if self.take(b',') {
                    if closing == b'}' {
                        self.key()?;
                    }
                    break;
                }
                self.expect(closing)?;
                open.pop();
            }
        }
    }

    /// Skips a scalar, or descends to the first scalar or empty container.
    fn skip_opening(&mut self, open: &mut Vec<u8>) -> Result<(), JsonError> {
        loop {
            match self.peek() {
                b'{' => {
                    self.at += 1;
                    if self.take(b'}') {
                        return Ok(());
                    }
                    open.push(b'}');
                    self.key()?;
                }
                b'[' => {
                    self.at += 1;
                    if self.take(b']') {
                        return Ok(());
                    }
                    open.push(b']');
                }
                b'"' => return self.string().map(drop),
                b'-' | b'0'..=b'9' => return self.number().map(drop),
                _ if self.word("null") || self.word("true") || self.word("false") => return Ok(()),
                _ => return self.error("expected a value"),
            }
        }
    }

    /// An object's key and its colon.
    pub(crate) fn key(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }
}

/// Appends a JSON string.
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if (control as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}
