//! Requests common to both guests.

use frugal_fuel::{Guest, GuestJob, Language};

use crate::Tagged;
use crate::json::write_string;

/// Largest source text, in bytes: what a person or a model writes is far below.
pub(crate) const SOURCE_MAX_BYTES: usize = 4 << 20;

/// A job that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The guest runs another language.
    #[error("guest {version} runs {actual}, not {expected}; choose a guest of that language")]
    Language {
        /// The guest's version.
        version: String,
        /// What it runs.
        actual: Language,
        /// What the job needs.
        expected: Language,
    },
    /// The source is too long.
    #[error("the source has {actual} bytes, above the cap of {cap}; submit one function, not data")]
    SourceTooLarge {
        /// Its size in bytes.
        actual: usize,
        /// The cap in bytes.
        cap: usize,
    },
    /// Not a name that a function can have.
    #[error("`{name}` is not the name of a function; give a plain identifier such as `solve`")]
    Entry {
        /// The name, shortened.
        name: String,
    },
}

/// What makes one job: where it runs, what, and how it is entered.
pub(crate) struct Draft<'a> {
    pub(crate) guest: &'a Guest,
    pub(crate) language: Language,
    pub(crate) source: &'a str,
    pub(crate) entry: Option<&'a str>,
    pub(crate) filename: &'a str,
    pub(crate) hide: &'a [&'a str],
}

impl Draft<'_> {
    /// The job, with a `prepare` request made already.
    pub(crate) fn job(&self, prepare: Vec<u8>) -> Result<GuestJob, RequestError> {
        if self.guest.language != self.language {
            return Err(RequestError::Language {
                version: self.guest.version.clone(),
                actual: self.guest.language,
                expected: self.language,
            });
        }
        if self.source.len() > SOURCE_MAX_BYTES {
            return Err(RequestError::SourceTooLarge { actual: self.source.len(), cap: SOURCE_MAX_BYTES });
        }
        if let Some(name) = self.entry.filter(|name| !is_identifier(name)) {
            return Err(RequestError::Entry { name: crate::literal::shorten(name) });
        }
        Ok(GuestJob { guest: self.guest.clone(), define: self.define(), prepare })
    }

    fn define(&self) -> Vec<u8> {
        let mut out = String::with_capacity(self.source.len() + 128);
        out.push_str("{\"source\":");
        write_string(&mut out, self.source);
        out.push_str(",\"mode\":");
        out.push_str(if self.entry.is_some() { "\"function\"" } else { "\"program\"" });
        out.push_str(",\"entry\":");
        match self.entry {
            Some(name) => write_string(&mut out, name),
            None => out.push_str("null"),
        }
        out.push_str(",\"filename\":");
        write_string(&mut out, self.filename);
        out.push_str(",\"hide\":[");
        for (index, name) in self.hide.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_string(&mut out, name);
        }
        out.push_str("]}");
        out.into_bytes()
    }
}

/// Letters, digits, `_` and `$`, not beginning with a digit.
fn is_identifier(name: &str) -> bool {
    let starts = |character: char| character.is_alphabetic() || character == '_' || character == '$';
    name.chars().next().is_some_and(starts) && name.chars().all(|character| starts(character) || character.is_numeric())
}

/// `{"arguments":[...]}`.
pub(crate) fn arguments(values: &[Tagged]) -> Vec<u8> {
    let mut out = String::from("{\"arguments\":[");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        value.write_json(&mut out);
    }
    out.push_str("]}");
    out.into_bytes()
}

/// The same around an array that is JSON already.
pub(crate) fn arguments_raw(values: &str) -> Vec<u8> {
    format!("{{\"arguments\":{values}}}").into_bytes()
}

/// `{"stdin":"..."}`.
pub(crate) fn stdin(text: &str) -> Vec<u8> {
    let mut out = String::from("{\"stdin\":");
    write_string(&mut out, text);
    out.push('}');
    out.into_bytes()
}
