//! Arguments as people write them, in JSON or Python notation.

use crate::{DEPTH_MAX, Integer, Tagged};

/// Text that is not a list of arguments.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "arguments, at character {position}: {message}; write a list such as [1, \"a\", (2, 3), {{\"k\": [null, true]}}]"
)]
pub struct LiteralError {
    /// Character in the text, counted from 1.
    pub position: usize,
    /// What is wrong there.
    pub message: String,
}

/// Reads a list of arguments in JSON or Python notation.
///
/// `[1, "a"]`, `[(1, 2), {3, 4}, {'k': None}, b'x', -Infinity]`. Objects are dicts whatever their keys,
/// so nothing here is read as a tag. A dict's key and a set's item may stand once.
///
/// # Errors
/// [`LiteralError`] with the place and what is wrong.
pub fn parse_arguments(text: &str) -> Result<Vec<Tagged>, LiteralError> {
    let mut parser = Parser { text: text.chars().collect(), at: 0 };
    let value = parser.value(DEPTH_MAX)?;
    parser.space();
    if parser.at < parser.text.len() {
        return parser.error("something follows the list");
    }
    match value {
        Tagged::List(items) => Ok(items),
        _ => Err(LiteralError { position: 1, message: "not a list".to_owned() }),
    }
}

struct Parser {
    text: Vec<char>,
    at: usize,
}

type Parsed<T> = Result<T, LiteralError>;

