//! The index: one JSON file that tells a static host's visitor which problems there are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Description;
use super::description::is_identifier;
use crate::BenchError;

const SCHEMA: &str = "frugal-problems-1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    schema: String,
    problems: BTreeMap<String, Description>,
}

/// The index of problems, by id. It ends with a newline.
///
/// # Errors
/// [`serde_json::Error`] never, for want of values that JSON cannot hold: the reader refuses such exponents.
pub fn write_index(problems: BTreeMap<String, Description>) -> Result<String, serde_json::Error> {
    let index = Index { schema: SCHEMA.to_owned(), problems };
    Ok(serde_json::to_string_pretty(&index)? + "\n")
}

/// Reads the index: descriptions by id. The code of a problem stands beside the index, in the folder of that name.
///
/// # Errors
/// [`BenchError::Format`] with the line for anything that is not such an index.
pub fn parse_index(bytes: &[u8], file: &str) -> Result<BTreeMap<String, Description>, BenchError> {
    let index: Index = serde_json::from_slice(bytes)
        .map_err(|error| BenchError::format(file, Some(error.line() as u64), error.to_string()))?;
    if index.schema != SCHEMA {
        let message = format!("`schema` is `{}`, but must be `{SCHEMA}`", index.schema);
        return Err(BenchError::format(file, None, message));
    }
    if let Some(id) = index.problems.keys().find(|id| !is_identifier(id)) {
        let message = format!("`problems` has the id `{id}`; ids are small letters, digits and `_`, a letter first");
        return Err(BenchError::format(file, None, message));
    }
    Ok(index.problems)
}
