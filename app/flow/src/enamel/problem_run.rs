//! One problem on its way: inputs, references, samples.

use std::collections::VecDeque;

use frugal_bench::suite::enamel::{CaseVerdict, Problem, Seeding, call_source};
use frugal_fuel::{Guest, Job, Limits, Measurement, RunError};
use frugal_guests::RequestError;
use frugal_report::{CaseFuel, FuelUnits, Verdict};
use frugal_score::{Budget, ScoreError, cost_from_fuel};

use super::ending::{Ending, ending};
use super::sample_run::{Next, SampleEnd, SampleRun, SampleStep, end};
use super::{Fact, Options};

/// One thing to run for a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Make the inputs of a level.
    Generate { level: usize },
    /// Run the reference on one case.
    Reference { level: usize, case: usize, repeat: u32 },
    /// Go on with a sample.
    Sample { sample: usize, step: SampleStep },
}

/// A problem being evaluated. Holds inputs and expected answers, so few are open at once.
#[derive(Debug)]
pub(super) struct ProblemRun {
    reference_source: String,
    inputs: Vec<Vec<String>>,
    answers: Vec<Vec<Option<String>>>,
    fuel: Vec<Vec<Option<u64>>>,
    references_left: usize,
    limit_fuel: u64,
    samples: Vec<SampleRun>,
    samples_left: usize,
    ready: VecDeque<Step>,
}

/// What a problem needs to know of the study it is part of.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) problem: &'a Problem,
    pub(super) guest: &'a Guest,
    pub(super) options: &'a Options,
}

/// Why a problem cannot be evaluated, in one sentence.
pub(super) type Failure = String;

impl ProblemRun {
    /// Opens a problem; `samples` are the distinct texts to run, with their digests.
    pub(super) fn open(context: Context<'_>, samples: Vec<(String, &str)>) -> Result<Self, Failure> {
        let Context { problem, options, .. } = context;
        let levels = options.tests_per_level.len();
        if problem.level_sizes.len() < levels {
            let sizes = problem.level_sizes.len();
            return Err(format!("{levels} levels are asked for, but the problem has sizes for {sizes}"));
        }
        let repeats = |level: usize| if options.hardness[level] > 0.0 { options.repeats } else { 1 };
        let cases = |level: usize| options.tests_per_level[level] as usize;
        let samples: Vec<SampleRun> = samples
            .into_iter()
            .map(|(sha256, code)| SampleRun::new(sha256, call_source(&problem.prompt, code)))
            .collect();
        Ok(Self {
            reference_source: problem.reference_source(),
            inputs: vec![Vec::new(); levels],
            answers: (0..levels).map(|level| vec![None; cases(level)]).collect(),
            fuel: (0..levels).map(|level| vec![None; cases(level)]).collect(),
            references_left: (0..levels).map(|level| cases(level) * repeats(level) as usize).sum(),
            limit_fuel: 0,
            samples_left: samples.len(),
            samples,
            ready: (0..levels).map(|level| Step::Generate { level }).collect(),
        })
    }

    pub(super) fn is_done(&self) -> bool {
        self.references_left == 0 && self.samples_left == 0
    }

    /// Takes a step for which there can be no job.
    ///
    /// # Errors
    /// [`Failure`] when it was not a sample's: then the problem cannot be evaluated.
    pub(super) fn refuse(&mut self, step: Step, why: &RequestError, problem: &Problem) -> Result<Vec<Fact>, Failure> {
        let Step::Sample { sample, .. } = step else { return Err(why.to_string()) };
        // The first case stands for all: the same text is refused in each.
        self.samples[sample].fuel = vec![vec![CaseFuel { net_fuel: FuelUnits(0), is_lower_bound: true }]];
        Ok(self.follow(sample, Next::Done(end(Verdict::Error, why.to_string(), 0, 0)), problem))
    }

    /// The next step that may start now.
    pub(super) fn next_step(&mut self) -> Option<Step> {
        self.ready.pop_front()
    }

    /// Takes back a step whose run was cancelled.
    pub(super) fn put_back(&mut self, step: Step) {
        self.ready.push_front(step);
    }

