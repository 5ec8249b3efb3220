//! Samples: EvalPlus's JSON lines.

use std::collections::HashMap;

use serde::Deserialize;

use super::tasks::normal_id;
use crate::BenchError;
use crate::json::parse_text;

#[derive(Deserialize)]
struct Line {
    task_id: String,
    solution: Option<String>,
    completion: Option<serde::de::IgnoredAny>,
}

/// Reads lines of `{"task_id": "Mbpp/3", "solution": "..."}`: task ids with their programs, both in file order. Several
/// lines of one task are several samples. Other fields are ignored, empty lines skipped.
///
/// # Errors
/// [`BenchError::Format`] with line and field. `completion` is refused: the task file holds no prompt that it could
/// complete.
pub fn parse_samples(bytes: &[u8], file: &str) -> Result<Vec<(String, Vec<String>)>, BenchError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (mut samples, mut places) = (Vec::<(String, Vec<String>)>::new(), HashMap::new());
    for (at, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let (task_id, code) = sample(text).map_err(|message| BenchError::format(file, Some(at as u64 + 1), message))?;
        let place = *places.entry(task_id.clone()).or_insert(samples.len());
        if place == samples.len() {
            samples.push((task_id, Vec::new()));
        }
        samples[place].1.push(code);
    }
    if samples.is_empty() { Err(BenchError::format(file, None, "it holds no samples")) } else { Ok(samples) }
}

fn sample(text: &[u8]) -> Result<(String, String), String> {
    let line: Line = parse_text(text).map_err(|fault| fault.message)?;
    let task_id = normal_id(&line.task_id)?;
    match (line.solution, line.completion) {
        (Some(code), _) => Ok((task_id, code)),
        (None, Some(_)) => {
            Err("`completion` continues a prompt, which EvalPerf's files lack: write the whole program as `solution`"
                .into())
        }
        (None, None) => Err("`solution` is missing".into()),
    }
}
