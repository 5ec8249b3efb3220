//! Our own problems: every level's inputs, all judged and all measured.

use frugal_bench::suite::CaseVerdict;
use frugal_bench::suite::frugal;
use frugal_fuel::Language;
use frugal_report::Verdict;

use super::work::whole;
use super::{Called, Measured, Prepared, Problem, Run, Stop};

/// Inputs of each level.
const CASES_PER_LEVEL: u32 = 2;
/// Inputs of the lowest level, whose edges decide correctness.
const CASES_OF_LOWEST_LEVEL: u32 = 6;

/// One of our own problems, solved in one language: the fuel of two is never compared.
#[derive(Debug, Clone, PartialEq)]
pub struct FrugalProblem {
    /// What is asked.
    pub problem: frugal::Problem,
    /// Of samples and references alike.
    pub language: Language,
}

impl FrugalProblem {
    fn inputs(&self, run: &Run<'_>) -> Result<Vec<String>, Stop> {
        let mut inputs = Vec::new();
        for (level, size) in self.problem.description.level_sizes.iter().enumerate() {
            let cases = if level == 0 { CASES_OF_LOWEST_LEVEL } else { CASES_PER_LEVEL };
            let seeds: Vec<u32> = (0..cases).map(|case| run.options.seed.wrapping_add(case)).collect();
            let job = self.problem.generate_job(run.trusted_guest, *size, &seeds);
            let reply = run.trusted("generating inputs", job)?;
            let level = self.problem.inputs(&reply, seeds.len()).map_err(|error| Stop::Failed(error.to_string()))?;
            inputs.extend(level);
        }
        Ok(inputs)
    }

    /// What is wrong with a solution's outputs, by case.
    fn judge(&self, prepared: &Prepared, outputs: &[String], run: &Run<'_>) -> Result<Option<Fault>, Stop> {
        let cases = prepared.inputs.iter().zip(&prepared.answers).zip(outputs);
        let triples = cases.map(|((input, answer), output)| (input.as_str(), answer.as_str(), output.as_str()));
        let fault = |case, verdict, message: String| Ok(Some(Fault { case, verdict, message }));
        let reply = match run.judging(self.problem.check_job(run.trusted_guest, triples))? {
            Called::Returned { reply, .. } => reply,
            Called::Stopped { verdict: Verdict::InfrastructureFailure, message, .. } => {
                return fault(0, Verdict::InfrastructureFailure, message);
            }
            // Only an output can have made it fail: it holds on every answer.
            Called::Unread { message, .. } | Called::Stopped { message, .. } => {
                return fault(0, Verdict::Error, format!("the outputs could not be checked: {message}"));
            }
        };
        let said = self.problem.verdicts(&reply, outputs.len()).map_err(|error| Stop::Failed(error.to_string()))?;
        let Some(case) = said.iter().position(|verdict| *verdict != CaseVerdict::Right) else { return Ok(None) };
        let message = match &said[case] {
            CaseVerdict::Raised(kind) => format!("the checker raised {kind} over the output"),
            _ => "the output is wrong".to_owned(),
        };
        fault(case, Verdict::WrongOutput, message)
    }

    fn solve(&self, inputs: &[String], source: &str, run: &Run<'_>) -> Result<Solved, Stop> {
        let mut solved = Solved { fuel: Vec::new(), outputs: Vec::new(), stopped: None };
        for (case, input) in inputs.iter().enumerate() {
            let (verdict, message) = match run.limited(self.problem.call_job(run.guest, source, input))? {
                Called::Returned { net_fuel, reply } => {
                    solved.fuel.push(net_fuel);
                    match self.problem.output(&reply) {
                        Ok(output) => {
                            solved.outputs.push(output);
                            continue;
                        }
                        Err(error) => (Verdict::Error, error.to_string()),
                    }
                }
                Called::Unread { message, .. } => (Verdict::Error, message),
                Called::Stopped { verdict, message, .. } => (verdict, message),
            };
            solved.stopped = Some(Fault { case, verdict, message });
            break;
        }
        Ok(solved)
    }
}

struct Solved {
    fuel: Vec<u64>,
    outputs: Vec<String>,
    stopped: Option<Fault>,
}

/// Where and why a solution's outputs end or are wrong.
struct Fault {
    case: usize,
    verdict: Verdict,
    message: String,
}

impl Problem for FrugalProblem {
    fn task_id(&self) -> &str {
        &self.problem.id
    }

    fn references(&self) -> Vec<(String, Option<f64>)> {
        let solutions = self.problem.solutions(self.language);
        solutions.into_iter().map(|(solution, _)| (solution.name.clone(), None)).collect()
    }

    fn prepare(&self, run: &Run<'_>) -> Result<Prepared, Stop> {
        let mut prepared = Prepared { inputs: self.inputs(run)?, ..Prepared::default() };
        for input in &prepared.inputs {
            let job = self.problem.call_job(run.trusted_guest, self.problem.reference_source(), input);
            let reply = run.trusted("the reference", job)?;
            prepared.answers.push(self.problem.output(&reply).map_err(|error| Stop::Failed(error.to_string()))?);
        }
        for (solution, source) in self.problem.solutions(self.language) {
            let solved = self.solve(&prepared.inputs, source, run)?;
            let fault = match solved.stopped {
                Some(fault) => Some(fault),
                None => self.judge(&prepared, &solved.outputs, run)?,
            };
            if let Some(Fault { case, message, .. }) = fault {
                return Err(Stop::Failed(format!("solution {}, case {case}: {message}", solution.name)));
            }
            prepared.reference_fuel.push(solved.fuel);
        }
        Ok(prepared)
    }

    fn measure(&self, prepared: &Prepared, source: &str, run: &Run<'_>) -> Result<Measured, Stop> {
        let solved = self.solve(&prepared.inputs, source, run)?;
        let fuel = solved.fuel.iter().map(|fuel| whole(*fuel)).collect();
        // What was wrong before a stop counts first.
        let wrong = if solved.outputs.is_empty() { None } else { self.judge(prepared, &solved.outputs, run)? };
        Ok(match wrong.or(solved.stopped) {
            Some(Fault { case, verdict, message }) => {
                Measured { fuel, ..Measured::stopped(verdict, message, "call", format!("case {case}")) }
            }
            None => Measured::finished(fuel),
        })
    }
}
