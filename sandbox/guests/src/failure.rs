//! Errors that a guest reports.

use crate::JsonError;
use crate::json::Reader;

/// An exception as a guest tells it, out of [`frugal_fuel::Outcome::GuestError`]. All of it is hostile text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestFailure {
    /// Name of the exception's type, such as `ValueError`.
    pub type_name: String,
    /// Its message.
    pub message: String,
    /// Where it was raised, one frame of the submitted source a line or two, then type and message.
    pub traceback: String,
}

impl GuestFailure {
    /// Reads the JSON message of a guest error.
    ///
    /// # Errors
    /// [`JsonError`] when it is not an object with `type`, `message` and `traceback`.
    pub fn from_json(message: &str) -> Result<Self, JsonError> {
        let mut reader = Reader::new(message.as_bytes())?;
        let (mut type_name, mut text, mut traceback) = (None, None, None);
        reader.expect(b'{')?;
        loop {
            match reader.key()?.as_ref() {
                "type" if type_name.is_none() => type_name = Some(reader.string()?.into_owned()),
                "message" if text.is_none() => text = Some(reader.string()?.into_owned()),
                "traceback" if traceback.is_none() => traceback = Some(reader.string()?.into_owned()),
                "phase" => drop(reader.string()?),
                _ => return reader.error("expected `type`, `message`, `traceback` and `phase`"),
            }
            if !reader.take(b',') {
                break;
            }
        }
        reader.expect(b'}')?;
        reader.end()?;
        match (type_name, text, traceback) {
            (Some(type_name), Some(message), Some(traceback)) => Ok(Self { type_name, message, traceback }),
            _ => reader.error("expected `type`, `message` and `traceback`"),
        }
    }
}

impl std::fmt::Display for GuestFailure {
    /// `ValueError: message`, or the type alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.message.is_empty() {
            f.write_str(&self.type_name)
        } else {
            write!(f, "{}: {}", self.type_name, self.message)
        }
    }
}
