//! The record of an evaluation under way: one JSON line per fact, so that an interruption loses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use frugal_flow::compare::{self, Comparison};
use frugal_flow::enamel::{Fact, Study};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::file::{Lines, RecordOf, parse};

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
pub(crate) struct Record(Lines);

const OF: RecordOf = RecordOf { what: "an evaluation", writer: "frugal eval" };

impl Record {
    /// Starts a record, or with `resume` goes on with the one there and teaches its facts to the study.
    /// Returns it with the number of facts taken over.
    pub(crate) fn open<S: Resumable>(out: &Path, study: &mut S, resume: bool) -> Result<(Self, usize), Failure> {
        let now = Header::of(study);
        let mut facts: Vec<S::Fact> = Vec::new();
        let lines = Lines::open(out, &OF, &now, resume, |path, number, line| {
            if number > 1 {
                facts.push(parse(path, number, line)?);
                return Ok(());
            }
            let Some(difference) = parse::<Header>(path, number, line)?.difference(&now) else { return Ok(()) };
            let failure = Failure::usage(format!("{}: {difference}", path.display()));
            Err(failure.hint("give the same files and options as before, or delete it to start again"))
        })?;
        let count = facts.len();
        facts.into_iter().for_each(|fact| study.learn(fact));
        Ok((Self(lines), count))
    }

    /// Appends facts; they are with the system when this returns.
    pub(crate) fn append<F: Serialize>(&mut self, facts: &[F]) -> io::Result<()> {
        facts.iter().try_for_each(|fact| self.0.append(fact))
    }

    /// Removes the record of a complete evaluation.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        self.0.remove()
    }
}
