use std::collections::BTreeMap;

use frugal_fuel::Limits;
use frugal_guests::sha256_hex;

use super::ComparisonError;
use crate::limits;

/// Which benchmark a comparison is of; decides its metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// COFFE.
    Coffe,
    /// EvalPerf.
    EvalPerf,
    /// Frugal's own problems.
    Frugal,
}

impl Suite {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coffe => "coffe",
            Self::EvalPerf => "evalperf",
            Self::Frugal => "frugal",
        }
    }
}

/// One sample of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleInput {
    /// Position of its model.
    pub model: usize,
    /// SHA-256 of what was read, hexadecimal.
    pub source_sha256: String,
    /// The program, or why there is none.
    pub code: Result<String, String>,
}

impl SampleInput {
    /// A sample as it was read.
    pub fn new(model: usize, read: &str, code: Result<String, String>) -> Self {
        Self { model, source_sha256: sha256_hex(read.as_bytes()), code }
    }
}

/// What is to be compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Samples {
    /// Names of the models.
    pub models: Vec<String>,
    /// By task, in the order of the files.
    pub by_task: BTreeMap<String, Vec<SampleInput>>,
    /// Things the reader of the metrics must know.
    pub notices: Vec<String>,
}

/// Parameters of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Numbers of samples drawn; those above the smallest sample count are dropped with a notice.
    pub k: Vec<u32>,
    /// A task with fewer passing samples has no DPS.
    pub min_correct: u32,
    /// At most so many passing samples of a task make its DPS.
    pub max_profile: u32,
    /// Seed of generated inputs.
    pub seed: u32,
    /// Of one run of a sample or a reference.
    pub limits: Limits,
    /// At most this many problems, the first ones that have samples.
    pub problems_max: Option<usize>,
}

impl Default for Options {
    /// Ten passing samples and twice that, as EvalPerf has it; 50 s at 5 million units a millisecond, as COFFE has it.
    fn default() -> Self {
        Self {
            k: vec![1, 10, 100],
            min_correct: 10,
            max_profile: 20,
            seed: 1024,
            limits: Limits {
                fuel: 250_000_000_000,
                setup_fuel: 1_000_000_000,
                memory_bytes: 1 << 30,
                output_bytes: 64 << 20,
                call_depth: 10_000,
                wall_ms: 600_000,
            },
            problems_max: None,
        }
    }
}

impl Options {
    /// Limits of generators and checkers, which are trusted: generous, and never the reason of a verdict.
    pub(super) fn trusted_limits(&self) -> Limits {
        limits::trusted(&self.limits)
    }

    pub(super) fn validate(&self) -> Result<(), ComparisonError> {
        let bad = |name, message: &str| Err(ComparisonError::Option { name, message: message.to_owned() });
        if self.k.is_empty() || self.k.contains(&0) {
            return bad("k", "must be one or more numbers from 1");
        }
        if self.min_correct == 0 || self.max_profile == 0 {
            return bad("min-correct", "and `max-profile` must be at least 1");
        }
        if self.problems_max == Some(0) {
            return bad("limit", "must be at least 1 problem");
        }
        self.limits.validate()?;
        Ok(self.trusted_limits().validate()?)
    }

    /// Every option that decides results, by name (not what is only arithmetic).
    pub(super) fn parts(&self) -> Vec<(&'static str, String)> {
        let mut parts = vec![("seed", self.seed.to_string())];
        parts.extend(limits::parts(&self.limits));
        parts
    }
}