    /// The job of a step.
    ///
    /// # Errors
    /// [`RequestError`] when there can be no such job, such as for a source that is too long.
    pub(super) fn job(&self, step: Step, context: Context<'_>) -> Result<(Job, Limits), RequestError> {
        let Context { problem, guest, options } = context;
        let (job, limits) = match step {
            Step::Generate { level } => {
                let seeding = Seeding { seed: options.seed, tests_per_level: &options.tests_per_level };
                (problem.generate_job(guest, level, seeding), options.trusted_limits())
            }
            Step::Reference { level, case, .. } => {
                (problem.call_job(guest, &self.reference_source, &self.inputs[level][case]), options.limits)
            }
            Step::Sample { sample, step: SampleStep::Call { level, case, .. } } => {
                let job = problem.call_job(guest, &self.samples[sample].source, &self.inputs[level][case]);
                (job, Limits { fuel: self.limit_fuel + options.tolerance_fuel, ..options.limits })
            }
            Step::Sample { sample, step: SampleStep::Check { level } } => {
                let outputs = self.samples[sample].outputs();
                let cases = outputs.iter().enumerate().map(|(case, output)| {
                    let answer = self.answers[level][case].as_deref().unwrap_or("null"); // all are there before a sample starts
                    (self.inputs[level][case].as_str(), answer, output.as_str())
                });
                (problem.check_job(guest, cases), options.trusted_limits())
            }
        };
        Ok((Job::Guest(job?), limits))
    }

    /// Takes the result of a step.
    ///
    /// # Errors
    /// [`Failure`] when the problem cannot be evaluated.
    pub(super) fn take(
        &mut self,
        step: Step,
        result: Result<Measurement, RunError>,
        context: Context<'_>,
    ) -> Result<Vec<Fact>, Failure> {
        match step {
            Step::Generate { level } => {
                let reply = trusted("generating inputs", result)?;
                let cases = context.options.tests_per_level[level];
                self.inputs[level] = context.problem.inputs(&reply, cases).map_err(|error| error.to_string())?;
                let first = (0..cases as usize).map(|case| Step::Reference { level, case, repeat: 0 });
                self.ready.extend(first);
                Ok(Vec::new())
            }
            Step::Reference { level, case, repeat } => self.referenced((level, case, repeat), result, context),
            Step::Sample { sample, step } => {
                let mut next = self.sampled(sample, step, result, context);
                while let Next::Step(SampleStep::Check { level }) = next
                    && self.is_level_evidently_right(sample, level, context.problem)
                {
                    let said = vec![CaseVerdict::Right; self.samples[sample].outputs().len()];
                    next = self.samples[sample].checked(level, Ok(said), context.options);
                }
                Ok(self.follow(sample, next, context.problem))
            }
        }
    }

    fn referenced(
        &mut self,
        (level, case, repeat): (usize, usize, u32),
        result: Result<Measurement, RunError>,
        context: Context<'_>,
    ) -> Result<Vec<Fact>, Failure> {
        let Context { problem, options, .. } = context;
        let net = result.as_ref().map(|measurement| measurement.fuel.net()).unwrap_or_default();
        let reply = trusted("running the reference", result)?;
        match self.fuel[level][case] {
            Some(first) if first != net => {
                return Err(format!("fuel of the reference differs between repeats: {first} and {net}"));
            }
            _ => self.fuel[level][case] = Some(net),
        }
        if repeat == 0 {
            self.answers[level][case] = Some(problem.output(&reply).map_err(|error| error.to_string())?);
        }
        if options.hardness[level] > 0.0 && repeat + 1 < options.repeats {
            self.ready.push_front(Step::Reference { level, case, repeat: repeat + 1 });
        }
        self.references_left -= 1;
        if self.references_left > 0 {
            return Ok(Vec::new());
        }
        let fuel = self.reference_fuel();
        let limit = budget(&fuel, &options.hardness, options.alpha).map_err(|error| error.to_string())?;
        self.limit_fuel = limit.limit_fuel();
        if self.limit_fuel.saturating_add(options.tolerance_fuel) > Limits::FUEL_MAX {
            return Err(format!("the limit of {} units is above what a runner can hold; lower alpha", self.limit_fuel));
        }
        let first = (0..self.samples.len()).map(|sample| Step::Sample { sample, step: SampleRun::first_step() });
        self.ready.extend(first);
        Ok(vec![Fact::Reference { task_id: problem.task_id.clone(), fuel }])
    }

