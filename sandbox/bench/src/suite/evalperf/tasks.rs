//! The task file: JSON lines, plain or compressed by gzip, read as its bytes come.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::gunzip::{Gunzip, MAGIC};
use crate::BenchError;
use crate::json::parse_text;

/// A longer line is refused. The largest published input has 64 MB; the whole published file has 261 MB compressed.
pub const LINE_BYTES_MAX: usize = 512 << 20;

/// One task. Its sources are trusted: they come with the benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Such as `HumanEval/9`; an underscore for the slash is mended.
    pub task_id: String,
    /// Sources of the references, slow to fast, as they stand in the file.
    pub references: Vec<String>,
    /// Cumulative score of each reference, in [0, 100], not falling.
    pub scores: Vec<f64>,
    /// Name of the function to call: the file's, else the only one that every reference defines at its top level. The
    /// published file gives none, and its references then decide; `None` where they define several.
    pub entry_point: Option<String>,
    /// JSON array of the arguments of the one input. MBPP's values are serialised: what JSON cannot say (tuples, sets,
    /// complex numbers) was turned into what it can.
    pub arguments_json: String,
}

/// Reads a task file from chunks of its bytes, in whatever sizes they come; see [`TaskReader::push`].
pub struct TaskReader {
    file: String,
    line: u64,
    line_bytes_max: usize,
    /// What of the current line was read.
    held: Vec<u8>,
    /// The file's first bytes, until they tell whether it is compressed.
    head: Option<Vec<u8>>,
    gunzip: Option<Gunzip>,
    seen: HashSet<String>,
}

#[derive(Deserialize)]
struct Row {
    task_id: String,
    reference: Vec<String>,
    scores: Vec<f64>,
    pe_input: Box<RawValue>,
    entry_point: Option<String>,
}

impl TaskReader {
    /// A reader of JSON lines `{"task_id", "reference", "scores", "pe_input"}`, compressed by gzip or not, by the first
    /// bytes. Other fields are ignored, empty lines skipped. `file` is its name in messages.
    pub fn new(file: &str) -> Self {
        Self::with_line_limit(file, LINE_BYTES_MAX)
    }

    pub(super) fn with_line_limit(file: &str, line_bytes_max: usize) -> Self {
        Self {
            file: file.to_owned(),
            line: 1,
            line_bytes_max,
            held: Vec::new(),
            head: Some(Vec::new()),
            gunzip: None,
            seen: HashSet::new(),
        }
    }

    /// Takes the next bytes of the file and hands each task that they complete to `take`.
    ///
    /// No more than one line and its task are held, so the caller decides what to keep of a file of any size.
    ///
    /// # Errors
    /// [`BenchError::Format`] with line and field. The reader is of no use afterwards.
    pub fn push(&mut self, chunk: &[u8], take: &mut dyn FnMut(Task)) -> Result<(), BenchError> {
        let Some(mut head) = self.head.take() else { return self.unpack(chunk, take) };
        head.extend_from_slice(chunk);
        if head.len() < MAGIC.len() {
            self.head = Some(head);
            return Ok(());
        }
        self.gunzip = head.starts_with(&MAGIC).then(Gunzip::new);
        self.unpack(&head, take)
    }

    /// Ends the file: its last line needs no line break.
    ///
    /// # Errors
    /// [`BenchError::Format`] with line and field, for compressed data that break off, and for a file without tasks.
    pub fn finish(mut self, take: &mut dyn FnMut(Task)) -> Result<(), BenchError> {
        if let Some(head) = self.head.take() {
            self.unpack(&head, take)?;
        }
        if let Some(gunzip) = &self.gunzip {
            gunzip.finish().map_err(|message| self.error(message))?;
        }
        self.end_line(take).map_err(|message| self.error(message))?;
        if self.seen.is_empty() { Err(BenchError::format(&self.file, None, "it holds no tasks")) } else { Ok(()) }
    }

    fn unpack(&mut self, chunk: &[u8], take: &mut dyn FnMut(Task)) -> Result<(), BenchError> {
        let result = match self.gunzip.take() {
            None => self.lines(chunk, take),
            Some(mut gunzip) => {
                let result = gunzip.push(chunk, &mut |plain| self.lines(plain, take));
                self.gunzip = Some(gunzip);
                result
            }
        };
        result.map_err(|message| self.error(message))
    }

