//! COFFE: correctness tests first, then the cost of the stressful ones, against the best ground truth.
//!
//! The original raises Python's recursion limit to a million. Here the guest's own 1,000 stands, because a deeper
//! recursion ends on the WebAssembly stack, whose depth no source can know, and not by an exception whose cost is
//! exact: a sample that recurses deeper fails with `RecursionError` on every machine alike, and is counted as such.
//! What a stressful call returns is looked at by nobody, so one whose result is too long to hand back is measured too.

use frugal_bench::suite::coffe;
use frugal_report::Verdict;

use super::work::whole;
use super::{Called, Measured, Prepared, Problem, Run, Stop};

/// One problem of COFFE's function level.
#[derive(Debug, Clone, PartialEq)]
pub struct CoffeProblem(pub coffe::Problem);

impl Problem for CoffeProblem {
    fn task_id(&self) -> &str {
        &self.0.task_id
    }

    fn references(&self) -> Vec<(String, Option<f64>)> {
        vec![("best solution".to_owned(), None)]
    }

    /// A stressful test on which the ground truth itself fails is left out: nothing could be held against it.
    fn prepare(&self, run: &Run<'_>) -> Result<Prepared, Stop> {
        let problem = &self.0;
        let (mut prepared, mut fuel, mut left_out) = (Prepared::default(), Vec::new(), Vec::new());
        for test in 0..problem.stressful_tests.len() {
            let evaluated = run.trusted("its expression", problem.evaluate_job(run.guest, test));
            let input = match evaluated {
                Ok(reply) => problem.stressful_arguments(&reply).map_err(|error| Stop::Failed(error.to_string()))?,
                Err(Stop::Failed(why)) => {
                    left_out.push(format!("{test} ({why})"));
                    continue;
                }
                Err(Stop::Cancelled) => return Err(Stop::Cancelled),
            };
            match run.limited(problem.reference_job(run.guest, &problem.best_solution, &input))? {
                Called::Returned { net_fuel, .. } | Called::Unread { net_fuel, .. } => {
                    prepared.inputs.push(input);
                    fuel.push(net_fuel);
                }
                Called::Stopped { verdict: Verdict::InfrastructureFailure, message, .. } => {
                    return Err(Stop::Failed(message));
                }
                Called::Stopped { message, .. } => left_out.push(format!("{test} (the ground truth: {message})")),
            }
        }
        let left_out = (!left_out.is_empty()).then(|| format!("stressful tests left out: {}", left_out.join(", ")));
        if prepared.inputs.is_empty() {
            return Err(Stop::Failed(left_out.unwrap_or_default()));
        }
        Ok(Prepared { reference_fuel: vec![fuel], message: left_out, ..prepared })
    }

    fn measure(&self, prepared: &Prepared, source: &str, run: &Run<'_>) -> Result<Measured, Stop> {
        let problem = &self.0;
        for test in 0..problem.tests.len() {
            let place = format!("correctness test {test}");
            let reply = match run.limited(problem.correctness_job(run.guest, source, test))? {
                Called::Returned { reply, .. } => reply,
                Called::Unread { message, .. } => {
                    return Ok(Measured::stopped(Verdict::Error, message, "correctness", place));
                }
                Called::Stopped { verdict, message, .. } => {
                    return Ok(Measured::stopped(verdict, message, "correctness", place));
                }
            };
            let (verdict, message) = match problem.is_right(&reply, test) {
                Ok(true) => continue,
                Ok(false) => (Verdict::WrongOutput, "the output is wrong".to_owned()),
                Err(error) => (Verdict::Error, error.to_string()),
            };
            return Ok(Measured::stopped(verdict, message, "correctness", place));
        }
        let mut fuel = Vec::new();
        for (case, input) in prepared.inputs.iter().enumerate() {
            match run.limited(problem.stressful_job(run.guest, source, input))? {
                Called::Returned { net_fuel, .. } | Called::Unread { net_fuel, .. } => fuel.push(whole(net_fuel)),
                Called::Stopped { verdict, message, fuel: spent } => {
                    fuel.push(spent);
                    let stopped = Measured::stopped(verdict, message, "stressful", format!("stressful test {case}"));
                    return Ok(Measured { passed: verdict.is_scored(), fuel, ..stopped });
                }
            }
        }
        Ok(Measured::finished(fuel))
    }
}
