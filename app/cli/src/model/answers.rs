//! The record of answers: one JSON line each, so that nothing that was paid for is lost.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use frugal_flow::recipe::Answer;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const SCHEMA: &str = "frugal.answers/1";

/// What the answers below it belong to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    schema: String,
    /// What decides the work, by name.
    parts: BTreeMap<String, String>,
}

impl Header {
    pub(crate) fn new(parts: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let parts = parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { schema: SCHEMA.to_owned(), parts }
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    task: String,
    key: String,
    name: String,
    answer: Answer,
}

/// An open record, beside the result's file.
pub(crate) struct Answers {
    path: PathBuf,
    file: File,
    known: BTreeMap<String, Vec<(String, Answer)>>,
}

impl Answers {
    /// Starts a record, or with `resume` goes on with the one there.
    pub(crate) fn open(out: &Path, header: &Header, resume: bool) -> Result<Self, Failure> {
        let mut name = out.file_name().unwrap_or_default().to_os_string();
        name.push(".partial");
        let path = out.with_file_name(name);
        let failed = |error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
        if path.is_file() && !resume {
            let message = format!("{} is the record of work that was interrupted", path.display());
            return Err(Failure::usage(message).hint("go on with it by --resume, or delete it to start again"));
        }
        if path.is_file() {
            let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
            lock(&file, &path)?;
            let (known, whole_bytes) = load(&path, header)?;
            // A line cut short by a crash goes, so that the next one begins on its own.
            file.set_len(whole_bytes).map_err(failed)?;
            return Ok(Self { path, file, known });
        }
        let mut file = File::create_new(&path).map_err(failed)?;
        lock(&file, &path)?;
        write_line(&mut file, header).map_err(failed)?;
        Ok(Self { path, file, known: BTreeMap::new() })
    }

    /// Recorded answers of a task, which are handed over.
    pub(crate) fn take(&mut self, task: &str) -> Vec<(String, Answer)> {
        self.known.remove(task).unwrap_or_default()
    }

    /// How many answers were recorded before.
    pub(crate) fn count(&self) -> usize {
        self.known.values().map(Vec::len).sum()
    }

    /// Appends an answer; it is with the system when this returns.
    pub(crate) fn append(&mut self, task: &str, key: &str, name: &str, answer: &Answer) -> io::Result<()> {
        let line = Line { task: task.to_owned(), key: key.to_owned(), name: name.to_owned(), answer: answer.clone() };
        write_line(&mut self.file, &line)
    }

    /// Removes the record of complete work.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        let path = self.path;
        std::fs::remove_file(&path).map_err(|error| Failure::infrastructure(format!("{}: {error}", path.display())))
    }
}

fn lock(file: &File, path: &Path) -> Result<(), Failure> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            let message = format!("{}: another `frugal` is writing it", path.display());
            Err(Failure::usage(message).hint("let it finish, or choose another --out"))
        }
        // A file system without locks is no reason to refuse.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

fn write_line(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    file.write_all(&line)
}

type Known = BTreeMap<String, Vec<(String, Answer)>>;

/// Recorded answers by task, and the bytes of whole lines.
fn load(path: &Path, now: &Header) -> Result<(Known, u64), Failure> {
    let bad = |line: usize, message: &dyn std::fmt::Display| {
        Failure::usage(format!("{}, line {line}: {message}", path.display())).hint("delete it to start again")
    };
    let mut reader = BufReader::new(File::open(path).map_err(|error| bad(0, &error))?);
    let (mut known, mut bytes) = (Known::new(), 0);
    for number in 1.. {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).map_err(|error| bad(number, &error))?;
        if line.last() != Some(&b'\n') {
            break;
        }
        if number == 1 {
            let header: Header = serde_json::from_slice(&line).map_err(|error| bad(number, &error))?;
            if header != *now {
                return Err(other_work(path, &header, now));
            }
        } else {
            let line: Line = serde_json::from_slice(&line).map_err(|error| bad(number, &error))?;
            known.entry(line.task).or_default().push((line.key, line.answer));
        }
        bytes += line.len() as u64;
    }
    if bytes == 0 {
        return Err(bad(1, &"it is empty"));
    }
    Ok((known, bytes))
}

fn other_work(path: &Path, before: &Header, now: &Header) -> Failure {
    let names: Vec<&str> = now
        .parts
        .iter()
        .filter(|(name, value)| before.parts.get(*name) != Some(value))
        .map(|(name, _)| name.as_str())
        .collect();
    let differs = if names.is_empty() { "form".to_owned() } else { names.join(", ") };
    let message = format!("{}: it belongs to other work; these differ: {differs}", path.display());
    Failure::usage(message).hint("give the same files and options as before, or delete it to start again")
}
