//! One sample on its way through levels and cases.

use frugal_bench::suite::enamel::CaseVerdict;
use frugal_fuel::Measurement;
use frugal_report::{CaseFuel, CasePlace, FuelUnits, Verdict};

use super::Options;
use super::ending::{Ending, ending};

/// What to do next for a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SampleStep {
    /// Run one case.
    Call { level: usize, case: usize, repeat: u32 },
    /// Check the outputs of a level.
    Check { level: usize },
}

/// What a sample came to; see [`super::Fact::Sample`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SampleEnd {
    pub(super) verdict: Verdict,
    pub(super) message: Option<String>,
    pub(super) place: Option<CasePlace>,
}

/// What follows an event.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Next {
    Step(SampleStep),
    Done(SampleEnd),
}

/// Progress of one sample. Cases run one after another, because the first that fails ends the sample;
/// outputs are checked level by level.
#[derive(Debug)]
pub(super) struct SampleRun {
    /// Position among the problem's distinct texts.
    pub(super) source_sha256: String,
    /// The executed text.
    pub(super) source: String,
    /// Net fuel of each case run.
    pub(super) fuel: Vec<Vec<CaseFuel>>,
    /// Outputs of the current level, from case 0.
    outputs: Vec<String>,
    /// Why calls stopped, waiting for the checks of the outputs before it.
    stopped: Option<SampleEnd>,
}

impl SampleRun {
    pub(super) fn new(source_sha256: String, source: String) -> Self {
        Self { source_sha256, source, fuel: Vec::new(), outputs: Vec::new(), stopped: None }
    }

    pub(super) fn first_step() -> SampleStep {
        SampleStep::Call { level: 0, case: 0, repeat: 0 }
    }

    /// Outputs of the current level, in order of case.
    pub(super) fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// Takes the result of a call. `read` finds the output in a reply.
    pub(super) fn called(
        &mut self,
        (level, case, repeat): (usize, usize, u32),
        measurement: Measurement,
        options: &Options,
        read: impl FnOnce(&[u8]) -> Result<String, String>,
    ) -> Next {
        let net_fuel = FuelUnits(measurement.fuel.net());
        let is_lower_bound = measurement.fuel.lower_bound;
        let read_ending = match ending(measurement) {
            Ending::Returned(reply) => read(&reply).map_err(|message| (Verdict::Error, message)),
            Ending::Stopped { verdict, message } => Err((verdict, message)),
        };
        if repeat == 0 {
            self.fuel.resize_with(level + 1, Vec::new);
            self.fuel[level].push(CaseFuel { net_fuel, is_lower_bound });
        } else if self.fuel[level][case] != (CaseFuel { net_fuel, is_lower_bound }) {
            let message = format!("fuel differs between repeats: {} and {net_fuel}", self.fuel[level][case].net_fuel);
            return Next::Done(end(Verdict::InfrastructureFailure, message, level, case));
        }
        match read_ending {
            Ok(output) => {
                let repeats = if options.hardness[level] > 0.0 { options.repeats } else { 1 };
                if repeat + 1 < repeats {
                    return Next::Step(SampleStep::Call { level, case, repeat: repeat + 1 });
                }
                self.outputs.push(output);
                if case + 1 < options.tests_per_level[level] as usize {
                    Next::Step(SampleStep::Call { level, case: case + 1, repeat: 0 })
                } else {
                    Next::Step(SampleStep::Check { level })
                }
            }
            Err((verdict, message)) => {
                let stopped = end(verdict, message, level, case);
                if verdict == Verdict::InfrastructureFailure || self.outputs.is_empty() {
                    return Next::Done(stopped);
                }
                self.stopped = Some(stopped);
                Next::Step(SampleStep::Check { level })
            }
        }
    }

    /// Takes what the checker said of the level's outputs; an error means that they could not be read.
    pub(super) fn checked(&mut self, level: usize, said: Result<Vec<CaseVerdict>, String>, options: &Options) -> Next {
        let said = match said {
            Ok(said) => said,
            Err(message) => return Next::Done(end(Verdict::Error, message, level, 0)),
        };
        if let Some(case) = said.iter().position(|verdict| *verdict != CaseVerdict::Right) {
            let message = match &said[case] {
                CaseVerdict::Raised(kind) => format!("the checker raised {kind} over the output"),
                _ => "the output is wrong".to_owned(),
            };
            return Next::Done(end(Verdict::WrongOutput, message, level, case));
        }
        if let Some(stopped) = self.stopped.take() {
            return Next::Done(stopped);
        }
        self.outputs.clear();
        if level + 1 < options.tests_per_level.len() {
            return Next::Step(SampleStep::Call { level: level + 1, case: 0, repeat: 0 });
        }
        Next::Done(SampleEnd { verdict: Verdict::Passed, message: None, place: None })
    }
}

/// The end of a sample at one case.
pub(super) fn end(verdict: Verdict, message: String, level: usize, case: usize) -> SampleEnd {
    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX); // levels and cases are few by `Options::validate`
    SampleEnd { verdict, message: Some(message), place: Some(CasePlace { level: number(level), case: number(case) }) }
}
