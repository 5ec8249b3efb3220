//! What a finished guest hands back.

use crate::json::Reader;
use crate::tagged_json;
use crate::{DEPTH_MAX, JsonError, Tagged};

/// The reply of a finished job.
#[derive(Debug, Clone, PartialEq)]
pub struct GuestReply {
    /// What the function returned; `None` for a program.
    pub value: Tagged,
    /// What it wrote to standard output. Hostile text.
    pub stdout: String,
    /// What it wrote to standard error. Hostile text.
    pub stderr: String,
}

impl GuestReply {
    /// Reads the bytes of [`frugal_fuel::Output::Guest`].
    ///
    /// # Errors
    /// [`JsonError`] when they are not such a reply.
    pub fn from_json(bytes: &[u8]) -> Result<Self, JsonError> {
        let raw = RawReply::from_json(bytes)?;
        let mut reader = Reader::new(raw.value.as_bytes())?;
        let value = tagged_json::read(&mut reader, DEPTH_MAX)?;
        Ok(Self { value, stdout: raw.stdout, stderr: raw.stderr })
    }
}

/// The same with the value left as it came, to be handed on without being taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawReply<'a> {
    /// JSON text of the tagged value: well-formed, its tags unchecked.
    pub value: &'a str,
    /// What it wrote to standard output. Hostile text.
    pub stdout: String,
    /// What it wrote to standard error. Hostile text.
    pub stderr: String,
}

impl<'a> RawReply<'a> {
    /// Reads the bytes of [`frugal_fuel::Output::Guest`].
    ///
    /// # Errors
    /// [`JsonError`] when they are not an object with `value`, `stdout` and `stderr`, each once.
    pub fn from_json(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let mut reader = Reader::new(bytes)?;
        let (mut value, mut stdout, mut stderr) = (None, None, None);
        reader.expect(b'{')?;
        loop {
            match reader.key()?.as_ref() {
                "value" if value.is_none() => {
                    reader.peek();
                    let start = reader.offset();
                    reader.skip()?;
                    value = Some(reader.slice(start));
                }
                "stdout" if stdout.is_none() => stdout = Some(reader.string()?.into_owned()),
                "stderr" if stderr.is_none() => stderr = Some(reader.string()?.into_owned()),
                _ => return reader.error("expected `value`, `stdout` and `stderr`, each once"),
            }
            if !reader.take(b',') {
                break;
            }
        }
        reader.expect(b'}')?;
        reader.end()?;
        match (value, stdout, stderr) {
            (Some(value), Some(stdout), Some(stderr)) => Ok(Self { value, stdout, stderr }),
            _ => reader.error("expected `value`, `stdout` and `stderr`"),
        }
    }

    /// The JSON array inside a tuple or list value, as [`crate::python::function_job_raw`] takes arguments.
    pub fn items(&self) -> Option<&'a str> {
        if self.value.starts_with('[') {
            return Some(self.value);
        }
        let inner = self.value.strip_prefix("{\"t\":")?.strip_suffix('}')?;
        inner.starts_with('[').then_some(inner)
    }
}
