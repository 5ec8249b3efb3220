//! COFFE: correctness tests first, then the cost of the stressful ones, against the best ground truth.
//!
//! The original raises Python's recursion limit to a million. Here the guest's own 1,000 stands, because a deeper
//! recursion ends on the WebAssembly stack, whose depth no source can know, and not by an exception whose cost is
//! exact: a sample that recurses deeper fails with `RecursionError` on every machine alike, and is counted as such.
//! What a stressful run returns or prints is looked at by nobody, so one whose result is too long to hand back is measured
//! too.

use frugal_bench::BenchError;
use frugal_bench::suite::coffe;
use frugal_fuel::{Guest, GuestJob};
use frugal_guests::RequestError;
use frugal_report::Verdict;

use super::work::whole;
use super::{Called, Measured, Prepared, Problem, Run, Stop};

type Made = Result<GuestJob, RequestError>;

/// What the two levels of COFFE differ in.
pub trait CoffeLevel: Send {
    /// What makes the input of a stressful test, for messages.
    const MAKER: &str;
    /// Such as `HumanEval/0`.
    fn task_id(&self) -> &str;
    /// How many correctness tests and how many stressful tests there are.
    fn counts(&self) -> (usize, usize);
    /// Makes the input of a stressful test in a trusted instance.
    ///
    /// # Errors
    /// As those of the jobs of [`coffe::Problem`].
    fn input_job(&self, guest: &Guest, test: usize) -> Made;
    /// Reads that input.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when it is none.
    fn input(&self, reply: &[u8]) -> Result<String, BenchError>;
    /// Runs the ground truth on an input.
    ///
    /// # Errors
    /// As [`CoffeLevel::input_job`].
    fn reference_job(&self, guest: &Guest, input: &str) -> Made;
    /// Runs a sample on an input.
    ///
    /// # Errors
    /// As [`CoffeLevel::input_job`].
    fn stressful_job(&self, guest: &Guest, source: &str, input: &str) -> Made;
    /// Runs a sample on a correctness test.
    ///
    /// # Errors
    /// As [`CoffeLevel::input_job`].
    fn correctness_job(&self, guest: &Guest, source: &str, test: usize) -> Made;
    /// Whether what came of that is right.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when it cannot be read.
    fn is_right(&self, reply: &[u8], test: usize) -> Result<bool, BenchError>;
}

impl CoffeLevel for coffe::Problem {
    const MAKER: &str = "its expression";

    fn task_id(&self) -> &str {
        &self.task_id
    }

    fn counts(&self) -> (usize, usize) {
        (self.tests.len(), self.stressful_tests.len())
    }

    fn input_job(&self, guest: &Guest, test: usize) -> Made {
        self.evaluate_job(guest, test)
    }

    fn input(&self, reply: &[u8]) -> Result<String, BenchError> {
        self.stressful_arguments(reply)
    }

    fn reference_job(&self, guest: &Guest, input: &str) -> Made {
        Self::reference_job(self, guest, &self.best_solution, input)
    }

    fn stressful_job(&self, guest: &Guest, source: &str, input: &str) -> Made {
        Self::stressful_job(self, guest, source, input)
    }

    fn correctness_job(&self, guest: &Guest, source: &str, test: usize) -> Made {
        Self::correctness_job(self, guest, source, test)
    }

    fn is_right(&self, reply: &[u8], test: usize) -> Result<bool, BenchError> {
        Self::is_right(self, reply, test)
    }
}

impl CoffeLevel for coffe::ProgramProblem {
    const MAKER: &str = "its generator";

    fn task_id(&self) -> &str {
        &self.task_id
    }

    fn counts(&self) -> (usize, usize) {
        (self.tests.len(), self.generators.len())
    }

    fn input_job(&self, guest: &Guest, test: usize) -> Made {
        self.generate_job(guest, test)
    }

    fn input(&self, reply: &[u8]) -> Result<String, BenchError> {
        self.generated(reply)
    }

    fn reference_job(&self, guest: &Guest, input: &str) -> Made {
        self.program_job(guest, &self.best_solution, input)
    }

    fn stressful_job(&self, guest: &Guest, source: &str, input: &str) -> Made {
        self.program_job(guest, source, input)
    }

    fn correctness_job(&self, guest: &Guest, source: &str, test: usize) -> Made {
        self.program_job(guest, source, self.tests.get(test).map_or("", |test| &test.input))
    }

    fn is_right(&self, reply: &[u8], test: usize) -> Result<bool, BenchError> {
        Self::is_right(self, reply, test)
    }
}

/// One problem of COFFE, a [`coffe::Problem`] or a [`coffe::ProgramProblem`].
#[derive(Debug, Clone, PartialEq)]
pub struct CoffeProblem<P>(pub P);

impl<P: CoffeLevel> Problem for CoffeProblem<P> {
    fn task_id(&self) -> &str {
        self.0.task_id()
    }

    fn references(&self) -> Vec<(String, Option<f64>)> {
        vec![("best solution".to_owned(), None)]
    }

    /// A stressful test on which the ground truth itself fails is left out: nothing could be held against it.
    fn prepare(&self, run: &Run<'_>) -> Result<Prepared, Stop> {
        let problem = &self.0;
        let (mut prepared, mut fuel, mut left_out) = (Prepared::default(), Vec::new(), Vec::new());
        for test in 0..problem.counts().1 {
            let evaluated = run.trusted(P::MAKER, problem.input_job(run.guest, test));
            let input = match evaluated {
                Ok(reply) => problem.input(&reply).map_err(|error| Stop::Failed(error.to_string()))?,
                Err(Stop::Failed(why)) => {
                    left_out.push(format!("{test} ({why})"));
                    continue;
                }
                Err(Stop::Cancelled) => return Err(Stop::Cancelled),
            };
            match run.limited(problem.reference_job(run.guest, &input))? {
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
        for test in 0..problem.counts().0 {
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
