//! What a problem does with a runner.

use frugal_fuel::{Guest, GuestJob, Job, Limits, Measurement, Outcome, Phase, RunError};
use frugal_guests::RequestError;
use frugal_report::{CaseFuel, FuelUnits, Verdict};

use super::Options;
use crate::enamel::{Ending, ending};

/// One task of a suite: it knows its references and how samples are judged.
pub trait Problem: Send {
    /// Such as `HumanEval/0`.
    fn task_id(&self) -> &str;

    /// Names of the references, slow to fast, with their cumulative scores in [0, 100] where the suite has such.
    fn references(&self) -> Vec<(String, Option<f64>)>;

    /// Makes the inputs and measures the references on them.
    ///
    /// # Errors
    /// [`Stop::Failed`] when the problem cannot be evaluated.
    fn prepare(&self, run: &Run<'_>) -> Result<Prepared, Stop>;

    /// Judges and measures one sample.
    ///
    /// # Errors
    /// [`Stop::Cancelled`] only: whatever a sample does is a verdict.
    fn measure(&self, prepared: &Prepared, source: &str, run: &Run<'_>) -> Result<Measured, Stop>;
}

/// Why work on a problem ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// By the user: nothing is known.
    Cancelled,
    /// The problem cannot be evaluated, for a reason in one sentence.
    Failed(String),
}

/// What is the same for every sample of a problem.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prepared {
    /// The measured cases' arguments, in the form that the problem's jobs take.
    pub inputs: Vec<String>,
    /// What the fastest reference returned on each, where outputs are compared.
    pub answers: Vec<String>,
    /// Net fuel, `[reference][case]`, in units.
    pub reference_fuel: Vec<Vec<u64>>,
    /// What was left out, in one sentence.
    pub message: Option<String>,
}

/// What a sample came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// How its runs ended.
    pub verdict: Verdict,
    /// Whether it counts as correct.
    pub passed: bool,
    /// Net fuel of each measured case run, in units.
    pub fuel: Vec<CaseFuel>,
    /// What went wrong, in one sentence. Hostile text.
    pub message: Option<String>,
    /// Where it went wrong.
    pub place: Option<String>,
    /// What kind of failure it was.
    pub failure: Option<String>,
}

impl Measured {
    /// A sample that finished every case.
    pub fn finished(fuel: Vec<CaseFuel>) -> Self {
        Self { verdict: Verdict::Passed, passed: true, fuel, message: None, place: None, failure: None }
    }

    /// A sample that did not, in a stage such as `correctness`, at a place such as `correctness test 3`.
    pub fn stopped(verdict: Verdict, message: String, stage: &str, place: String) -> Self {
        let failure = format!("{stage}: {}", kind(verdict, &message));
        let (message, place, failure) = (Some(message), Some(place), Some(failure));
        Self { verdict, passed: false, fuel: Vec::new(), message, place, failure }
    }

    /// A sample that holds no program.
    pub fn no_program(why: &str) -> Self {
        let (message, failure) = (Some(why.to_owned()), Some(format!("extraction: {why}")));
        Self { verdict: Verdict::Error, passed: false, fuel: Vec::new(), message, place: None, failure }
    }
}

/// The exception's name where a message begins with one, else the verdict's.
fn kind(verdict: Verdict, message: &str) -> String {
    const NAME_MAX: usize = 40;
    let name = message.split(':').next().unwrap_or_default();
    let is_name = !name.is_empty() && name.len() <= NAME_MAX && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if verdict == Verdict::Error && is_name { name.to_owned() } else { verdict.name().to_owned() }
}

/// How one call ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Called {
    /// It returned.
    Returned {
        /// Net fuel of the call, in units.
        net_fuel: u64,
        /// What holds its value.
        reply: Vec<u8>,
    },
    /// It returned, but what it returned could not be handed back, such as a number of millions of digits.
    Unread {
        /// Net fuel of the call, in units.
        net_fuel: u64,
        /// Why, in one sentence.
        message: String,
    },
    /// It did not.
    Stopped {
        /// How it counts.
        verdict: Verdict,
        /// Why, in one sentence. Hostile text.
        message: String,
        /// What it had spent.
        fuel: CaseFuel,
    },
}

/// A runner as problems see it: a guest, limits, and a way to run one job.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The guest that samples run in.
    pub guest: &'a Guest,
    /// The guest that generators and checkers run in: Python's.
    pub trusted_guest: &'a Guest,
    /// Limits and seeds.
    pub options: &'a Options,
    /// Runs one job.
    pub call: &'a (dyn Fn(&Job, &Limits) -> Result<Measurement, RunError> + Sync),
}

impl Run<'_> {
    /// Runs trusted code; what it returned.
    ///
    /// # Errors
    /// [`Stop`]: trusted code has no excuse.
    pub fn trusted(&self, what: &str, job: Result<GuestJob, RequestError>) -> Result<Vec<u8>, Stop> {
        match self.judging(job)? {
            Called::Returned { reply, .. } => Ok(reply),
            Called::Unread { message, .. } | Called::Stopped { message, .. } => {
                Err(Stop::Failed(format!("{what}: {message}")))
            }
        }
    }

    /// Runs trusted code on what a sample returned, which can make it fail.
    ///
    /// # Errors
    /// [`Stop::Cancelled`].
    pub fn judging(&self, job: Result<GuestJob, RequestError>) -> Result<Called, Stop> {
        self.go(job, &self.options.trusted_limits())
    }

    /// Runs a reference or a sample within the limits of one run.
    ///
    /// # Errors
    /// [`Stop::Cancelled`].
    pub fn limited(&self, job: Result<GuestJob, RequestError>) -> Result<Called, Stop> {
        self.go(job, &self.options.limits)
    }

    fn go(&self, job: Result<GuestJob, RequestError>, limits: &Limits) -> Result<Called, Stop> {
        let nothing = CaseFuel { net_fuel: FuelUnits(0), is_lower_bound: true };
        let stopped = |verdict, message: String| Ok(Called::Stopped { verdict, message, fuel: nothing });
        let job = match job {
            Ok(job) => Job::Guest(job),
            Err(refused) => return stopped(Verdict::Error, refused.to_string()),
        };
        let measurement = match (self.call)(&job, limits) {
            Ok(measurement) => measurement,
            Err(RunError::Cancelled) => return Err(Stop::Cancelled),
            Err(error) => return stopped(Verdict::InfrastructureFailure, error.to_string()),
        };
        let net_fuel = measurement.fuel.net();
        let is_over = matches!(measurement.outcome, Outcome::OutOfFuel { phase: Phase::Result });
        let is_lower_bound = !matches!(measurement.outcome, Outcome::Finished | Outcome::GuestError { .. });
        Ok(match ending(measurement) {
            Ending::Returned(reply) => Called::Returned { net_fuel, reply },
            Ending::Stopped { message, .. } if is_over => Called::Unread { net_fuel, message },
            Ending::Stopped { verdict, message } => {
                Called::Stopped { verdict, message, fuel: CaseFuel { net_fuel: FuelUnits(net_fuel), is_lower_bound } }
            }
        })
    }
}

/// A finished case.
pub(super) fn whole(net_fuel: u64) -> CaseFuel {
    CaseFuel { net_fuel: FuelUnits(net_fuel), is_lower_bound: false }
}
