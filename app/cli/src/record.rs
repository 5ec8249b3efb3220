//! The record of an evaluation under way: one JSON line per fact, so that an interruption loses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use frugal_flow::compare::{self, Comparison};
use frugal_flow::enamel::{Fact, Study};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const SCHEMA: &str = "frugal.evaluation-record/1";

/// An evaluation whose facts can be recorded.
pub(crate) trait Resumable {
    /// What it learns.
    type Fact: Serialize + DeserializeOwned;
    /// Names everything that decides the result.
    fn key(&self) -> &str;
    /// What the key is made of, by name.
    fn parts(&self) -> &[(&'static str, String)];
    /// Takes a recorded fact; failures of the machinery, which another try may mend, are left aside.
    fn learn(&mut self, fact: Self::Fact);
}

impl Resumable for Study {
    type Fact = Fact;

    fn key(&self) -> &str {
        Self::key(self)
    }

    fn parts(&self) -> &[(&'static str, String)] {
        Self::parts(self)
    }

    fn learn(&mut self, fact: Fact) {
        Self::learn(self, fact);
    }
}

impl Resumable for Comparison {
    type Fact = compare::Fact;

    fn key(&self) -> &str {
        Self::key(self)
    }

    fn parts(&self) -> &[(&'static str, String)] {
        Self::parts(self)
    }

    fn learn(&mut self, fact: compare::Fact) {
        if fact.is_final() {
            Self::learn(self, fact);
        }
    }
}

/// What the facts below it belong to.
#[derive(Serialize, Deserialize)]
struct Header {
    schema: String,
    key: String,
    /// What the key is made of, by name.
    parts: BTreeMap<String, String>,
}

impl Header {
    fn of(study: &impl Resumable) -> Self {
        let parts = study.parts().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { schema: SCHEMA.to_owned(), key: study.key().to_owned(), parts }
    }

    /// Where the recorded evaluation differs from this one, in words; `None` where both are one.
    fn difference(&self, now: &Self) -> Option<String> {
        if self.schema != now.schema {
            return Some(format!("its form is {}, but {} is read here", self.schema, now.schema));
        }
        if self.key == now.key {
            return None;
        }
        let said = |parts: &BTreeMap<String, String>, name: &str| match parts.get(name) {
            // a digest says nothing to a person
            Some(value) if value.len() < 64 => value.clone(),
            Some(_) => "another".to_owned(),
            None => "absent".to_owned(),
        };
        let names: BTreeSet<&String> = self.parts.keys().chain(now.parts.keys()).collect();
        let differs = |name: &&&String| self.parts.get(**name) != now.parts.get(**name);
        let list: Vec<_> = (names.iter().filter(differs))
            .map(|name| match (said(&self.parts, name), said(&now.parts, name)) {
                (before, _) if before == "another" => format!("other {name}"),
                (before, after) => format!("{name} was {before} and is {after} now"),
            })
            .collect();
        Some(format!("it belongs to another evaluation: {}", list.join("; ")))
    }
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
    pub(crate) fn open(out: &Path, study: &mut impl Resumable, resume: bool) -> Result<(Self, usize), Failure> {
        let path = Self::path(out);
        let failed = |error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
        if resume && path.is_file() {
            let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
            lock(&file, &path)?;
            let (facts, whole_bytes) = load(&path, &Header::of(study))?;
            let count = facts.len();
            facts.into_iter().for_each(|fact| study.learn(fact));
            // A line cut short by a crash goes, so that the next one begins on its own.
            file.set_len(whole_bytes).map_err(failed)?;
            return Ok((Self { path, file }, count));
        }
        if path.is_file() {
            let message = format!("{} is the record of an evaluation that was interrupted", path.display());
            return Err(Failure::usage(message).hint("go on with it by --resume, or delete it to start again"));
        }
        let mut file = File::create_new(&path).map_err(failed)?;
        lock(&file, &path)?;
        write_line(&mut file, &Header::of(study)).map_err(failed)?;
        Ok((Self { path, file }, 0))
    }

    /// Appends facts; they are with the system when this returns.
    pub(crate) fn append<F: Serialize>(&mut self, facts: &[F]) -> io::Result<()> {
        facts.iter().try_for_each(|fact| write_line(&mut self.file, fact))
    }

    /// Removes the record of a complete evaluation.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        let path = self.path;
        std::fs::remove_file(&path).map_err(|error| Failure::infrastructure(format!("{}: {error}", path.display())))
    }
}

/// One process writes a record at a time; the lock goes with the process, however it ends.
fn lock(file: &File, path: &Path) -> Result<(), Failure> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            let message = format!("{}: another `frugal eval` is writing it", path.display());
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

/// Facts of a record, and the bytes of its whole lines.
fn load<F: DeserializeOwned>(path: &Path, now: &Header) -> Result<(Vec<F>, u64), Failure> {
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
            if let Some(difference) = header.difference(now) {
                let failure = Failure::usage(format!("{}: {difference}", path.display()));
                return Err(failure.hint("give the same files and options as before, or delete it to start again"));
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
