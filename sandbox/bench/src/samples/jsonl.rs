//! EvalPlus's samples: one JSON object a line.

use serde::Deserialize;
use serde_json::Value;

use super::{Samples, task_number};
use crate::BenchError;

/// Reads lines of `{"task_id": "HumanEval/0", "solution": "..."}` or with `completion` instead; several
/// lines of one task are several samples. Other fields are ignored, empty lines skipped.
///
/// # Errors
/// [`BenchError::Format`] with line and field.
pub fn parse_jsonl(text: &str, file: &str) -> Result<Samples, BenchError> {
    let mut samples = Samples::default();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let (number, code) = sample(line).map_err(|message| BenchError::format(file, Some(at as u64 + 1), message))?;
        samples.by_number.entry(number).or_default().push(code);
    }
    Ok(samples)
}

/// Fields as they stand; a field that stands twice is an error.
#[derive(Deserialize)]
struct Line {
    task_id: Option<Value>,
    solution: Option<Value>,
    completion: Option<Value>,
}

fn sample(line: &str) -> Result<(u32, String), String> {
    // A list would be taken for the fields in their order.
    if !line.trim_start().starts_with('{') {
        return Err("not a JSON object".to_owned());
    }
    let Line { task_id, solution, completion } =
        serde_json::from_str(line).map_err(|error| format!("not a JSON object: {error}"))?;
    let task_id = text("task_id", task_id)?.ok_or("`task_id` is missing")?;
    let number =
        task_number(&task_id).ok_or_else(|| format!("`task_id` is `{task_id}`, but must look like `HumanEval/0`"))?;
    match (text("solution", solution)?, text("completion", completion)?) {
        (Some(code), _) | (None, Some(code)) => Ok((number, code)),
        (None, None) => Err("neither `solution` nor `completion` is there".to_owned()),
    }
}

fn text(name: &str, value: Option<Value>) -> Result<Option<String>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Array(_)) => Err(format!("`{name}` is a list, but must be a string: write one line per sample")),
        Some(other) => Err(format!("`{name}` is {other}, but must be a string")),
    }
}
