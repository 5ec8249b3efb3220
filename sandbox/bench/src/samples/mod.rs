//! Generated solutions, in the forms that people have them in.

mod enamel_json;
mod folder;
mod jsonl;

use std::collections::BTreeMap;

pub use enamel_json::parse_enamel_json;
pub use folder::{clean_completion, parse_folder};
pub use jsonl::parse_jsonl;

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

/// Reads a samples file, telling its form by its content: ENAMEL's JSON (a list, or an object keyed by
/// problem numbers) or EvalPlus's JSON lines (objects with a `task_id`).
///
/// # Errors
/// [`BenchError::Format`] naming the line and field.
pub fn parse_samples(bytes: &[u8], file: &str) -> Result<Samples, BenchError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64 + 1;
        BenchError::format(file, Some(line), "not UTF-8 text")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().find(|line| !line.trim().is_empty());
    let samples = match first {
        None => return Err(BenchError::format(file, None, "it is empty")),
        Some(line) if is_evalplus_line(line) => parse_jsonl(text, file)?,
        Some(_) => parse_enamel_json(text, file)?,
    };
    if samples.count() == 0 {
        return Err(BenchError::format(file, None, "it holds no samples"));
    }
    Ok(samples)
}

fn is_evalplus_line(line: &str) -> bool {
    line.trim_start().starts_with('{') && line.contains("\"task_id\"")
}

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
