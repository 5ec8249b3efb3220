use frugal_report::{CaseFuel, FuelUnits, Verdict};
use serde::{Deserialize, Serialize};

use super::{Measured, Prepared};

/// Something learnt about a problem. A comparison's facts, in any order, rebuild its report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fact {
    /// What the references cost.
    References {
        /// Which problem.
        task_id: String,
        /// Net fuel, `[reference][case]`, in units.
        fuel: Vec<Vec<FuelUnits>>,
        /// What was left out, in one sentence.
        message: Option<String>,
    },
    /// A problem cannot be evaluated.
    ProblemFailed {
        /// Which problem.
        task_id: String,
        /// Why, in one sentence.
        message: String,
    },
    /// What a sample came to. Samples of equal text share one fact.
    Sample {
        /// Which problem.
        task_id: String,
        /// SHA-256 of the sample's text, hexadecimal.
        source_sha256: String,
        /// How it ended.
        verdict: Verdict,
        /// Whether it counts as correct.
        passed: bool,
        /// Net fuel of each measured case, in units.
        fuel: Vec<CaseFuel>,
        /// What went wrong, in one sentence. Hostile text.
        message: Option<String>,
        /// Where it went wrong.
        place: Option<String>,
        /// What kind of failure it was.
        failure: Option<String>,
    },
}

impl Fact {
    pub(super) fn references(task_id: &str, prepared: &Prepared) -> Self {
        let units = |case: &Vec<u64>| case.iter().map(|fuel| FuelUnits(*fuel)).collect();
        Self::References {
            task_id: task_id.to_owned(),
            fuel: prepared.reference_fuel.iter().map(units).collect(),
            message: prepared.message.clone(),
        }
    }

    pub(super) fn sample(task_id: &str, source_sha256: &str, measured: Measured) -> Self {
        let Measured { verdict, passed, fuel, message, place, failure } = measured;
        let (task_id, source_sha256) = (task_id.to_owned(), source_sha256.to_owned());
        Self::Sample { task_id, source_sha256, verdict, passed, fuel, message, place, failure }
    }

    /// The problem it is about.
    pub fn task_id(&self) -> &str {
        match self {
            Self::References { task_id, .. } | Self::ProblemFailed { task_id, .. } | Self::Sample { task_id, .. } => {
                task_id
            }
        }
    }

    /// False for failures of the machinery, which another try may mend.
    pub fn is_final(&self) -> bool {
        match self {
            Self::References { .. } => true,
            Self::ProblemFailed { .. } => false,
            Self::Sample { verdict, .. } => verdict.is_scored(),
        }
    }
}
