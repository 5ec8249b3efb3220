//! Generated solutions, in the forms that people have them in.

mod archive;
mod enamel_json;
mod folder;
mod jsonl;

use std::collections::BTreeMap;
use std::io::{BufReader, Cursor, Read};

pub(crate) use archive::unzip;
pub use archive::{is_zip, parse_zip};
pub use enamel_json::read_enamel_json;
pub use folder::{clean_completion, parse_folder};
pub use jsonl::read_jsonl;

use crate::BenchError;

/// Samples by problem: the numbers of problems (as in `HumanEval/7`) with their sources, in file order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Samples {
    /// Problem number -> sources.
    pub by_number: BTreeMap<u32, Vec<String>>,
}

impl Samples {
    /// Number of samples.
    pub fn count(&self) -> usize {
        self.by_number.values().map(Vec::len).sum()
    }
}

/// Reads a samples file that is in memory; see [`read_samples`].
///
/// # Errors
/// [`BenchError::Format`] naming the line and field.
pub fn parse_samples(bytes: &[u8], file: &str) -> Result<Samples, BenchError> {
    read_samples(bytes, file)
}

/// Reads a samples file as its bytes come, so that nothing is held but the samples. Its beginning tells its form:
/// ENAMEL's JSON (a list, or an object keyed by problem numbers), EvalPlus's JSON lines (objects with a `task_id`), or
/// EvalPlus's zip, which alone is held whole, packed.
///
/// # Errors
/// [`BenchError::Format`] naming the line and field.
pub fn read_samples(mut reader: impl Read, file: &str) -> Result<Samples, BenchError> {
    let mut head = Vec::new();
    let read = reader.by_ref().take(HEAD_BYTES).read_to_end(&mut head);
    read.map_err(|error| BenchError::format(file, None, error.to_string()))?;
    if is_zip(&head) {
        reader.read_to_end(&mut head).map_err(|error| BenchError::format(file, None, error.to_string()))?;
        return parse_zip(&head, file);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let is_whole = (head.len() as u64) < HEAD_BYTES;
    if text.trim_ascii().is_empty() && is_whole {
        return Err(BenchError::format(file, None, "it is empty"));
    }
    let whole = BufReader::new(Cursor::new(text).chain(reader));
    let samples = if is_evalplus(text, is_whole) { read_jsonl(whole, file)? } else { read_enamel_json(whole, file)? };
    if samples.count() == 0 {
        return Err(BenchError::format(file, None, "it holds no samples"));
    }
    Ok(samples)
}

/// Bytes that tell a file's form.
const HEAD_BYTES: u64 = 1 << 16;

/// Whether a file that begins so is EvalPlus's: its first line is an object that holds a `task_id`, or one too long to
/// be seen to its end that does not begin with a problem's number.
fn is_evalplus(head: &[u8], is_whole: bool) -> bool {
    let text = head.trim_ascii_start();
    let Some(after) = text.strip_prefix(b"{") else { return false };
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let names_task = line.windows(TASK_ID.len()).any(|part| part == TASK_ID);
    let is_cut = line.len() == text.len() && !is_whole;
    let key = after.trim_ascii_start().strip_prefix(b"\"").unwrap_or_default();
    let begins_with_number = key.first().is_some_and(u8::is_ascii_digit);
    !begins_with_number && (names_task || is_cut)
}

const TASK_ID: &[u8] = b"\"task_id\"";

/// Names that problems of this benchmark's format go by: the published set, and the small one shipped here.
const PREFIXES: [&str; 2] = ["HumanEval", "Frugal"];

/// The number in `HumanEval/7` or `HumanEval_7`.
fn task_number(task_id: &str) -> Option<u32> {
    let rest = PREFIXES.iter().find_map(|prefix| task_id.strip_prefix(prefix))?;
    let number = rest.strip_prefix(['/', '_'])?;
    let canonical = number == "0" || (!number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit()));
    if canonical { number.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
