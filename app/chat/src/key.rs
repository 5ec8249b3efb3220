//! The secret that an endpoint asks for.

use std::fmt;

/// Longest key, in bytes; some gateways hand out signed tokens of a few thousand.
const KEY_MAX_BYTES: usize = 16 << 10;
/// Shorter keys are not looked for in replies: they would blot out ordinary words.
const REDACTED_MIN_BYTES: usize = 8;
/// What stands where a key stood.
const BLOT: &str = "[key]";

/// An API key. It has no printed form.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

/// Text that can be no key. The message never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing but space.
    #[error("the key is empty")]
    Empty,
    /// Something that a header cannot carry.
    #[error("the key holds a character that no key has, such as a space, a line break or a letter outside ASCII")]
    Character,
    /// Longer than any key.
    #[error("the key has more than {KEY_MAX_BYTES} bytes; is it the right file?")]
    TooLong,
}

impl Key {
    /// A key from the text of a file or variable; white space around it is no part of it.
    ///
    /// # Errors
    /// [`KeyError`], which does not show the text.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if text.len() > KEY_MAX_BYTES {
            return Err(KeyError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// The header that carries it.
    pub(crate) fn authorization(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// `text` with the key blotted out wherever it stands.
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.0.len() < REDACTED_MIN_BYTES { text.to_owned() } else { text.replace(&self.0, BLOT) }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// The same for a key that may be absent.
pub(crate) fn redact(key: Option<&Key>, text: &str) -> String {
    key.map_or_else(|| text.to_owned(), |key| key.redact(text))
}
