//! What models answered: COFFE's own form, and one JSON object a line.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Cursor, Read};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{NotExtracted, Problem, extract_code};
use crate::BenchError;
use crate::json::{Entries, parse_text, read, shortened};
use crate::lines::each_line;

/// A problem as predictions name it.
pub trait Asked {
    /// Such as `HumanEval/113`.
    fn task_id(&self) -> &str;
    /// The text that models were given.
    fn prompt(&self) -> &str;
}

impl Asked for Problem {
    fn task_id(&self) -> &str {
        &self.task_id
    }

    fn prompt(&self) -> &str {
        &self.prompt
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prediction {
    /// A model's whole reply, prose and all.
    Response(String),
    /// A program that needs no extraction.
    Solution(String),
}

/// Answers to problems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predictions {
    /// For each problem, in the order given, its answers in file order. Empty where there is none.
    pub by_problem: Vec<Vec<Prediction>>,
    /// Answers to prompts that are no problem, which were left out.
    pub foreign_prompts: usize,
}

impl Prediction {
    /// The program to run: what stands before the function in the prompt, then the answer's code.
    ///
    /// # Errors
    /// [`NotExtracted`] when a reply holds no code that defines the function.
    pub fn source(&self, problem: &Problem) -> Result<String, NotExtracted> {
        let code = match self {
            Self::Response(text) => extract_code(text, problem)?,
            Self::Solution(code) => code.clone(),
        };
        Ok(format!("{}{code}", problem.preamble()))
    }
}

impl Problem {
    /// The prompt's imports and helpers: all that stands before the function, where the prompt is a program that ends
    /// in it.
    fn preamble(&self) -> &str {
        self.open_function_at().map_or("", |at| &self.prompt[..at])
    }

    /// Signature and docstring of the function, where the prompt is a program that ends in them.
    pub(super) fn open_function(&self) -> Option<&str> {
        self.open_function_at().map(|at| &self.prompt[at..])
    }

