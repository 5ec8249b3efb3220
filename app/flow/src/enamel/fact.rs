use frugal_report::{CaseFuel, CasePlace, FuelUnits, Verdict};
use serde::{Deserialize, Serialize};

/// Something learnt about a problem. An evaluation's facts, in any order, rebuild its report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fact {
    /// What the reference costs.
    Reference {
        /// Which problem.
        task_id: String,
        /// Net fuel, `[level][case]`, in units.
        fuel: Vec<Vec<FuelUnits>>,
    },
    /// A problem cannot be evaluated: its generator or reference failed, or the machinery did.
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
        /// Net fuel of each case run, `[level][case]`, in units.
        fuel: Vec<Vec<CaseFuel>>,
        /// What went wrong, in one sentence. Hostile text.
        message: Option<String>,
        /// Where it went wrong.
        place: Option<CasePlace>,
    },
}

impl Fact {
    /// The problem it is about.
    pub fn task_id(&self) -> &str {
        match self {
            Self::Reference { task_id, .. } | Self::ProblemFailed { task_id, .. } | Self::Sample { task_id, .. } => {
                task_id
            }
        }
    }

    /// False for failures of the machinery, which another try may mend.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Reference { .. } => true,
            Self::ProblemFailed { .. } => false,
            Self::Sample { verdict, .. } => verdict.is_scored(),
        }
    }
}
