//! What a run gave.

use crate::{Outcome, Profile, Value};

/// The result of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    /// How it ended.
    pub outcome: Outcome,
    /// What it cost.
    pub fuel: Fuel,
    /// What it handed back; [`Output::Nothing`] unless it finished.
    pub output: Output,
}

/// Fuel of one run, in units of the cost table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fuel {
    /// Counted over the measured call.
    pub raw: u64,
    /// What the same protocol costs with no call between its marks; 0 for modules.
    pub baseline: u64,
    /// True unless the run finished: then `raw` is only known to be at least this much.
    pub lower_bound: bool,
}

impl Fuel {
    /// `raw - baseline`, the figure to compare: the call alone. The protocol lets no run finish with `raw` below
    /// `baseline`; of one that ended before its first mark was paid for, the lower bound is 0.
    pub fn net(&self) -> u64 {
        self.raw.saturating_sub(self.baseline)
    }
}

/// What a job hands back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Nothing: the run did not finish.
    Nothing,
    /// The export's results.
    Values(Vec<Value>),
    /// A guest's reply to the `result` phase, as `sandbox/guests` documents it. Hostile bytes.
    Guest(Vec<u8>),
    /// The same of a woven program, with where its fuel went.
    Profile {
        /// As [`Output::Guest`].
        reply: Vec<u8>,
        /// The fuel of the woven run by call path and place.
        profile: Profile,
    },
}
