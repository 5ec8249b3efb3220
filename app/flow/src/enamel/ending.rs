//! What a call's outcome means for its sample.

use frugal_fuel::{Measurement, Outcome, Output, Phase, Rejection};
use frugal_guests::GuestFailure;
use frugal_report::Verdict;

/// Characters kept of a sample's message.
const MESSAGE_MAX: usize = 300;

/// One call of a sample or a reference, judged before its output is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It returned; the reply holds its value.
    Returned(Vec<u8>),
    /// It did not.
    Stopped { verdict: Verdict, message: String },
}

/// Judges an outcome by ENAMEL's rules: out of fuel, out of memory and overflow censor; other errors fail.
///
/// The wall clock is no part of a score: a run that it stopped says nothing about the sample.
pub(crate) fn ending(measurement: Measurement) -> Ending {
    let stopped = |verdict, message: &str| Ending::Stopped { verdict, message: message.to_owned() };
    match measurement.outcome {
        Outcome::Finished => match measurement.output {
            Output::Guest(reply) => Ending::Returned(reply),
            _ => stopped(Verdict::InfrastructureFailure, "the runner gave no output of a finished run"),
        },
        Outcome::OutOfFuel { phase: Phase::Result } => {
            stopped(Verdict::Error, "handing back its result took more fuel than any honest result needs")
        }
        Outcome::OutOfFuel { phase: Phase::Call } => stopped(Verdict::OutOfFuel, "needed more fuel than its limit"),
        Outcome::OutOfFuel { phase } => {
            stopped(Verdict::OutOfFuel, &format!("ran out of fuel before the call, in {}", phase.name()))
        }
        Outcome::OutOfMemory => stopped(Verdict::OutOfMemory, "needed more memory than its limit"),
        Outcome::OutOfDepth => stopped(Verdict::Error, "nested calls too deeply"),
        Outcome::OutputTooLarge => stopped(Verdict::Error, "returned more bytes than its limit"),
        Outcome::PastDeadline => {
            stopped(Verdict::InfrastructureFailure, "the wall-clock limit passed before the fuel limit; raise it")
        }
        Outcome::Trapped { kind } => stopped(Verdict::Error, &format!("trapped: {}", kind.name())),
        Outcome::GuestError { message, .. } => {
            let Ok(failure) = GuestFailure::from_json(&message) else {
                return stopped(Verdict::Error, "the guest's report of an error cannot be read");
            };
            let verdict = match failure.type_name.as_str() {
                "OverflowError" => Verdict::Overflow,
                "MemoryError" => Verdict::OutOfMemory,
                _ => Verdict::Error,
            };
            let text: String = failure.to_string().chars().take(MESSAGE_MAX).collect();
            stopped(verdict, &text)
        }
        Outcome::Rejected { reason: reason @ Rejection::Marks { .. } } => stopped(Verdict::Error, &reason.to_string()),
        Outcome::Rejected { reason } => stopped(Verdict::InfrastructureFailure, &reason.to_string()),
    }
}
