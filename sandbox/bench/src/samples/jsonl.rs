//! EvalPlus's samples: one JSON object a line.

use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

use super::{Samples, task_number};
use crate::BenchError;
use crate::lines::each_line;

/// Reads lines of `{"task_id": "HumanEval/0", "solution": "..."}` or with `completion` instead, one at a time; several
/// lines of one task are several samples. Other fields are ignored, empty lines skipped.
///
/// # Errors
/// [`BenchError::Format`] with line and field.
pub fn read_jsonl(reader: impl BufRead, file: &str) -> Result<Samples, BenchError> {
    let mut samples = Samples::default();
    each_line(reader, file, |line| {
        let line = std::str::from_utf8(line).map_err(|_| "not UTF-8 text")?;
        let (problem, code) = sample(line)?;
        samples.by_number.entry(problem).or_default().push(code);
        Ok(())
    })?;
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
