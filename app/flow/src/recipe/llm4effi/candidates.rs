//! Programs: from algorithms, or more directly.

use frugal_bench::suite::coffe::extract_functions;

use super::prompts;
use super::work::{Walk, numbered};
use super::{Start, Task};
use crate::recipe::desk::{Halt, Turn, each};
use crate::recipe::reply::sections;

/// A program that stands for choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) code: String,
}

/// The programs of an answer that define the task's function.
fn programs_in(task: &Task, text: &str) -> Result<Vec<String>, String> {
    extract_functions(text, &task.entry_point).map_err(|error| format!("{error}; the name is `{}`", task.entry_point))
}

impl Walk<'_> {
    /// Programs in the order they were asked for, equal texts once.
    pub(super) fn candidates(&mut self, specification: &str) -> Result<Vec<Candidate>, Halt> {
        let found = match self.options.stages.start {
            Start::Algorithms => self.by_algorithms(specification)?,
            Start::Programs => self.several(specification)?,
            Start::One => self.one(specification)?,
            Start::StepByStep => {
                let turns = prompts::step_by_step(self.task);
                self.program("step by step", "step by step", &turns)?.into_iter().collect()
            }
            Start::Plain => self.plain()?.into_iter().collect(),
        };
        let mut distinct: Vec<Candidate> = Vec::new();
        for candidate in found {
            if distinct.iter().all(|before| before.code != candidate.code) {
                distinct.push(candidate);
            }
        }
        Ok(distinct)
    }

    /// What the model writes when simply asked.
    pub(super) fn plain(&mut self) -> Result<Option<Candidate>, Halt> {
        self.program("direct", "direct", &prompts::plain(self.task))
    }

    /// One program out of one answer.
    pub(super) fn program(
        &mut self,
        stage: &'static str,
        name: &str,
        turns: &[Turn],
    ) -> Result<Option<Candidate>, Halt> {
        let task = self.task;
        let read = |text: &str| {
            let code = programs_in(task, text)?.swap_remove(0);
            let verdict = format!("a program of {} line(s)", code.lines().count());
            Ok((code, verdict))
        };
        let code = self.desk.ask_until(stage, name, self.options.tries, turns, read)?;
        Ok(code.map(|code| Candidate { name: name.to_owned(), code }))
    }

    fn by_algorithms(&mut self, specification: &str) -> Result<Vec<Candidate>, Halt> {
        let count = self.options.algorithms;
        let read = |text: &str| {
            let found = sections(text, "### Algorithm", count as usize);
            let verdict = format!("{} algorithm(s)", found.len());
            if found.is_empty() { Err("no line begins with `### Algorithm`".to_owned()) } else { Ok((found, verdict)) }
        };
        let turns = prompts::algorithms(specification, count);
        let proposed = self.desk.ask_until("algorithms", "propose algorithms", self.options.tries, &turns, read)?;
        let Some(algorithms) = proposed else { return self.one(specification) };
        let ways = each(algorithms.iter().zip(1..), |(algorithm, number)| {
            let advice = self.advice(specification, algorithm, number)?;
            let turns = prompts::implement(self.task, specification, Some(algorithm), advice.as_deref());
            let program = self.program("implement", &numbered("implement", number), &turns)?;
            Ok(program.map(|program| Candidate { name: format!("algorithm {number}"), ..program }))
        })?;
        Ok(ways.into_iter().flatten().collect())
    }

    fn advice(&mut self, specification: &str, algorithm: &str, number: u32) -> Result<Option<String>, Halt> {
        if !self.options.stages.advice {
            return Ok(None);
        }
        let name = numbered("advise", number);
        let Some((text, _)) = self.desk.ask("advise", &name, prompts::advice(specification, algorithm))? else {
            return Ok(None);
        };
        self.desk.note(&name, format!("{} line(s)", text.lines().filter(|line| !line.trim().is_empty()).count()));
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    fn several(&mut self, specification: &str) -> Result<Vec<Candidate>, Halt> {
        let (task, count) = (self.task, self.options.algorithms);
        let read = |text: &str| {
            let mut found = programs_in(task, text)?;
            found.truncate(count as usize);
            let verdict = format!("{} program(s)", found.len());
            Ok((found, verdict))
        };
        let turns = prompts::programs(task, specification, count);
        let found = self.desk.ask_until("programs", "write programs", self.options.tries, &turns, read)?;
        let named = found.unwrap_or_default().into_iter().zip(1..);
        Ok(named.map(|(code, number)| Candidate { name: format!("program {number}"), code }).collect())
    }

    fn one(&mut self, specification: &str) -> Result<Vec<Candidate>, Halt> {
        let advice = self.advice(specification, "", 1)?;
        let turns = prompts::implement(self.task, specification, None, advice.as_deref());
        Ok(self.program("implement", "implement", &turns)?.into_iter().collect())
    }
}
