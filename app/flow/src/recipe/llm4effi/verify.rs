//! Programs against tests, and tests against programs.

use frugal_guests::python::function_job;
use frugal_guests::{GuestReply, Tagged};
use frugal_report::{TestVerdict, Verdict};

use super::candidates::Candidate;
use super::prompts;
use super::specification::Test;
use super::work::{Walk, numbered};
use crate::recipe::desk::{Halt, Ran, each};
use crate::recipe::reply::verdict;
use crate::recipe::value::agrees;

/// Failed tests that a repair is told of.
const FAILURES_MAX: usize = 10;
/// Characters of an output that a repair is told.
const SHOWN_MAX: usize = 300;

/// What a program did on a test.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    /// The expected result, at this net fuel in units.
    Passed(u64),
    /// Something else: said so that it goes on from "but".
    Failed(String),
    /// Out of fuel or memory.
    TimedOut,
}

/// A failed test as a repair is told of it.
pub(super) struct Failure {
    pub(super) arguments: String,
    pub(super) expected: String,
    pub(super) got: String,
}

/// A program with what it did on each test.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    pub(super) candidate: Candidate,
    pub(super) cells: Vec<Cell>,
}

impl Tried {
    /// Kept tests that it passes.
    pub(super) fn passes(&self, verdicts: &[TestVerdict]) -> u32 {
        let passes = self.cells.iter().zip(verdicts);
        let passes = passes.filter(|(cell, verdict)| verdict.is_kept() && matches!(cell, Cell::Passed(_)));
        u32::try_from(passes.count()).unwrap_or(u32::MAX)
    }

    /// Net fuel on kept tests that it passes, in units.
    pub(super) fn fuel(&self, verdicts: &[TestVerdict]) -> u64 {
        let kept = self.cells.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_kept());
        kept.map(|(cell, _)| if let Cell::Passed(fuel) = cell { *fuel } else { 0 }).fold(0, u64::saturating_add)
    }
}

impl Walk<'_> {
    /// Runs all programs on all tests, has doubtful tests judged, and repairs once. Verdicts stand in the tests' order.
    pub(super) fn verified(
        &mut self,
        specification: &str,
        candidates: Vec<Candidate>,
        tests: &[Test],
    ) -> Result<(Vec<Tried>, Vec<TestVerdict>), Halt> {
        let tried = each(candidates, |candidate| self.tried(candidate, tests))?;
        let verdicts = self.verdicts(specification, &tried, tests)?;
        if !self.options.stages.repair {
            return Ok((tried, verdicts));
        }
        let numbered = tried.into_iter().zip(1..);
        let repaired = each(numbered, |(tried, number)| self.repaired(specification, tried, number, tests, &verdicts))?;
        Ok((repaired, verdicts))
    }

    fn tried(&mut self, candidate: Candidate, tests: &[Test]) -> Result<Tried, Halt> {
        let cells = each(tests, |test| self.cell(&candidate.code, test))?;
        Ok(Tried { candidate, cells })
    }

    fn cell(&mut self, code: &str, test: &Test) -> Result<Cell, Halt> {
        let job = function_job(self.guest, code, &self.task.entry_point, &test.arguments, &[]);
        let job = match job {
            Ok(job) => job,
            Err(error) => return Ok(Cell::Failed(format!("it cannot be run: {error}"))),
        };
        Ok(match self.desk.run(job, self.options.test_limits)? {
            Ran::Returned { reply, net_fuel } => match GuestReply::from_json(&reply) {
                Ok(reply) if agrees(&reply.value, &test.expected) => Cell::Passed(net_fuel),
                Ok(reply) => Cell::Failed(format!("it returned {}", shown(&reply.value))),
                Err(error) => Cell::Failed(format!("its result cannot be read: {error}")),
            },
            Ran::Stopped { verdict: Verdict::OutOfFuel | Verdict::OutOfMemory, .. } => Cell::TimedOut,
            Ran::Stopped { message, .. } => Cell::Failed(format!("it stopped: {message}")),
        })
    }

    /// What becomes of each test. What the best program passes is not doubted.
    fn verdicts(&mut self, specification: &str, tried: &[Tried], tests: &[Test]) -> Result<Vec<TestVerdict>, Halt> {
        let all = vec![TestVerdict::Unknown; tests.len()];
        // the first of several that pass most
        let Some(best) = tried.iter().rev().max_by_key(|tried| tried.passes(&all)) else { return Ok(all) };
        each(tests.iter().zip(&best.cells).zip(1..), |((test, cell), number)| match cell {
            Cell::Passed(_) => Ok(TestVerdict::Passed),
            Cell::TimedOut => Ok(TestVerdict::TimedOut),
            Cell::Failed(_) if !self.options.stages.judge => Ok(TestVerdict::Valid),
            Cell::Failed(_) => self.judged(specification, test, number),
        })
    }

    fn judged(&mut self, specification: &str, test: &Test, number: u32) -> Result<TestVerdict, Halt> {
        let words =
            [("VALID", TestVerdict::Valid), ("INVALID", TestVerdict::Invalid), ("UNSURE", TestVerdict::Unknown)];
        let read = |text: &str| match verdict(text, &words) {
            Some(verdict) => Ok((verdict, verdict.name().to_owned())),
            None => {
                Err("it needs exactly one line `VERDICT: VALID`, `VERDICT: INVALID` or `VERDICT: UNSURE`".to_owned())
            }
        };
        let turns = prompts::judge(self.task, specification, &test.shown, &test.expected.to_python());
        let name = numbered("judge test", number);
        let said = self.desk.ask_until("judge", &name, self.options.tries, &turns, read)?;
        Ok(said.unwrap_or(TestVerdict::Unknown))
    }

    /// One round of repair over tests that are right; the original stays unless the repair passes more.
    fn repaired(
        &mut self,
        specification: &str,
        tried: Tried,
        number: u32,
        tests: &[Test],
        verdicts: &[TestVerdict],
    ) -> Result<Tried, Halt> {
        let mut failures = Vec::new();
        for ((test, cell), verdict) in tests.iter().zip(&tried.cells).zip(verdicts) {
            let got = match cell {
                Cell::Failed(got) => got.clone(),
                Cell::TimedOut => "it ran out of its limits".to_owned(),
                Cell::Passed(_) => continue,
            };
            if matches!(verdict, TestVerdict::Valid | TestVerdict::Passed) {
                failures.push(Failure { arguments: test.shown.clone(), expected: test.expected.to_python(), got });
            }
        }
        failures.truncate(FAILURES_MAX);
        if failures.is_empty() {
            return Ok(tried);
        }
        let turns = prompts::repair(specification, &tried.candidate, &failures);
        let step = numbered("repair", number);
        let Some(repair) = self.program("repair", &step, &turns)? else { return Ok(tried) };
        let name = format!("{}, repaired", tried.candidate.name);
        let repaired = self.tried(Candidate { name, ..repair }, tests)?;
        let (before, after) = (tried.passes(verdicts), repaired.passes(verdicts));
        let kept = if after > before { "the repair is kept" } else { "the original is kept" };
        self.desk.note_try(&step, format!("passes {after} test(s) instead of {before}: {kept}"));
        Ok(if after > before { repaired } else { tried })
    }
}

fn shown(value: &Tagged) -> String {
    value.to_python().chars().take(SHOWN_MAX).collect()
}
