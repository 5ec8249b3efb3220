//! JSON files: errors that name line and field, and objects whose keys are data.

use std::collections::HashSet;
use std::fmt;
use std::io::Read;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::BenchError;

/// Reads a whole file.
pub(crate) fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8], file: &str) -> Result<T, BenchError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(BenchError::format(file, None, "it is empty"));
    }
    parse_text(bytes).map_err(|fault| BenchError::format(file, Some(fault.line), fault.message))
}

/// The same as its bytes come. What is not text in it is an error of the format too.
pub(crate) fn read<T: DeserializeOwned>(reader: impl Read, file: &str) -> Result<T, BenchError> {
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    whole(&mut deserializer).map_err(|fault| BenchError::format(file, Some(fault.line), fault.message))
}

/// Where a text is wrong, its first line being 1, and how.
pub(crate) struct Fault {
    pub(crate) line: u64,
    pub(crate) message: String,
}

/// Reads one JSON value that is all of the text.
pub(crate) fn parse_text<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Fault> {
    whole(&mut serde_json::Deserializer::from_slice(bytes))
}

fn whole<'a, R: serde_json::de::Read<'a>, T: Deserialize<'a>>(
    deserializer: &mut serde_json::Deserializer<R>,
) -> Result<T, Fault> {
    let value = serde_path_to_error::deserialize(&mut *deserializer).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner());
        let place = if path == "." { String::new() } else { format!("`{}`: ", shortened(&path)) };
        Fault { line: inner.line() as u64, message: format!("{place}{inner}") }
    })?;
    deserializer.end().map_err(|error| Fault { line: error.line() as u64, message: error.to_string() })?;
    Ok(value)
}

/// Text cut to what fits a message.
pub(crate) fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 80;
    let line = text.replace('\n', "\\n");
    if line.chars().count() <= CHARACTERS_MAX {
        return line;
    }
    let tail = CHARACTERS_MAX / 4;
    let head: String = line.chars().take(CHARACTERS_MAX - tail).collect();
    let count = line.chars().count();
    format!("{head}...{}", line.chars().skip(count - tail).collect::<String>())
}

/// An object whose keys are data, in file order; a key that stands twice is an error.
pub(crate) struct Entries<T>(pub(crate) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
        let (mut entries, mut seen) = (Vec::new(), HashSet::new());
        while let Some((key, value)) = map.next_entry::<String, T>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key `{}` stands twice", shortened(&key))));
            }
            entries.push((key, value));
        }
        Ok(Entries(entries))
    }
}
