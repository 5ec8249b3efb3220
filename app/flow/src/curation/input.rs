//! Inputs: scales are doubled until something says stop.

use frugal_bench::suite::evalperf::{Arguments, Pool, allows};
use frugal_fuel::{Guest, GuestJob, Job, Limits, Outcome, Output};
use frugal_guests::GuestFailure;
use frugal_report::GeneratorReport;

use super::{CurationError, CurationOptions, Run};

/// An input that the canonical solution masters.
pub(super) struct Candidate {
    pub(super) arguments: Arguments,
    /// Where it comes from, for people.
    pub(super) origin: String,
    /// Net fuel of the canonical solution.
    pub(super) canonical_fuel: u64,
}

/// What there is to choose from.
pub(super) struct Candidates {
    pub(super) candidates: Vec<Candidate>,
    pub(super) generators: Vec<GeneratorReport>,
    /// Known inputs that are none, each with the reason.
    pub(super) refused: Vec<String>,
}

/// What ended a step, by its name in reports.
struct End {
    name: &'static str,
    /// A limit ends the doubling; anything else says that the generator is ill-behaved.
    is_limit: bool,
    detail: String,
}

impl End {
    fn limit(name: &'static str) -> Self {
        Self { name, is_limit: true, detail: String::new() }
    }

    fn fault(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, is_limit: false, detail: detail.into() }
    }
}

/// How a solution ended.
pub(super) enum Cost {
    /// Net fuel.
    Fuel(u64),
    /// More than the limit of fuel or time.
    TooSlow,
    /// Another outcome, by its name.
    Failed(&'static str),
}

pub(super) struct Inputs<'a> {
    pub(super) pool: &'a Pool,
    pub(super) options: &'a CurationOptions,
    pub(super) guest: &'a Guest,
    pub(super) run: &'a Run<'a>,
}

impl Inputs<'_> {
    /// Candidates, costliest first for the canonical solution, and what became of each generator and each known input.
    pub(super) fn candidates(&self) -> Result<Candidates, CurationError> {
        let (mut candidates, mut reports, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (index, generator) in self.pool.generators.iter().enumerate() {
            let (found, report) = self.doubled(index, generator)?;
            let well_behaved = report.well_behaved;
            reports.push(report);
            if well_behaved {
                candidates = found;
                break;
            }
        }
        for (index, input) in self.pool.inputs.iter().enumerate() {
            let job = self.pool.evaluate_job(self.guest, input)?;
            match self.candidate(job, format!("input {index}"))? {
                Ok(candidate) => candidates.push(candidate),
                Err(end) => refused.push(format!("input {index} {} {}", end.name, end.detail).trim_end().to_owned()),
            }
        }
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.canonical_fuel));
        Ok(Candidates { candidates, generators: reports, refused })
    }

    fn doubled(&self, index: usize, generator: &str) -> Result<(Vec<Candidate>, GeneratorReport), CurationError> {
        let (mut found, mut scale_reached) = (Vec::new(), None);
        let mut ended = End::limit("largest_scale");
        for exponent in 1..=self.options.scale_exponent_max.min(31) {
            let scale = 1_u32 << exponent;
            let job = self.pool.generate_job(self.guest, generator, scale)?;
            match self.candidate(job, format!("generator {index} at scale {scale}"))? {
                Ok(candidate) => {
                    if !self.options.smaller_scales {
                        found.clear();
                    }
                    found.push(candidate);
                    scale_reached = Some(scale);
                }
                Err(end) => {
                    ended = end;
                    break;
                }
            }
        }
        let well_behaved = ended.is_limit && scale_reached.is_some();
        if !well_behaved {
            found.clear();
        }
        let report =
            GeneratorReport { scale: scale_reached, ended: ended.name.to_owned(), well_behaved, detail: ended.detail };
        Ok((found, report))
    }

    /// Makes an input by a trusted job, holds it against the contract, and runs the canonical solution on it.
    fn candidate(&self, job: GuestJob, origin: String) -> Result<Result<Candidate, End>, CurationError> {
        let limits = Limits { output_bytes: self.options.input_bytes_max, ..self.options.limits };
        let reply = match self.reply(job, &limits, "raised")? {
            Ok(reply) => reply,
            Err(end) => return Ok(Err(end)),
        };
        let arguments = match self.pool.arguments(&reply) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(Err(End::fault("no_tuple", error.to_string()))),
        };
        if arguments.tagged_json.len() as u64 > self.options.input_bytes_max {
            return Ok(Err(End::limit("input_too_large")));
        }
        if !arguments.integers_fit {
            return Ok(Err(End::limit("integer_too_large")));
        }
        if let Some(job) = self.pool.contract_job(self.guest, &arguments) {
            match self.reply(job?, &self.options.limits, "contract")? {
                Ok(reply) if allows(&reply) => {}
                Ok(_) => return Ok(Err(End::fault("contract", "the contract does not allow it"))),
                Err(end) => return Ok(Err(end)),
            }
        }
        let job = self.pool.call_job(self.guest, &self.pool.canonical_solution, &arguments)?;
        let measured = (self.run)(&Job::Guest(job), &self.options.limits)?;
        Ok(match end_of(&measured.outcome, "canonical_raised") {
            None => Ok(Candidate { arguments, origin, canonical_fuel: measured.fuel.net() }),
            Some(end) => Err(end),
        })
    }

    fn reply(
        &self,
        job: GuestJob,
        limits: &Limits,
        raised: &'static str,
    ) -> Result<Result<Vec<u8>, End>, CurationError> {
        let measured = (self.run)(&Job::Guest(job), limits)?;
        Ok(match (end_of(&measured.outcome, raised), measured.output) {
            (None, Output::Guest(reply)) => Ok(reply),
            (None, _) => Err(End::fault("trapped", "a finished run gave no output")),
            (Some(end), _) => Err(end),
        })
    }

    /// Cost of a solution on an input.
    pub(super) fn cost(&self, source: &str, arguments: &Arguments) -> Result<Cost, CurationError> {
        let job = match self.pool.call_job(self.guest, source, arguments) {
            Ok(job) => job,
            // a solution is not trusted, and so may be anything
            Err(frugal_guests::RequestError::SourceTooLarge { .. }) => return Ok(Cost::Failed("source_too_large")),
            Err(error) => return Err(error.into()),
        };
        let measured = (self.run)(&Job::Guest(job), &self.options.limits)?;
        Ok(match measured.outcome {
            Outcome::Finished => Cost::Fuel(measured.fuel.net()),
            Outcome::OutOfFuel { .. } | Outcome::PastDeadline => Cost::TooSlow,
            other => Cost::Failed(other.name()),
        })
    }
}

/// What an outcome says of a generator; `None` for one that finished. `raised` names an exception.
fn end_of(outcome: &Outcome, raised: &'static str) -> Option<End> {
    Some(match outcome {
        Outcome::Finished => return None,
        Outcome::OutOfFuel { .. } | Outcome::PastDeadline => End::limit("out_of_fuel"),
        Outcome::OutOfMemory => End::limit("out_of_memory"),
        Outcome::OutputTooLarge => End::limit("input_too_large"),
        Outcome::GuestError { message, .. } => match GuestFailure::from_json(message) {
            Ok(failure) if failure.type_name == "MemoryError" => End::limit("out_of_memory"),
            Ok(failure) => End::fault(raised, failure.to_string().chars().take(200).collect::<String>()),
            Err(_) => End::fault(raised, "an error that cannot be read"),
        },
        other => End::fault("trapped", other.name()),
    })
}
