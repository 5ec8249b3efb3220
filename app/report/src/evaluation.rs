//! One benchmark of many samples.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{FuelUnits, LimitsReport, Provenance, ReadError};

/// Schema of [`EvaluationReport`].
pub const EVALUATION_SCHEMA: &str = "frugal.evaluation/1";

/// Scores of a samples file, with every fuel figure they follow from.
///
/// All metrics can be recomputed from `problems` and `options` with nothing run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EvaluationReport {
    /// [`EVALUATION_SCHEMA`].
    pub schema: String,
    /// Which benchmark, such as `enamel`.
    pub suite: String,
    /// Keyed `pass@1`, `eff@1`, ...; dimensionless, plain means over evaluated problems.
    pub metrics: BTreeMap<String, f64>,
    /// 95 % intervals of the metrics, `[low, high]`, by bootstrap over problems. Absent from results of older versions.
    #[serde(default)]
    pub intervals: BTreeMap<String, [f64; 2]>,
    /// Things the reader of the metrics must know, such as a dropped k; one sentence each.
    pub notices: Vec<String>,
    /// How much of the benchmark stands behind the metrics.
    pub coverage: Coverage,
    /// What was asked for.
    pub options: EvaluationOptions,
    /// In the benchmark's order.
    pub problems: Vec<ProblemReport>,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// The only part that differs between two equal evaluations.
    pub timing: Timing,
}

impl EvaluationReport {
    /// Reads a report written by [`EvaluationReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, EVALUATION_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when it cannot be written.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

/// Counts of what was evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Problems with at least one scored sample.
    pub problems: u32,
    /// Problems of the chosen subset, with samples or without.
    pub problems_total: u32,
    /// Samples scored.
    pub samples: u32,
    /// Samples asked for.
    pub samples_total: u32,
    /// Samples and problems whose machinery failed: excluded from every metric, never a zero.
    pub infrastructure_failures: u32,
    /// True when the evaluation was stopped before its end.
    pub interrupted: bool,
}

/// Parameters of the metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EvaluationOptions {
    /// Numbers of samples drawn, ascending.
    pub k: Vec<u32>,
    /// Fuel limit of a sample as a multiple of the reference's worst case; above 1.
    pub alpha: f64,
    /// Weight of each level; 0 = correctness only.
    pub hardness: Vec<f64>,
    /// Fuel above the limit at which a sample is stopped, in units; between the two a level scores 0.
    pub tolerance_fuel: FuelUnits,
    /// Test cases of each level.
    pub tests_per_level: Vec<u32>,
    /// Measurements of each case in levels with weight; they must agree to the unit.
    pub repeats: u32,
    /// Seed of the generated inputs.
    pub seed: u32,
    /// Of one run.
    pub limits: LimitsReport,
}

/// One problem and its samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProblemReport {
    /// Such as `HumanEval/0`.
    pub task_id: String,
    /// Name of the function.
    pub entry_point: String,
    /// Whether its reference could be measured.
    pub status: ProblemStatus,
    /// Why not, in one sentence.
    pub message: Option<String>,
    /// Net fuel of the reference, `[level][case]`, in units.
    pub reference_fuel: Vec<Vec<FuelUnits>>,
    /// Net fuel of a case from which its level scores 0 (alpha times the reference's worst case), in units.
    pub limit_fuel: FuelUnits,
    /// In the samples file's order.
    pub samples: Vec<SampleReport>,
}

/// Whether a problem could be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemStatus {
    /// References measured, samples run.
    Evaluated,
    /// Its generator or reference failed, or the machinery did: excluded and counted.
    InfrastructureFailure,
    /// Not reached before the evaluation was stopped.
    Pending,
}

/// One sample's verdict and cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SampleReport {
    /// Position among the problem's samples, from 0.
    pub index: u32,
    /// SHA-256 of the sample as read, hexadecimal.
    pub source_sha256: String,
    /// How its run ended.
    pub verdict: Verdict,
    /// Whether it counts as correct in pass@k.
    pub passed: bool,
    /// ENAMEL's e: 1 equals the reference, 0 is not efficient or not correct; may exceed 1.
    pub efficiency: f64,
    /// Score of each level; 0 for levels without weight.
    pub level_scores: Vec<f64>,
    /// Each case run, `[level][case]`; shorter than the problem's where the sample was stopped.
    pub fuel: Vec<Vec<CaseFuel>>,
    /// Fuel of the sample divided by fuel of the reference over the weighted cases both finished.
    pub cost_ratio: Option<f64>,
    /// What went wrong, in one sentence. Hostile text.
    pub message: Option<String>,
    /// Where it went wrong.
    #[serde(rename = "where")]
    pub place: Option<CasePlace>,
}

/// How the evaluation of a sample ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every case finished with a correct answer.
    Passed,
    /// Stopped at the fuel limit: this and later levels score 0.
    OutOfFuel,
    /// Ran out of memory: as `OutOfFuel`.
    OutOfMemory,
    /// Raised an overflow error: as `OutOfFuel`.
    Overflow,
    /// A wrong answer: all levels score 0.
    WrongOutput,
    /// Any other error: all levels score 0.
    Error,
    /// The machinery failed, or the wall clock ran out before the fuel did: excluded and counted.
    InfrastructureFailure,
    /// Not reached before the evaluation was stopped.
    Pending,
}

impl Verdict {
    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::OutOfFuel => "out_of_fuel",
            Self::OutOfMemory => "out_of_memory",
            Self::Overflow => "overflow",
            Self::WrongOutput => "wrong_output",
            Self::Error => "error",
            Self::InfrastructureFailure => "infrastructure_failure",
            Self::Pending => "pending",
        }
    }

    /// False for samples that stand in no metric.
    pub fn is_scored(self) -> bool {
        !matches!(self, Self::InfrastructureFailure | Self::Pending)
    }
}

/// Net fuel of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CaseFuel {
    /// In units.
    pub net_fuel: FuelUnits,
    /// True when the case did not finish.
    pub is_lower_bound: bool,
}

/// A test case of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CasePlace {
    /// From 0.
    pub level: u32,
    /// Within the level, from 0.
    pub case: u32,
}

/// When and how long. Written by the edge that has a clock.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// RFC 3339, UTC; empty where no clock was read.
    pub started_utc: String,
    /// RFC 3339, UTC; empty where no clock was read.
    pub finished_utc: String,
    /// Wall-clock time, in milliseconds.
    pub wall_ms: f64,
}