    fn lines(&mut self, plain: &[u8], take: &mut dyn FnMut(Task)) -> Result<(), String> {
        for piece in plain.split_inclusive(|byte| *byte == b'\n') {
            if self.held.len() + piece.len() > self.line_bytes_max {
                return Err(format!("the line has more than {} bytes", self.line_bytes_max));
            }
            self.held.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_line(take)?;
                self.line += 1;
            }
        }
        Ok(())
    }

    fn end_line(&mut self, take: &mut dyn FnMut(Task)) -> Result<(), String> {
        if !self.held.trim_ascii().is_empty() {
            let task = task(&self.held)?;
            if !self.seen.insert(task.task_id.clone()) {
                return Err(format!("`task_id` {} stands twice", task.task_id));
            }
            take(task);
        }
        self.held.clear();
        Ok(())
    }

    fn error(&self, message: String) -> BenchError {
        BenchError::format(&self.file, Some(self.line), message)
    }

    /// Memory that the reader holds, in bytes, besides the ids of its tasks.
    pub fn held_bytes(&self) -> usize {
        self.held.capacity()
    }
}

/// Reads a task file that is in memory already.
///
/// # Errors
/// [`BenchError::Format`] with line and field.
pub fn parse_tasks(bytes: &[u8], file: &str) -> Result<Vec<Task>, BenchError> {
    let (mut reader, mut tasks) = (TaskReader::new(file), Vec::new());
    reader.push(bytes, &mut |task| tasks.push(task))?;
    reader.finish(&mut |task| tasks.push(task))?;
    Ok(tasks)
}

fn task(line: &[u8]) -> Result<Task, String> {
    let row: Row = parse_text(line).map_err(|fault| fault.message)?;
    let task_id = normal_id(&row.task_id)?;
    if row.reference.is_empty() {
        return Err("`reference` is empty".to_owned());
    }
    if row.reference.len() != row.scores.len() {
        let (references, scores) = (row.reference.len(), row.scores.len());
        return Err(format!("`reference` has {references} entries, but `scores` {scores}"));
    }
    if let Some(at) = row.reference.iter().position(|source| source.trim().is_empty()) {
        return Err(format!("`reference[{at}]` is empty"));
    }
    if let Some(score) = row.scores.iter().find(|score| !(0.0..=100.0).contains(*score)) {
        return Err(format!("`scores` holds {score}, but scores lie between 0 and 100"));
    }
    if let Some(pair) = row.scores.windows(2).find(|pair| pair[0] > pair[1]) {
        return Err(format!("`scores` falls from {} to {}, but references go from slow to fast", pair[0], pair[1]));
    }
    let inputs: Vec<&RawValue> = serde_json::from_str(row.pe_input.get())
        .map_err(|_| "`pe_input` must be a list of one list of arguments".to_owned())?;
    match inputs.as_slice() {
        [arguments] if arguments.get().starts_with('[') => {
            let arguments_json = arguments.get().to_owned();
            let entry_point = row.entry_point.or_else(|| common_function(&row.reference));
            Ok(Task { task_id, references: row.reference, scores: row.scores, entry_point, arguments_json })
        }
        _ => Err("`pe_input` must be a list of one list of arguments".to_owned()),
    }
}

/// The only function that every source defines at its top level.
fn common_function(sources: &[String]) -> Option<String> {
    let defines = |source: &str, name: &str| functions(source).any(|other| other == name);
    let (first, others) = sources.split_first()?;
    let mut common = functions(first).filter(|name| others.iter().all(|source| defines(source, name)));
    let name = common.next()?;
    common.all(|other| other == name).then(|| name.to_owned())
}

fn functions(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| Some(line.strip_prefix("def ")?.split_once('(')?.0.trim()))
}

/// `HumanEval/9` of `HumanEval/9` or `HumanEval_9`.
pub(super) fn normal_id(task_id: &str) -> Result<String, String> {
    let parts = task_id.split_once(['/', '_']);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts {
        Some((set, number)) if !set.is_empty() && is_number(number) => Ok(format!("{set}/{number}")),
        _ => Err(format!("`task_id` is `{task_id}`, but must look like `HumanEval/9`")),
    }
}
