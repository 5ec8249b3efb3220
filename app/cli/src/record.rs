//! The record of an evaluation under way: one JSON line per fact, so that an interruption loses nothing.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use frugal_flow::enamel::{Fact, Study};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const SCHEMA: &str = "frugal.evaluation-record/1";

#[derive(Serialize, Deserialize)]
struct Header {
    schema: String,
    key: String,
}

/// An open record, beside the result's file.
pub(crate) struct Record {
    path: PathBuf,
    file: File,
}

impl Record {
    /// The record that belongs to a result's file.
    pub(crate) fn path(out: &Path) -> PathBuf {
        let mut name = out.file_name().unwrap_or_default().to_os_string();
        name.push(".partial");
        out.with_file_name(name)
    }

    /// Starts a record, or with `resume` goes on with the one there and teaches its facts to the study.
    /// Returns it with the number of facts taken over.
    pub(crate) fn open(out: &Path, study: &mut Study, resume: bool) -> Result<(Self, usize), Failure> {
        let path = Self::path(out);
        let failed = |error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
        if resume && path.is_file() {
            let (facts, whole_bytes) = load(&path, study.key())?;
            let count = facts.len();
            facts.into_iter().for_each(|fact| study.learn(fact));
            let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
            // A line cut short by a crash goes, so that the next one begins on its own.
            file.set_len(whole_bytes).map_err(failed)?;
            return Ok((Self { path, file }, count));
        }
        if path.is_file() {
            let message = format!("{} is the record of an evaluation that was interrupted", path.display());
            return Err(Failure::usage(message).hint("go on with it by --resume, or delete it to start again"));
        }
        let mut file = File::create(&path).map_err(failed)?;
        let header = Header { schema: SCHEMA.to_owned(), key: study.key().to_owned() };
        write_line(&mut file, &header).map_err(failed)?;
        Ok((Self { path, file }, 0))
    }

    /// Appends facts; they are with the system when this returns.
    pub(crate) fn append(&mut self, facts: &[Fact]) -> io::Result<()> {
        facts.iter().try_for_each(|fact| write_line(&mut self.file, fact))
    }

    /// Removes the record of a complete evaluation.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        let path = self.path;
        std::fs::remove_file(&path).map_err(|error| Failure::infrastructure(format!("{}: {error}", path.display())))
    }
}

fn write_line(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    file.write_all(&line)
}

/// Facts of a record, and the bytes of its whole lines.
fn load(path: &Path, key: &str) -> Result<(Vec<Fact>, u64), Failure> {
    let bad = |line: usize, message: &dyn std::fmt::Display| {
        Failure::usage(format!("{}, line {line}: {message}", path.display())).hint("delete it to start again")
    };
    let file = File::open(path).map_err(|error| bad(0, &error))?;
    let (mut facts, mut bytes) = (Vec::new(), 0);
    let mut reader = BufReader::new(file);
    for number in 1.. {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).map_err(|error| bad(number, &error))?;
        if line.last() != Some(&b'\n') {
            break;
        }
        if number == 1 {
            let header: Header = serde_json::from_slice(&line).map_err(|error| bad(number, &error))?;
            if header.schema != SCHEMA || header.key != key {
                let message = "it belongs to another evaluation: other files, options or guest";
                return Err(bad(number, &message));
            }
        } else {
            facts.push(serde_json::from_slice(&line).map_err(|error| bad(number, &error))?);
        }
        bytes += line.len() as u64;
    }
    if bytes == 0 {
        return Err(bad(1, &"it is empty"));
    }
    Ok((facts, bytes))
}
