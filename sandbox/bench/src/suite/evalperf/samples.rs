//! Samples in EvalPlus's forms: JSON lines, a folder, a zip.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufReader, Cursor, Read};

use serde::Deserialize;

use super::tasks::normal_id;
use crate::BenchError;
use crate::json::parse_text;
use crate::lines::each_line;
use crate::samples::{is_zip, unzip};

#[derive(Deserialize)]
struct Line {
    task_id: String,
    solution: Option<String>,
    completion: Option<serde::de::IgnoredAny>,
}

/// Task ids with their programs, both in file order.
pub type SamplesByTask = Vec<(String, Vec<String>)>;

/// Reads samples as their bytes come: lines of `{"task_id": "Mbpp/3", "solution": "..."}`, of which several of one task
/// are several samples, or a zip of what [`parse_folder`] takes, which alone is held whole. Other fields are ignored,
/// empty lines skipped.
///
/// # Errors
/// [`BenchError::Format`] with line and field, or with the file in the zip. `completion` is refused: the task file holds
/// no prompt that it could complete.
pub fn read_samples(mut reader: impl Read, file: &str) -> Result<SamplesByTask, BenchError> {
    let failed = |error: &dyn std::fmt::Display| BenchError::format(file, None, error.to_string());
    let mut head = Vec::new();
    reader.by_ref().take(ZIP_HEAD_BYTES).read_to_end(&mut head).map_err(|error| failed(&error))?;
    if is_zip(&head) {
        reader.read_to_end(&mut head).map_err(|error| failed(&error))?;
        let files = unzip(&head, file, |path| place(path).is_some())?;
        return parse_folder(files.iter().map(|(path, text)| (path.as_str(), text.as_slice())), file);
    }
    let (mut samples, mut places) = (SamplesByTask::new(), HashMap::new());
    each_line(BufReader::new(Cursor::new(head).chain(reader)), file, |line| {
        let (task_id, code) = sample(line)?;
        let place = *places.entry(task_id.clone()).or_insert(samples.len());
        if place == samples.len() {
            samples.push((task_id, Vec::new()));
        }
        samples[place].1.push(code);
        Ok(())
    })?;
    if samples.is_empty() { Err(BenchError::format(file, None, "it holds no samples")) } else { Ok(samples) }
}

/// Bytes that tell a zip.
const ZIP_HEAD_BYTES: u64 = 4;

/// Reads whole programs from `(path, bytes)` pairs, as EvalPlus's folders and zips have them, in any order: the last two
/// parts of a path must be like `Mbpp_3` and `0.py`; other files are ignored. Tasks come by set and number.
///
/// # Errors
/// [`BenchError::Format`] for text that is not UTF-8, a sample that stands twice, or no sample at all.
pub fn parse_folder<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    root: &str,
) -> Result<SamplesByTask, BenchError> {
    let mut tasks: BTreeMap<(&str, u32), BTreeMap<u32, String>> = BTreeMap::new();
    for (path, bytes) in files {
        let Some((set, number, index)) = place(path) else { continue };
        let text = std::str::from_utf8(bytes).map_err(|_| BenchError::format(path, None, "not UTF-8 text"))?;
        if tasks.entry((set, number)).or_default().insert(index, text.to_owned()).is_some() {
            return Err(BenchError::format(path, None, "this sample stands twice under different paths"));
        }
    }
    if tasks.is_empty() {
        return Err(BenchError::format(root, None, "there is no file like Mbpp_3/0.py below it"));
    }
    let samples = |((set, number), samples): ((&str, u32), BTreeMap<u32, String>)| {
        (format!("{set}/{number}"), samples.into_values().collect())
    };
    Ok(tasks.into_iter().map(samples).collect())
}

/// Set, number and index in a path that ends like `Mbpp_3/0.py`.
fn place(path: &str) -> Option<(&str, u32, u32)> {
    let mut parts = path.rsplit(['/', '\\']);
    let index = plain_number(parts.next()?.strip_suffix(".py")?)?;
    let (set, number) = parts.next()?.split_once('_')?;
    if set.is_empty() { None } else { Some((set, plain_number(number)?, index)) }
}

/// Digits without a sign or zeros before them.
fn plain_number(text: &str) -> Option<u32> {
    let is_plain = text == "0" || !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
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
