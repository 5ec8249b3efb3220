//! From the task to a specification, and from that to tests.

use frugal_guests::{Tagged, parse_arguments};

use super::prompts;
use super::work::{Walk, numbered};
use crate::recipe::desk::Halt;
use crate::recipe::reply::{data_lines, verdict};

/// Characters of an input that are worth working out by hand.
const INPUT_MAX: usize = 2_000;

/// A test that the model wrote.
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) arguments: Vec<Tagged>,
    pub(super) expected: Tagged,
    /// The arguments in Python notation.
    pub(super) shown: String,
}

impl Walk<'_> {
    /// The specification; the task itself where the stage is off or nothing usable comes.
    pub(super) fn specification(&mut self) -> Result<String, Halt> {
        let task = self.task.text();
        if !self.options.stages.formalise {
            return Ok(task);
        }
        let (mut specification, mut objection) = (task, None::<String>);
        for round in 1..=self.options.tries {
            let name = numbered("formalise", round);
            let turns = prompts::formalise(self.task, objection.as_deref());
            let read = |text: &str| match text.trim() {
                "" => Err("it is empty".to_owned()),
                text => Ok((text.to_owned(), format!("a specification of {} characters", text.chars().count()))),
            };
            let Some(text) = self.desk.ask_until("formalise", &name, self.options.tries, &turns, read)? else { break };
            specification = format!("{text}\n\nThe function is called `{}`.", self.task.entry_point);
            if !self.options.stages.self_check {
                break;
            }
            match self.differs(&specification, round)? {
                Some(difference) => objection = Some(difference),
                None => break,
            }
        }
        Ok(specification)
    }

    /// In what the specification differs from the task; `None` where it does not, or nothing clear was said.
    fn differs(&mut self, specification: &str, round: u32) -> Result<Option<String>, Halt> {
        let words = [("SAME", true), ("DIFFERENT", false)];
        let read = |text: &str| match verdict(text, &words) {
            Some(true) => Ok((None, "same".to_owned())),
            Some(false) => Ok((Some(text.to_owned()), "different".to_owned())),
            None => Err("it needs exactly one line `VERDICT: SAME` or `VERDICT: DIFFERENT`".to_owned()),
        };
        let turns = prompts::self_check(self.task, specification);
        let name = numbered("self-check", round);
        Ok(self.desk.ask_until("self-check", &name, self.options.tries, &turns, read)?.flatten())
    }

    /// Tests: one role chooses inputs, another works out results, until there are enough.
    pub(super) fn tests(&mut self, specification: &str) -> Result<Vec<Test>, Halt> {
        let mut tests: Vec<Test> = Vec::new();
        if !self.options.stages.tests {
            return Ok(tests);
        }
        let mut known: Vec<String> = Vec::new();
        for round in 1..=self.options.tries {
            let inputs = self.inputs(specification, round, &known)?;
            if inputs.is_empty() {
                break;
            }
            known.extend(inputs.iter().map(|(_, shown)| shown.clone()));
            tests.extend(self.results(specification, round, inputs)?);
            if tests.len() >= self.options.tests_min as usize {
                break;
            }
        }
        Ok(tests)
    }

    /// Inputs that are not known yet. Fewer are asked for when an answer is too long.
    fn inputs(
        &mut self,
        specification: &str,
        round: u32,
        known: &[String],
    ) -> Result<Vec<(Vec<Tagged>, String)>, Halt> {
        let all = self.options.tests;
        let mut inputs: Vec<(Vec<Tagged>, String)> = Vec::new();
        for count in [all, (all / 2).max(1), (all / 10).max(1)] {
            let name = format!("{}, {count} asked", numbered("design inputs", round));
            let turns = prompts::design(specification, count, known);
            let Some((text, is_cut)) = self.desk.ask("design", &name, turns)? else { continue };
            let lines = data_lines(&text);
            for line in lines.iter().filter(|line| line.len() <= INPUT_MAX) {
                let Ok(arguments) = parse_arguments(line.trim_end_matches(',')) else { continue };
                let shown = Tagged::List(arguments.clone()).to_python();
                if !known.contains(&shown) && inputs.iter().all(|(_, before)| *before != shown) {
                    inputs.push((arguments, shown));
                }
            }
            inputs.truncate(all as usize);
            let cut = if is_cut { "; the answer was cut" } else { "" };
            self.desk.note(&name, format!("{} new input(s) in {} line(s){cut}", inputs.len(), lines.len()));
            if !inputs.is_empty() {
                break;
            }
        }
        Ok(inputs)
    }

    fn results(
        &mut self,
        specification: &str,
        round: u32,
        inputs: Vec<(Vec<Tagged>, String)>,
    ) -> Result<Vec<Test>, Halt> {
        let shown: Vec<String> = inputs.iter().map(|(_, shown)| shown.clone()).collect();
        let name = numbered("calculate results", round);
        let Some((text, _)) = self.desk.ask("calculate", &name, prompts::calculate(specification, &shown))? else {
            return Ok(Vec::new());
        };
        let mut results: Vec<Option<Tagged>> = vec![None; inputs.len()];
        let mut contradicted = vec![false; inputs.len()];
        for line in data_lines(&text) {
            let Some((number, result)) = line.split_once("=>") else { continue };
            let Some(at) = number.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1)) else {
                continue;
            };
            let Ok(mut values) = parse_arguments(&format!("[{}]", result.trim())) else { continue };
            let (Some(slot), 1) = (results.get_mut(at), values.len()) else { continue };
            let value = values.remove(0);
            contradicted[at] |= slot.as_ref().is_some_and(|before| !before.same_value(&value));
            *slot = Some(value);
        }
        let tests: Vec<Test> = inputs
            .into_iter()
            .zip(results)
            .zip(contradicted)
            .filter(|(_, contradicted)| !contradicted)
            .filter_map(|(((arguments, shown), expected), _)| Some(Test { arguments, expected: expected?, shown }))
            .collect();
        self.desk.note(&name, format!("{} test(s) of {} input(s)", tests.len(), shown.len()));
        Ok(tests)
    }
}