    fn sampled(
        &mut self,
        sample: usize,
        step: SampleStep,
        result: Result<Measurement, RunError>,
        context: Context<'_>,
    ) -> Next {
        let Context { problem, options, .. } = context;
        let run = &mut self.samples[sample];
        match (step, result) {
            (SampleStep::Call { level, case, .. }, Err(error)) => {
                Next::Done(end(Verdict::InfrastructureFailure, error.to_string(), level, case))
            }
            (SampleStep::Check { level }, Err(error)) => {
                Next::Done(end(Verdict::InfrastructureFailure, error.to_string(), level, 0))
            }
            (SampleStep::Call { level, case, repeat }, Ok(measurement)) => {
                let read = |reply: &[u8]| problem.output(reply).map_err(|error| error.to_string());
                run.called((level, case, repeat), measurement, options, read)
            }
            (SampleStep::Check { level }, Ok(measurement)) => {
                let cases = run.outputs().len();
                let said = match ending(measurement) {
                    Ending::Returned(reply) => problem.verdicts(&reply, cases).map_err(|error| error.to_string()),
                    Ending::Stopped { verdict: Verdict::InfrastructureFailure, message } => {
                        return Next::Done(end(Verdict::InfrastructureFailure, message, level, 0));
                    }
                    Ending::Stopped { message, .. } => Err(format!("the output could not be checked: {message}")),
                };
                run.checked(level, said, options)
            }
        }
    }

    fn is_level_evidently_right(&self, sample: usize, level: usize, problem: &Problem) -> bool {
        let answers = self.answers[level].iter().map(Option::as_deref);
        let mut pairs = self.samples[sample].outputs().iter().zip(answers);
        pairs.all(|(output, answer)| answer.is_some_and(|answer| problem.is_evidently_right(answer, output)))
    }

    fn follow(&mut self, sample: usize, next: Next, problem: &Problem) -> Vec<Fact> {
        let SampleEnd { verdict, message, place } = match next {
            Next::Step(step) => {
                // First in the queue: a sample under way is finished before another begins.
                self.ready.push_front(Step::Sample { sample, step });
                return Vec::new();
            }
            Next::Done(end) => end,
        };
        self.samples_left -= 1;
        let run = &mut self.samples[sample];
        vec![Fact::Sample {
            task_id: problem.task_id.clone(),
            source_sha256: run.source_sha256.clone(),
            verdict,
            fuel: std::mem::take(&mut run.fuel),
            message,
            place,
        }]
    }

    fn reference_fuel(&self) -> Vec<Vec<FuelUnits>> {
        let units = |case: &Option<u64>| FuelUnits(case.unwrap_or_default()); // complete when this is called
        self.fuel.iter().map(|level| level.iter().map(units).collect()).collect()
    }
}

/// The reference's fuel as the limit it sets.
pub(super) fn budget(fuel: &[Vec<FuelUnits>], hardness: &[f64], alpha: f64) -> Result<Budget, ScoreError> {
    let level = |cases: &Vec<FuelUnits>| cases.iter().map(|case| cost_from_fuel(case.0)).collect::<Result<Vec<_>, _>>();
    Budget::new(&fuel.iter().map(level).collect::<Result<Vec<_>, _>>()?, hardness, alpha)
}

/// The reply of trusted code, which has no excuse.
fn trusted(what: &str, result: Result<Measurement, RunError>) -> Result<Vec<u8>, Failure> {
    match ending(result.map_err(|error| format!("{what}: {error}"))?) {
        Ending::Returned(reply) => Ok(reply),
        Ending::Stopped { message, .. } => Err(format!("{what}: {message}")),
    }
}
