use frugal_bench::BenchError;
use frugal_bench::samples::{Samples, parse_samples};
use frugal_bench::suite::enamel::{Problem, Subset, parse_problems};
use frugal_fuel::Limits;

use super::StudyError;
use crate::limits;

/// Problems and samples, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationInput {
    /// Every problem of the file.
    pub problems: Vec<Problem>,
    /// The samples.
    pub samples: Samples,
}

impl EvaluationInput {
    /// Reads enamel.csv and a samples file of any known form; the names are for messages.
    ///
    /// # Errors
    /// [`BenchError::Format`] with file, line and field.
    pub fn read(problems: &[u8], problems_name: &str, samples: &[u8], samples_name: &str) -> Result<Self, BenchError> {
        Ok(Self { problems: parse_problems(problems, problems_name)?, samples: parse_samples(samples, samples_name)? })
    }
}

/// Parameters of an evaluation. The default is the authors'.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Numbers of samples drawn; those above the smallest sample count are dropped with a notice.
    pub k: Vec<u32>,
    /// Limit of a sample as a multiple of the reference's worst case; above 1.
    pub alpha: f64,
    /// Weight of each level.
    pub hardness: Vec<f64>,
    /// Cases of each level.
    pub tests_per_level: Vec<u32>,
    /// Measurements of each case in levels with weight. Fuel repeats, so 1 is enough; more is a check.
    pub repeats: u32,
    /// What a sample may spend beyond T before it is stopped, in fuel units: the authors' tolerance of
    /// 10 ms at about 5 million units a millisecond of the Python guest. It earns nothing, since f is 0
    /// from T on; it lets a slow sample of a tiny problem still show whether it is correct.
    pub tolerance_fuel: u64,
    /// Seed of the inputs.
    pub seed: u32,
    /// Of one run; `fuel` is the reference's, samples get T.
    pub limits: Limits,
    /// Which problems.
    pub subset: Subset,
    /// At most this many problems, the first ones that have samples.
    pub problems_max: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            k: vec![1, 10, 100],
            alpha: 2.0,
            hardness: vec![0.0, 3.0, 3.0, 4.0],
            tests_per_level: vec![8, 4, 4, 4],
            repeats: 1,
            tolerance_fuel: 50_000_000,
            seed: 998_244_353,
            limits: Limits {
                fuel: 1_000_000_000_000,
                setup_fuel: 1_000_000_000,
                memory_bytes: 1 << 30,
                output_bytes: 64 << 20,
                call_depth: 10_000,
                wall_ms: 600_000,
            },
            subset: Subset::Default,
            problems_max: None,
        }
    }
}

impl Options {
    /// Limits of generators and checkers, which are trusted: generous, and never the reason of a verdict.
    pub(crate) fn trusted_limits(&self) -> Limits {
        limits::trusted(&self.limits)
    }

    /// Checks every option.
    ///
    /// # Errors
    /// [`StudyError::Option`] naming the first that does not fit.
    pub(crate) fn validate(&self) -> Result<(), StudyError> {
        let bad = |name, message: String| Err(StudyError::Option { name, message });
        if self.k.is_empty() || self.k.contains(&0) {
            return bad("k", "must be one or more numbers from 1".to_owned());
        }
        if !self.alpha.is_finite() || self.alpha <= 1.0 {
            return bad("alpha", format!("is {}, but must be finite and above 1", self.alpha));
        }
        if self.hardness.len() != self.tests_per_level.len() {
            let (weights, tests) = (self.hardness.len(), self.tests_per_level.len());
            return bad("hardness", format!("has {weights} levels, but tests per level has {tests}"));
        }
        if !self.hardness.iter().all(|weight| weight.is_finite() && *weight >= 0.0)
            || self.hardness.iter().all(|w| *w == 0.0)
        {
            return bad("hardness", "must be weights from 0, at least one above".to_owned());
        }
        if !self.tests_per_level.iter().all(|tests| (1..=1000).contains(tests)) {
            return bad("tests per level", "must lie between 1 and 1000".to_owned());
        }
        if !(1..=100).contains(&self.repeats) {
            return bad("repeats", format!("is {}, but must lie between 1 and 100", self.repeats));
        }
        if self.problems_max == Some(0) {
            return bad("limit", "must be at least 1 problem".to_owned());
        }
        self.limits.validate()?;
        Ok(self.trusted_limits().validate()?)
    }

    /// Every option that decides results, by name (not k, which is only arithmetic).
    pub(crate) fn parts(&self) -> Vec<(&'static str, String)> {
        let list = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(",");
        let mut parts = vec![
            ("alpha", self.alpha.to_string()),
            ("hardness", list(&mut self.hardness.iter().map(f64::to_string))),
            ("tests per level", list(&mut self.tests_per_level.iter().map(u32::to_string))),
            ("repeats", self.repeats.to_string()),
            ("tolerance fuel", self.tolerance_fuel.to_string()),
            ("seed", self.seed.to_string()),
        ];
        parts.extend(limits::parts(&self.limits));
        parts
    }
}
