//! A program on hidden inputs, by ENAMEL's score.

use frugal_bench::suite::CaseVerdict;
use frugal_bench::suite::frugal::Problem;
use frugal_fuel::Limits;
use frugal_report::{FuelUnits, MeasuredReport, Verdict};
use frugal_score::{Budget, CaseResult, cost_from_fuel};

use super::work::Walk;
use crate::recipe::desk::{Halt, Ran, each};

/// Hidden inputs of one level with the reference's answers and fuel.
struct Level {
    inputs: Vec<String>,
    answers: Vec<String>,
    fuel: Vec<u64>,
}

/// Weights of levels: the first judges correctness alone, the last counts most; of four they are ENAMEL's.
pub(super) fn hardness(levels: usize) -> Vec<f64> {
    (1..=levels)
        .map(|level| match level {
            _ if level == levels => 4.0,
            1 => 0.0,
            _ => 3.0,
        })
        .collect()
}

fn failed(error: impl std::fmt::Display) -> Halt {
    Halt::Failed(error.to_string())
}

impl Walk<'_> {
    /// How the program does on hidden inputs. Without any, it is only shown.
    pub(super) fn measured(&mut self, code: &str) -> Result<MeasuredReport, Halt> {
        let mut report = MeasuredReport {
            code: code.to_owned(),
            verdict: None,
            passed: false,
            efficiency: 0.0,
            net_fuel: FuelUnits(0),
            reference_fuel: FuelUnits(0),
            message: None,
        };
        let task = self.task;
        let Some(problem) = &task.hidden else { return Ok(report) };
        let levels = self.levels(problem)?;
        let hardness = hardness(levels.len());
        let mut reference = Vec::new();
        for level in &levels {
            let costs = level.fuel.iter().map(|fuel| cost_from_fuel(*fuel));
            reference.push(costs.collect::<Result<Vec<f64>, _>>().map_err(failed)?);
        }
        let budget = Budget::new(&reference, &hardness, self.options.alpha).map_err(failed)?;
        let weighted = |level: usize| hardness[level] > 0.0;
        let (mut results, mut verdict) = (Vec::new(), Verdict::Passed);
        let (mut net_fuel, mut reference_fuel) = (0_u64, 0_u64);
        // One level after the other: what fails early is not run on.
        for (at, level) in levels.iter().enumerate() {
            let (cells, ended) = self.level_results(problem, code, level)?;
            for (cell, reference) in cells.iter().zip(&level.fuel).filter(|_| weighted(at)) {
                if let Some(fuel) = cell {
                    net_fuel = net_fuel.saturating_add(*fuel);
                    reference_fuel = reference_fuel.saturating_add(*reference);
                }
            }
            let mut row = Vec::new();
            for fuel in cells.iter().flatten() {
                row.push(CaseResult::Correct { cost: cost_from_fuel(*fuel).map_err(failed)? });
            }
            if let Some((how, message)) = ended {
                let is_censored = matches!(how, Verdict::OutOfFuel | Verdict::OutOfMemory | Verdict::Overflow);
                row.push(if is_censored { CaseResult::Censored } else { CaseResult::Failed });
                (verdict, report.message) = (how, Some(format!("level {at}: {message}")));
            }
            results.push(row);
            if verdict != Verdict::Passed {
                break;
            }
        }
        let cases: Vec<usize> = levels.iter().map(|level| level.inputs.len()).collect();
        let score = budget.score(&results, &cases).map_err(failed)?;
        report.verdict = Some(verdict);
        (report.passed, report.efficiency) = (score.passed, score.efficiency);
        (report.net_fuel, report.reference_fuel) = (FuelUnits(net_fuel), FuelUnits(reference_fuel));
        Ok(report)
    }

    /// Fuel of each right case up to the first that is not, and how that one ended.
    #[allow(clippy::type_complexity)]
    fn level_results(
        &mut self,
        problem: &Problem,
        code: &str,
        level: &Level,
    ) -> Result<(Vec<Option<u64>>, Option<(Verdict, String)>), Halt> {
        let limits = self.options.limits;
        let ran = each(&level.inputs, |input| match problem.call_job(self.guest, code, input) {
            Ok(job) => self.desk.run(job, limits),
            Err(error) => Ok(Ran::Stopped { verdict: Verdict::Error, message: error.to_string() }),
        })?;
        let (mut outputs, mut fuel, mut ended) = (Vec::new(), Vec::new(), None);
        for ran in ran {
            match ran {
                Ran::Returned { reply, net_fuel } => match problem.output(&reply) {
                    Ok(output) => {
                        outputs.push(output);
                        fuel.push(Some(net_fuel));
                    }
                    Err(error) => ended = Some((Verdict::Error, error.to_string())),
                },
                Ran::Stopped { verdict, message } => ended = Some((verdict, message)),
            }
            if ended.is_some() {
                break;
            }
        }
        if outputs.is_empty() {
            return Ok((fuel, ended));
        }
        let cases = level.inputs.iter().zip(&level.answers).zip(&outputs);
        let triples = cases.map(|((input, answer), output)| (input.as_str(), answer.as_str(), output.as_str()));
        let job = problem.check_job(self.guest, triples).map_err(failed)?;
        let said = match self.desk.run(job, self.trusted_limits())? {
            Ran::Returned { reply, .. } => problem.verdicts(&reply, outputs.len()).map_err(failed)?,
            Ran::Stopped { message, .. } => {
                return Ok((Vec::new(), Some((Verdict::Error, format!("the output could not be checked: {message}")))));
            }
        };
        if let Some(wrong) = said.iter().position(|verdict| *verdict != CaseVerdict::Right) {
            fuel.truncate(wrong);
            let message = match &said[wrong] {
                CaseVerdict::Raised(kind) => format!("case {wrong}: the checker raised {kind} over it"),
                _ => format!("case {wrong}: a wrong output"),
            };
            ended = Some((Verdict::WrongOutput, message));
        }
        Ok((fuel, ended))
    }

    fn trusted_limits(&self) -> Limits {
        Limits { wall_ms: self.options.limits.wall_ms, ..Limits::default() }
    }

    fn levels(&mut self, problem: &Problem) -> Result<Vec<Level>, Halt> {
        let cases = self.options.tests_per_level;
        let sizes = problem.description.level_sizes.iter().zip(0_u32..);
        each(sizes, |(size, level)| {
            let first = level.wrapping_mul(cases);
            let seeds: Vec<u32> = (0..cases).map(|case| self.options.seed ^ first.wrapping_add(case)).collect();
            let job = problem.generate_job(self.guest, *size, &seeds).map_err(failed)?;
            let (reply, _) = self.desk.run_trusted("the input generator", job, self.trusted_limits())?;
            let inputs = problem.inputs(&reply, seeds.len()).map_err(failed)?;
            let answers = each(&inputs, |input| {
                let job = problem.call_job(self.guest, problem.reference_source(), input).map_err(failed)?;
                let (reply, net_fuel) = self.desk.run_trusted("the reference", job, self.trusted_limits())?;
                Ok((problem.output(&reply).map_err(failed)?, net_fuel))
            })?;
            let (answers, fuel) = answers.into_iter().unzip();
            Ok(Level { inputs, answers, fuel })
        })
    }
}
