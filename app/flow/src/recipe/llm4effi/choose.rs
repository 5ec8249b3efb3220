//! The choice: by passes, then by measured fuel.

use frugal_guests::python::{function_job, function_job_raw};
use frugal_guests::{GuestReply, RawReply, Tagged};
use frugal_report::{CandidateReport, FuelUnits, TestVerdict};

use super::prompts;
use super::verify::Tried;
use super::work::Walk;
use super::{Stage, TieBreak};
use crate::recipe::desk::{Halt, Ran, each};
use crate::recipe::reply::{data_lines, verdict};
use crate::recipe::value::agrees;

/// Makes the arguments of a large input, in an instance of its own.
const EVALUATE: &str = "def evaluate(expression):\n    return list(eval(expression))\n";

/// What was chosen, and what it was chosen from.
pub(super) struct Choice {
    pub(super) code: Option<String>,
    pub(super) candidates: Vec<CandidateReport>,
    pub(super) large_inputs: Vec<String>,
}

/// What a program did on large inputs.
#[derive(Debug, Clone, Copy, Default)]
struct Large {
    /// Finished with the result that most programs give.
    finished: u32,
    /// Over what it finished, in units.
    net_fuel: u64,
}

impl Walk<'_> {
    pub(super) fn chosen(
        &mut self,
        specification: &str,
        tried: &[Tried],
        verdicts: &[TestVerdict],
    ) -> Result<Choice, Halt> {
        let passes: Vec<u32> = tried.iter().map(|tried| tried.passes(verdicts)).collect();
        let most = passes.iter().copied().max().unwrap_or_default();
        let contenders: Vec<usize> = (0..tried.len()).filter(|at| passes[*at] == most).collect();
        let mut large = vec![Large::default(); tried.len()];
        let mut inputs = Vec::new();
        if contenders.len() > 1 && self.options.stages.large_inputs {
            inputs = self.large_inputs(specification)?;
            let arguments: Vec<&str> = inputs.iter().map(|(_, arguments)| arguments.as_str()).collect();
            let measured = self.on_large(tried, &contenders, &arguments)?;
            for (at, figures) in contenders.iter().zip(measured) {
                large[*at] = figures;
            }
        }
        let fuel = |at: usize| if inputs.is_empty() { tried[at].fuel(verdicts) } else { large[at].net_fuel };
        let rank = |at: &usize| (std::cmp::Reverse(large[*at].finished), fuel(*at), *at);
        let cheapest = contenders.iter().copied().min_by_key(rank);
        let chosen = match self.options.stages.tie_break {
            TieBreak::Model if contenders.len() > 1 => self.by_model(specification, tried, &contenders)?.or(cheapest),
            _ => cheapest,
        };
        let kept = verdicts.iter().filter(|verdict| verdict.is_kept()).count();
        let report = |(at, tried): (usize, &Tried)| CandidateReport {
            name: tried.candidate.name.clone(),
            code: tried.candidate.code.clone(),
            passes: passes[at],
            tests: u32::try_from(kept).unwrap_or(u32::MAX),
            large_finished: large[at].finished,
            net_fuel: FuelUnits(fuel(at)),
            is_chosen: chosen == Some(at),
        };
        Ok(Choice {
            code: chosen.map(|at| tried[at].candidate.code.clone()),
            candidates: tried.iter().enumerate().map(report).collect(),
            large_inputs: inputs.into_iter().map(|(expression, _)| expression).collect(),
        })
    }

    /// Expressions that make arguments, each with the tagged JSON array that it makes.
    fn large_inputs(&mut self, specification: &str) -> Result<Vec<(String, String)>, Halt> {
        let count = self.options.large_inputs as usize;
        let read = |text: &str| {
            let lines = data_lines(text).into_iter().filter(|line| line.starts_with(['[', '(', 'l', 't']));
            let mut found: Vec<String> = lines.map(str::to_owned).collect();
            found.dedup();
            found.truncate(count);
            let verdict = format!("{} expression(s)", found.len());
            if found.is_empty() { Err("no line holds a list of arguments".to_owned()) } else { Ok((found, verdict)) }
        };
        let name = Stage::LargeInputs.name();
        let turns = prompts::large_inputs(specification, self.options.large_inputs);
        let asked = self.desk.ask_until(name, name, self.options.tries, &turns, read)?;
        let made = each(asked.unwrap_or_default(), |expression| {
            let argument = [Tagged::Str(expression.clone())];
            let Ok(job) = function_job(self.guest, EVALUATE, "evaluate", &argument, &[]) else { return Ok(None) };
            Ok(match self.desk.run(job, self.options.limits)? {
                Ran::Returned { reply, .. } => {
                    let reply = RawReply::from_json(&reply).ok();
                    reply.and_then(|reply| Some((expression, reply.items()?.to_owned())))
                }
                Ran::Stopped { .. } => None,
            })
        })?;
        let made: Vec<(String, String)> = made.into_iter().flatten().collect();
        self.desk.note_try(name, format!("{} large input(s) could be made", made.len()));
        Ok(made)
    }

    /// What each contender does on each input. A result counts when no other one is given by more contenders: nobody knows
    /// the right one, but the cheap and wrong are few.
    fn on_large(&mut self, tried: &[Tried], contenders: &[usize], inputs: &[&str]) -> Result<Vec<Large>, Halt> {
        let mut figures = vec![Large::default(); contenders.len()];
        let columns = each(inputs, |arguments| {
            each(contenders, |at| {
                let code = &tried[*at].candidate.code;
                let job = function_job_raw(self.guest, code, &self.task.entry_point, arguments, &[]);
                let Ok(job) = job else { return Ok(None) };
                Ok(match self.desk.run(job, self.options.limits)? {
                    Ran::Returned { reply, net_fuel } => {
                        GuestReply::from_json(&reply).ok().map(|reply| (reply.value, net_fuel))
                    }
                    Ran::Stopped { .. } => None,
                })
            })
        })?;
        for column in columns {
            let votes = |value: &Tagged| column.iter().flatten().filter(|(other, _)| agrees(value, other)).count();
            let most = column.iter().flatten().map(|(value, _)| votes(value)).max().unwrap_or_default();
            for (figures, cell) in figures.iter_mut().zip(&column) {
                if let Some((_, net_fuel)) = cell.as_ref().filter(|(value, _)| votes(value) == most) {
                    figures.finished += 1;
                    figures.net_fuel = figures.net_fuel.saturating_add(*net_fuel);
                }
            }
        }
        Ok(figures)
    }

    /// The model's choice, where it says one clearly.
    fn by_model(&mut self, specification: &str, tried: &[Tried], contenders: &[usize]) -> Result<Option<usize>, Halt> {
        let programs: Vec<&str> = contenders.iter().map(|at| tried[*at].candidate.code.as_str()).collect();
        let numbers: Vec<String> = (1..=contenders.len()).map(|number| number.to_string()).collect();
        let words: Vec<(&str, usize)> = numbers.iter().map(String::as_str).zip(contenders.iter().copied()).collect();
        let read = |text: &str| match verdict(text, &words) {
            Some(at) => Ok((at, format!("chose {}", tried[at].candidate.name))),
            None => Err(format!("it needs exactly one line `VERDICT: NUMBER` up to {}", words.len())),
        };
        let turns = prompts::choose(specification, &programs);
        self.desk.ask_until("choose", "choose", self.options.tries, &turns, read)
    }
}