impl Parser {
    fn error<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(LiteralError { position: self.at + 1, message: message.into() })
    }

    fn next(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.next().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn take(&mut self, character: char) -> bool {
        self.space();
        let found = self.next() == Some(character);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, character: char) -> Parsed<()> {
        if self.take(character) { Ok(()) } else { self.error(format!("expected `{character}`")) }
    }

    fn value(&mut self, depth: usize) -> Parsed<Tagged> {
        self.space();
        let Some(first) = self.next() else { return self.error("expected a value") };
        if "[({".contains(first) && depth == 0 {
            return self.error(format!("more than {DEPTH_MAX} levels"));
        }
        match first {
            '[' => {
                self.at += 1;
                Ok(Tagged::List(self.items(']', depth - 1)?.0))
            }
            '(' => self.parenthesised(depth - 1),
            '{' => self.braced(depth - 1),
            '"' | '\'' => Ok(Tagged::Str(self.string(first)?)),
            '0'..='9' | '.' | '-' | '+' => self.number(),
            _ if first.is_alphabetic() => self.word(depth),
            other => self.error(format!("`{other}` begins no value")),
        }
    }

    /// Items up to `closing`, and whether a comma stood after the last one.
    fn items(&mut self, closing: char, depth: usize) -> Parsed<(Vec<Tagged>, bool)> {
        let mut items = Vec::new();
        let mut comma = false;
        while !self.take(closing) {
            if !items.is_empty() && !comma {
                return self.error(format!("expected `,` or `{closing}`"));
            }
            items.push(self.value(depth)?);
            comma = self.take(',');
        }
        Ok((items, comma))
    }

    /// A tuple; one item without a comma is just that item.
    fn parenthesised(&mut self, depth: usize) -> Parsed<Tagged> {
        self.at += 1;
        let (mut items, comma) = self.items(')', depth)?;
        if items.len() == 1 && !comma {
            return items.pop().map_or_else(|| self.error("expected a value"), Ok);
        }
        Ok(Tagged::Tuple(items))
    }

    /// A dict or a set; `{}` is a dict.
    fn braced(&mut self, depth: usize) -> Parsed<Tagged> {
        self.at += 1;
        if self.take('}') {
            return Ok(Tagged::Dict(Vec::new()));
        }
        let first = self.value(depth)?;
        if !self.take(':') {
            return self.set_after(first, depth);
        }
        let mut pairs = vec![(first, self.value(depth)?)];
        while self.take(',') && !self.take('}') {
            let key = self.value(depth)?;
            self.expect(':')?;
            if pairs.iter().any(|(known, _)| known.same_value(&key)) {
                return self.error(format!("the key {} stands twice", shorten(&key.to_python())));
            }
            pairs.push((key, self.value(depth)?));
        }
        if self.text[self.at - 1] == '}' { Ok(Tagged::Dict(pairs)) } else { self.closed(Tagged::Dict(pairs)) }
    }

    fn set_after(&mut self, first: Tagged, depth: usize) -> Parsed<Tagged> {
        let mut items = vec![first];
        while self.take(',') && !self.take('}') {
            let item = self.value(depth)?;
            if items.iter().any(|known| known.same_value(&item)) {
                return self.error(format!("the item {} stands twice", shorten(&item.to_python())));
            }
            items.push(item);
        }
        if self.text[self.at - 1] == '}' { Ok(Tagged::Set(items)) } else { self.closed(Tagged::Set(items)) }
    }

    fn closed(&mut self, value: Tagged) -> Parsed<Tagged> {
        self.expect('}')?;
        Ok(value)
    }

    fn word(&mut self, depth: usize) -> Parsed<Tagged> {
        let start = self.at;
        if self.next() == Some('b')
            && let Some(&quote @ ('"' | '\'')) = self.text.get(self.at + 1)
        {
            self.at += 1;
            return self.bytes(quote);
        }
        while self.next().is_some_and(|character| character.is_alphanumeric() || character == '_') {
            self.at += 1;
        }
        let word: String = self.text[start..self.at].iter().collect();
        match word.as_str() {
            "null" | "None" => Ok(Tagged::None),
            "true" | "True" => Ok(Tagged::Bool(true)),
            "false" | "False" => Ok(Tagged::Bool(false)),
            "NaN" | "nan" => Ok(Tagged::Float(f64::NAN)),
            "Infinity" | "inf" => Ok(Tagged::Float(f64::INFINITY)),
            "set" | "frozenset" => self.called_set(word == "frozenset", depth),
            _ => {
                self.at = start;
                self.error(format!("`{}` is no value", shorten(&word)))
            }
        }
    }

    /// What stands in `set(..)` or `frozenset(..)`: nothing, or one list, tuple or set.
    fn called_set(&mut self, frozen: bool, depth: usize) -> Parsed<Tagged> {
        self.expect('(')?;
        let (mut inner, _) = self.items(')', depth)?;
        let items = match (inner.len(), inner.pop()) {
            (0, _) => Vec::new(),
            (1, Some(Tagged::List(items) | Tagged::Tuple(items) | Tagged::Set(items))) => items,
            _ => return self.error("expected one list in set(..)"),
        };
        Ok(if frozen { Tagged::FrozenSet(items) } else { Tagged::Set(items) })
    }

    fn number(&mut self) -> Parsed<Tagged> {
        let start = self.at;
        self.at += usize::from(matches!(self.next(), Some('-' | '+')));
        if self.next() == Some('I') || self.next() == Some('i') {
            let negative = self.text[start] == '-';
            return match self.word(0)? {
                Tagged::Float(value) => Ok(Tagged::Float(if negative { -value } else { value })),
                _ => self.error("expected a number"),
            };
        }
        while self.next().is_some_and(|c| c.is_ascii_alphanumeric() || "._".contains(c) || self.exponent_sign(c)) {
            self.at += 1;
        }
        let text: String = self.text[start..self.at].iter().collect();
        let text = text.trim_start_matches('+');
        if let Some(value) = Integer::parse(text) {
            return Ok(Tagged::Int(value));
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Tagged::Float(value)),
            Ok(_) => self.error(format!("{} does not fit a float; write Infinity if that is meant", shorten(text))),
            Err(_) => self.error(format!("`{}` is no number", shorten(text))),
        }
    }

    fn exponent_sign(&self, character: char) -> bool {
        "+-".contains(character) && matches!(self.text[self.at - 1], 'e' | 'E')
    }

    /// A string's text up to `quote`, which is the next character.
    fn string(&mut self, quote: char) -> Parsed<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let Some(character) = self.next() else { return self.error("a string without end") };
            self.at += 1;
            match character {
                end if end == quote => return Ok(out),
                '\\' => out.push(self.escape()?),
                '\n' => return self.error("a line break inside a string; write \\n"),
                other => out.push(other),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        let Some(kind) = self.next() else { return self.error("a string without end") };
        self.at += 1;
        Ok(match kind {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            '0' => '\0',
            '\\' | '\'' | '"' | '/' => kind,
            'x' => return self.code(2),
            'U' => return self.code(8),
            'u' => return self.utf16(),
            _ => return self.error("no such escape"),
        })
    }

    fn code(&mut self, length: usize) -> Parsed<char> {
        let point = self.hexadecimal(length)?;
        char::from_u32(point).map_or_else(|| self.error("no such character"), Ok)
    }

    fn utf16(&mut self) -> Parsed<char> {
        let first = self.hexadecimal(4)?;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with(&['\\', 'u']) {
            self.at += 2;
            let second = self.hexadecimal(4)?;
            if (0xdc00..0xe000).contains(&second) {
                let point = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(point).map_or_else(|| self.error("no such character"), Ok);
            }
        }
        char::from_u32(first).map_or_else(|| self.error("half of a surrogate pair"), Ok)
    }

    fn hexadecimal(&mut self, length: usize) -> Parsed<u32> {
        let mut value = 0_u32;
        for _ in 0..length {
            match self.next().and_then(|digit| digit.to_digit(16)) {
                Some(digit) => value = value.wrapping_mul(16).wrapping_add(digit),
                None => return self.error(format!("expected {length} hexadecimal digits")),
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn bytes(&mut self, quote: char) -> Parsed<Tagged> {
        let text = self.string(quote)?;
        let bytes: Result<Vec<u8>, _> = text.chars().map(|character| u8::try_from(u32::from(character))).collect();
        bytes.map_or_else(|_| self.error("bytes hold characters up to \\xff"), |bytes| Ok(Tagged::Bytes(bytes)))
    }
}

/// At most 40 characters of a text, for messages.
pub(crate) fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    let start: String = text.chars().take(40).collect();
    format!("{start}...")
}
