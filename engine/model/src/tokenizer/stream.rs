use std::ops::Deref;

use super::decoder::{Step, fallback_byte, metaspace, strip};
use super::normalizer::replace;
use super::{Tokenizer, TokenizerError, byte_level};

/// Text of a growing list of tokens, handed out in whole characters.
///
/// A token may end within a character; its bytes wait, at most three of them, until later tokens complete or break it.
/// Joined, the parts are the text of [`Tokenizer::decode`], with one exception that its definition forces: a run of
/// byte tokens `<0xNN>` that breaks after whole characters shows those characters here, and replacement characters
/// there.
#[derive(Debug, Clone)]
pub struct TextStream<T> {
    tokenizer: T,
    special: bool,
    /// Bytes of an incomplete character.
    pending: Vec<u8>,
    /// Whether `pending` came from byte tokens, of which each becomes a replacement character of its own.
    pending_from_bytes: bool,
    tokens: usize,
    /// Characters at the beginning of the whole text that a fused strip has looked at.
    stripped: Option<usize>,
}

/// What a token adds: text, or bytes that may be a part of a character.
enum Added {
    Text(String),
    Bytes(Vec<u8>),
    Byte(u8),
}

impl<T: Deref<Target = Tokenizer>> TextStream<T> {
    /// An empty text. The tokenizer is borrowed, or shared by an `Arc`. `special`: whether special tokens are shown.
    pub fn new(tokenizer: T, special: bool) -> Self {
        let (pending, pending_from_bytes) = (Vec::new(), false);
        Self { tokenizer, special, pending, pending_from_bytes, tokens: 0, stripped: Some(0) }
    }

    /// The characters that this token completes; empty where it completes none.
    ///
    /// # Errors
    /// [`TokenizerError::UnknownId`].
    pub fn push(&mut self, id: u32) -> Result<String, TokenizerError> {
        let token = self.tokenizer.token(id).ok_or(TokenizerError::UnknownId(id))?;
        if !self.special && self.tokenizer.is_special(id) {
            return Ok(String::new());
        }
        let mut out = String::new();
        match self.added(token)? {
            Added::Text(text) => {
                self.break_off(&mut out);
                self.emit(&text, &mut out)?;
            }
            Added::Bytes(bytes) => {
                self.pending.extend(bytes);
                self.complete(false, &mut out)?;
            }
            Added::Byte(byte) => {
                self.pending.push(byte);
                self.pending_from_bytes = true;
                self.complete(true, &mut out)?;
            }
        }
        self.tokens += 1;
        Ok(out)
    }

    /// Ends the text: what waits is broken for good.
    pub fn finish(mut self) -> String {
        let mut out = String::new();
        self.break_off(&mut out);
        out
    }

    /// The token after the steps that see it alone.
    fn added(&self, token: &str) -> Result<Added, TokenizerError> {
        let Some(steps) = &self.tokenizer.decoder.steps else {
            let space = if self.tokens > 0 { " " } else { "" };
            return Ok(Added::Text(format!("{space}{token}")));
        };
        let mut text = token.to_owned();
        for step in steps {
            match step {
                Step::ByteLevel => return Ok(Added::Bytes(byte_level::decode(&text))),
                Step::ByteFallback => {
                    if let Some(byte) = fallback_byte(&text) {
                        return Ok(Added::Byte(byte));
                    }
                }
                // What follows sees the whole text.
                Step::Fuse => break,
                step => text = self.alone(step, &text, self.tokens == 0)?,
            }
        }
        Ok(Added::Text(text))
    }

    fn alone(&self, step: &Step, text: &str, is_first: bool) -> Result<String, TokenizerError> {
        Ok(match step {
            Step::Metaspace { mark, drops_first } => metaspace(text, *mark, is_first && *drops_first),
            Step::Replace { pattern, content } => replace(text, pattern, content)?,
            Step::Strip { character, start, stop } => strip(text, *character, *start, *stop).to_owned(),
            Step::ByteLevel | Step::ByteFallback | Step::Fuse => text.to_owned(),
        })
    }

    /// Emits the characters that the pending bytes complete, and the breaks in them.
    fn complete(&mut self, from_bytes: bool, out: &mut String) -> Result<(), TokenizerError> {
        let bytes = std::mem::take(&mut self.pending);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (valid, broken) = match std::str::from_utf8(rest) {
                Ok(text) => (text, None),
                Err(error) => {
                    let valid = std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or_default();
                    (valid, Some(error.error_len()))
                }
            };
            let text = self.late(valid, from_bytes)?;
            self.emit(&text, out)?;
            rest = &rest[valid.len()..];
            match broken {
                None => {}
                Some(None) => {
                    self.pending = rest.to_vec();
                    break;
                }
                Some(Some(length)) => {
                    let marks = if from_bytes { length } else { 1 };
                    self.emit(&"\u{FFFD}".repeat(marks), out)?;
                    rest = &rest[length..];
                }
            }
        }
        self.pending_from_bytes = from_bytes && !self.pending.is_empty();
        Ok(())
    }

    /// What steps after the byte fallback make of a character from byte tokens.
    fn late(&self, text: &str, from_bytes: bool) -> Result<String, TokenizerError> {
        let mut text = text.to_owned();
        let steps = self.tokenizer.decoder.steps.as_deref().unwrap_or_default();
        if from_bytes {
            let after = steps.iter().skip_while(|step| !matches!(step, Step::ByteFallback));
            for step in after.take_while(|step| !matches!(step, Step::Fuse)) {
                text = self.alone(step, &text, self.tokens == 0)?;
            }
        }
        Ok(text)
    }

    /// Gives up on the pending bytes.
    fn break_off(&mut self, out: &mut String) {
        let pending = std::mem::take(&mut self.pending);
        let marks = match pending.len() {
            0 => 0,
            length if self.pending_from_bytes => length,
            _ => 1,
        };
        self.pending_from_bytes = false;
        // A replacement character is nothing that a strip or a replacement looks for.
        out.push_str(&"\u{FFFD}".repeat(marks));
        if marks > 0 {
            self.stripped = None;
        }
    }

    /// Applies what sees the whole text, of which only a strip at its beginning depends on what came before.
    fn emit(&mut self, text: &str, out: &mut String) -> Result<(), TokenizerError> {
        let steps = self.tokenizer.decoder.steps.as_deref().unwrap_or_default();
        let mut text = text.to_owned();
        for step in steps.iter().skip_while(|step| !matches!(step, Step::Fuse)) {
            match step {
                Step::Strip { character, start, .. } => {
                    while let (Some(done), Some(first)) = (self.stripped, text.chars().next()) {
                        if done < *start && first == *character {
                            text.remove(0);
                            self.stripped = Some(done + 1);
                        } else {
                            self.stripped = None;
                        }
                    }
                }
                Step::Replace { pattern, content } => text = replace(&text, pattern, content)?,
                _ => {}
            }
        }
        out.push_str(&text);
        Ok(())
    }
}