    fn open_function_at(&self) -> Option<usize> {
        let signature = format!("def {}(", self.entry_point);
        let begins_line = |at: &usize| *at == 0 || self.prompt[..*at].ends_with('\n');
        self.prompt.match_indices(&signature).map(|(at, _)| at).filter(begins_line).last()
    }
}

/// Reads predictions as their bytes come, telling their form by how they begin.
///
/// COFFE's form is one object, `{prompt: [[replies], indicator]}`; prompts that are no problem are counted and left out,
/// since published files hold more than the benchmark. The other form is JSON lines with `task_id` or `prompt`, and with
/// `response` (a raw reply) or `solution` (a program); several lines of one problem are several answers, and an unknown
/// problem is an error.
///
/// # Errors
/// [`BenchError::Format`] with line and field; also when no answer belongs to a problem.
pub fn read_predictions(mut reader: impl Read, file: &str, problems: &[impl Asked]) -> Result<Predictions, BenchError> {
    let mut head = Vec::new();
    let got = reader.by_ref().take(HEAD_BYTES).read_to_end(&mut head);
    got.map_err(|error| BenchError::format(file, None, error.to_string()))?;
    let is_whole = (head.len() as u64) < HEAD_BYTES;
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    if is_whole && text.trim_ascii().is_empty() {
        return Err(BenchError::format(file, None, "it is empty"));
    }
    let form_is_lines = is_lines(text, is_whole);
    let whole = BufReader::new(Cursor::new(text).chain(reader));
    let predictions =
        if form_is_lines { read_lines(whole, file, problems)? } else { read_object(whole, file, problems)? };
    if predictions.by_problem.iter().all(Vec::is_empty) {
        return Err(BenchError::format(file, None, "none of its answers belongs to a problem"));
    }
    Ok(predictions)
}

/// Bytes that tell a file's form.
const HEAD_BYTES: u64 = 1 << 18;

/// Whether a file that begins so is of the JSON lines form: the values of COFFE's own form are lists. Of a first line
/// that is too long to be seen to its end, the first value decides.
fn is_lines(head: &[u8], is_whole: bool) -> bool {
    let text = head.trim_ascii_start();
    match text.iter().position(|byte| *byte == b'\n') {
        Some(end) => is_line(&text[..end]),
        None if is_whole => is_line(text),
        None => first_value(text).is_some_and(|byte| byte != b'['),
    }
}

/// The byte with which the first value of an object begins.
fn first_value(object: &[u8]) -> Option<u8> {
    let key = object.strip_prefix(b"{")?;
    let mut keys = serde_json::Deserializer::from_slice(key).into_iter::<String>();
    keys.next()?.ok()?;
    let value = key[keys.byte_offset()..].trim_ascii_start().strip_prefix(b":")?;
    value.trim_ascii_start().first().copied()
}

/// Whether a first line is an object of the JSON lines form.
fn is_line(line: &[u8]) -> bool {
    let object: Option<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(line).ok();
    object.is_some_and(|object| {
        ["task_id", "prompt"].iter().any(|name| object.get(*name).is_some_and(|value| !value.is_array()))
    })
}

fn read_object(reader: impl Read, file: &str, problems: &[impl Asked]) -> Result<Predictions, BenchError> {
    let entries: Entries<(Vec<String>, IgnoredAny)> = read(reader, file)?;
    let places: HashMap<&str, usize> = problems.iter().enumerate().map(|(at, one)| (one.prompt(), at)).collect();
    let mut predictions = Predictions { by_problem: vec![Vec::new(); problems.len()], foreign_prompts: 0 };
    for (prompt, (replies, _)) in entries.0 {
        match places.get(prompt.as_str()) {
            Some(&at) => predictions.by_problem[at] = replies.into_iter().map(Prediction::Response).collect(),
            None => predictions.foreign_prompts += 1,
        }
    }
    Ok(predictions)
}

#[derive(Deserialize)]
struct Line {
    task_id: Option<serde_json::Value>,
    prompt: Option<String>,
    response: Option<String>,
    solution: Option<String>,
}

fn read_lines(reader: impl BufRead, file: &str, problems: &[impl Asked]) -> Result<Predictions, BenchError> {
    let mut predictions = Predictions { by_problem: vec![Vec::new(); problems.len()], foreign_prompts: 0 };
    let mut places = HashMap::new();
    for (at, problem) in problems.iter().enumerate() {
        places.insert(problem.task_id().to_owned(), at);
        places.insert(problem.prompt().to_owned(), at);
    }
    each_line(reader, file, |text| {
        let (problem, prediction) = line(text, &places)?;
        predictions.by_problem[problem].push(prediction);
        Ok(())
    })?;
    Ok(predictions)
}

fn line(text: &[u8], places: &HashMap<String, usize>) -> Result<(usize, Prediction), String> {
    let line: Line = parse_text(text).map_err(|fault| fault.message)?;
    let (name, key) = match (line.task_id, line.prompt) {
        (Some(serde_json::Value::String(id)), _) => ("task_id", id),
        (Some(serde_json::Value::Number(number)), _) => ("task_id", format!("mbpp/{number}")),
        (Some(other), _) => {
            return Err(format!("`task_id` is {}, but must be a string", shortened(&other.to_string())));
        }
        (None, Some(prompt)) => ("prompt", prompt),
        (None, None) => return Err("neither `task_id` nor `prompt` is there".to_owned()),
    };
    let problem = places.get(&key).ok_or_else(|| format!("`{name}` is `{}`, which is no problem", shortened(&key)))?;
    match (line.response, line.solution) {
        (Some(text), None) => Ok((*problem, Prediction::Response(text))),
        (None, Some(code)) => Ok((*problem, Prediction::Solution(code))),
        (Some(_), Some(_)) => Err("both `response` and `solution` are there: keep one".to_owned()),
        (None, None) => Err("neither `response` (a raw reply) nor `solution` (a program) is there".to_owned()),
    }
}
