//! Second phase: inputs that cost.

use frugal_bench::suite::CaseVerdict;
use frugal_bench::suite::coffe::{ContractVerdict, Problem};
use frugal_report::{ContractReport, FuelUnits, InputVerdict, StressInput};

use super::work::{Walk, failed, known};
use super::{Task, prompts};
use crate::recipe::desk::{Halt, Ran, each};
use crate::recipe::reply::data_lines;

/// Longest expression, in bytes: data are to be described, not written out.
const EXPRESSION_MAX_BYTES: usize = 2_000;

/// What an expression makes: a tagged JSON array, or why there is none.
type Made = Result<String, String>;

impl Walk<'_> {
    /// Inputs in the order written, kept ones and others.
    pub(super) fn inputs(&mut self, problem: &Problem, contracts: &[ContractReport]) -> Result<Vec<StressInput>, Halt> {
        let contracts: Vec<String> =
            contracts.iter().filter(|contract| contract.is_kept).map(|contract| contract.text.clone()).collect();
        let mut arguments = known(problem);
        let mut written: Vec<StressInput> = Vec::new();
        for question in 1..=self.options.input_tries() {
            let kept: Vec<String> = kept(&written).map(|(_, input)| input.expression.clone()).collect();
            let left = (self.options.input_tries() as usize).saturating_sub(written.len());
            if kept.len() >= self.options.inputs as usize || left == 0 || self.desk.is_short_of_budget() {
                break;
            }
            let shown = self.examples(problem, &kept, question);
            let name = format!("inputs {question}");
            let count = self.options.inputs_per_question;
            let turns = prompts::inputs(problem, &contracts, &shown, count);
            let Some((answer, _)) = self.desk.ask("inputs", &name, turns)? else { continue };
            let lines = data_lines(&answer).into_iter().map(|line| line.trim_end_matches(',').to_owned());
            let expressions: Vec<String> = lines.take(left.min(count as usize)).collect();
            let judged = self.judged(problem, &contracts, &mut arguments, expressions)?;
            let new = judged.iter().filter(|input| input.verdict == InputVerdict::Kept).count();
            self.desk.note(&name, format!("{new} kept of {} input(s)", judged.len()));
            written.extend(judged);
        }
        let mut costliest: Vec<usize> = kept(&written).map(|(at, _)| at).collect();
        costliest.truncate(self.options.inputs as usize);
        costliest.sort_by_key(|at| std::cmp::Reverse(written[*at].net_fuel.map(|fuel| fuel.0)));
        for at in costliest.into_iter().take(self.options.published as usize) {
            written[at].is_published = true;
        }
        Ok(written)
    }

    /// What becomes of the expressions of one answer; `arguments` are those that are there already.
    fn judged(
        &mut self,
        problem: &Problem,
        contracts: &[String],
        arguments: &mut Vec<String>,
        expressions: Vec<String>,
    ) -> Result<Vec<StressInput>, Halt> {
        let made = each(&expressions, |expression| self.made(problem, expression))?;
        let mut is_known = Vec::new();
        for one in &made {
            let before = one.as_ref().is_ok_and(|one| arguments.contains(one));
            if let (false, Ok(one)) = (before, one) {
                arguments.push(one.clone());
            }
            is_known.push(before);
        }
        each(expressions.into_iter().zip(made).zip(is_known), |((expression, made), is_known)| {
            let input = |verdict, reason, net_fuel| StressInput {
                expression: expression.clone(),
                verdict,
                reason,
                net_fuel,
                is_published: false,
            };
            let arguments = match made {
                Err(reason) => return Ok(input(InputVerdict::Unusable, Some(reason), None)),
                Ok(_) if is_known => return Ok(input(InputVerdict::Known, None, None)),
                Ok(arguments) => arguments,
            };
            if let Some(reason) = self.broken(problem, contracts, &arguments)? {
                return Ok(input(InputVerdict::BreaksContract, Some(reason), None));
            }
            let job = problem.reference_job(self.guest, &problem.best_solution, &arguments).map_err(failed)?;
            Ok(match self.desk.run(job, self.options.limits)? {
                Ran::Returned { net_fuel, .. } => input(InputVerdict::Kept, None, Some(FuelUnits(net_fuel))),
                Ran::Stopped { message, .. } => input(InputVerdict::ReferenceFailed, Some(message), None),
            })
        })
    }

    fn made(&mut self, problem: &Problem, expression: &str) -> Result<Made, Halt> {
        if expression.len() > EXPRESSION_MAX_BYTES {
            return Ok(Err(format!("it has more than {EXPRESSION_MAX_BYTES} bytes; describe data by an expression")));
        }
        let job = problem.expression_job(self.guest, expression).map_err(failed)?;
        Ok(match self.desk.run(job, self.options.limits)? {
            Ran::Returned { reply, .. } => problem.stressful_arguments(&reply).map_err(|error| error.to_string()),
            Ran::Stopped { message, .. } => Err(message),
        })
    }

    /// The contract that arguments break.
    fn broken(&mut self, problem: &Problem, contracts: &[String], arguments: &str) -> Result<Option<String>, Halt> {
        if let Task::Frugal(own) = self.task {
            let job = own.contract_job(self.guest, [arguments]).map_err(failed)?;
            let verdict = match self.desk.run(job, self.options.limits)? {
                Ran::Returned { reply, .. } => own.verdicts(&reply, 1).map_err(failed)?.pop(),
                Ran::Stopped { message, .. } => Some(CaseVerdict::Raised(message)),
            };
            match verdict {
                Some(CaseVerdict::Right) => {}
                Some(CaseVerdict::Raised(how)) => return Ok(Some(format!("the problem's own contract: {how}"))),
                Some(CaseVerdict::Wrong) | None => return Ok(Some("the problem's own contract".to_owned())),
            }
        }
        if contracts.is_empty() {
            return Ok(None);
        }
        let job = problem.contract_job(self.guest, contracts, [arguments]).map_err(failed)?;
        let said = match self.desk.run(job, self.options.limits)? {
            Ran::Returned { reply, .. } => problem.contract_verdicts(&reply, 1).ok().and_then(|mut said| said.pop()),
            Ran::Stopped { message, .. } => return Ok(Some(message)),
        };
        Ok(match said {
            Some(ContractVerdict::Holds) => None,
            Some(ContractVerdict::Broken { contract, failure }) => {
                let text = contracts.get(contract).map_or("a contract", String::as_str);
                Some(format!("{failure} of `{text}`"))
            }
            None => Some("a contract meddles with its own check".to_owned()),
        })
    }
}

fn kept(written: &[StressInput]) -> impl Iterator<Item = (usize, &StressInput)> {
    written.iter().enumerate().filter(|(_, input)| input.verdict == InputVerdict::Kept)
}
