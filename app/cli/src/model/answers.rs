//! The record of answers: one JSON line each, so that nothing that was paid for is lost.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use frugal_flow::recipe::Answer;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, say};
use crate::file::{Lines, RecordOf, parse};

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

type Known = BTreeMap<String, Vec<(String, Answer)>>;

/// An open record, beside the result's file.
pub(crate) struct Answers {
    lines: Lines,
    /// Recorded answers by task.
    known: Known,
}

const OF: RecordOf = RecordOf { what: "work", writer: "frugal" };

impl Answers {
    /// Starts a record, or with `resume` goes on with the one there.
    pub(crate) fn open(out: &Path, header: &Header, resume: bool) -> Result<Self, Failure> {
        let mut known = Known::new();
        let lines = Lines::open(out, &OF, header, resume, |path, number, line| {
            if number > 1 {
                let line: Line = parse(path, number, line)?;
                known.entry(line.task).or_default().push((line.key, line.answer));
                return Ok(());
            }
            let before: Header = parse(path, number, line)?;
            if before == *header { Ok(()) } else { Err(other_work(path, &before, header)) }
        })?;
        let recorded: usize = known.values().map(Vec::len).sum();
        if recorded > 0 {
            say(format_args!("going on after {recorded} recorded answer(s)"));
        }
        Ok(Self { lines, known })
    }

    /// Recorded answers of a task, which are handed over.
    pub(crate) fn take(&mut self, task: &str) -> Vec<(String, Answer)> {
        self.known.remove(task).unwrap_or_default()
    }

    /// Appends an answer; it is with the system when this returns.
    pub(crate) fn append(&mut self, task: &str, key: &str, name: &str, answer: &Answer) -> io::Result<()> {
        let (task, key, name) = (task.to_owned(), key.to_owned(), name.to_owned());
        self.lines.append(&Line { task, key, name, answer: answer.clone() })
    }

    /// Removes the record of complete work.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        self.lines.remove()
    }
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
