//! Samples held against references by cost: COFFE, EvalPerf, and Frugal's own problems.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CaseFuel, Coverage, FuelUnits, LimitsReport, ProblemStatus, Provenance, ReadError, Timing, Verdict};

/// Schema of [`ComparisonReport`].
pub const COMPARISON_SCHEMA: &str = "frugal.comparison/1";

/// What samples of one or several models cost beside references, with every fuel figure the metrics follow from.
///
/// All metrics can be recomputed from `problems` and `options` with nothing run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonReport {
    /// [`COMPARISON_SCHEMA`].
    pub schema: String,
    /// Which benchmark: `coffe`, `evalperf` or `frugal`.
    pub suite: String,
    /// One for each file of samples, in the order given.
    pub models: Vec<ModelReport>,
    /// Mean DPS of row and column on the tasks where both have one; empty with fewer than two models or without DPS.
    pub aligned_dps: Vec<Vec<Option<AlignedReport>>>,
    /// Cost of row and column on the tasks that both solved; empty with fewer than two models. Absent from results of
    /// older versions.
    #[serde(default)]
    pub cost_pairs: Vec<Vec<Option<CostPairReport>>>,
    /// Things the reader of the metrics must know; one sentence each.
    pub notices: Vec<String>,
    /// How much of the benchmark stands behind the metrics.
    pub coverage: Coverage,
    /// What was asked for.
    pub options: ComparisonOptions,
    /// In the benchmark's order.
    pub problems: Vec<ComparedProblem>,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// The only part that differs between two equal evaluations.
    pub timing: Timing,
}

impl ComparisonReport {
    /// Reads a report written by [`ComparisonReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, COMPARISON_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when it cannot be written.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

/// One model's metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelReport {
    /// Name of its file without the ending.
    pub name: String,
    /// Keyed `pass@1`, `efficient@1`, `speedup_ratio_of_sums`, `dps`, ...; percentages end in `_pct`.
    pub metrics: BTreeMap<String, f64>,
    /// 95 % intervals of some metrics, `[low, high]`, by bootstrap over problems.
    pub intervals: BTreeMap<String, [f64; 2]>,
    /// Samples that were not measured to the end, by kind.
    pub failures: BTreeMap<String, u32>,
    /// Tasks without a score of their own, such as those with too few passing samples.
    pub skipped: Vec<String>,
}

/// Two models on common tasks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlignedReport {
    /// The row's model, in [0, 100].
    pub dps: f64,
    /// The column's, on the same tasks.
    pub opponent_dps: f64,
    /// How many.
    pub common_tasks: u32,
}

/// What two models' solutions cost on the tasks that both solved. A task's cost is the mean over a model's solutions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostPairReport {
    /// How many such tasks.
    pub common_tasks: u32,
    /// Those on which the row's model is cheaper.
    pub wins: u32,
    /// Those on which both cost the same.
    pub ties: u32,
    /// Geometric mean over common tasks of the row's fuel over the column's: below 1 the row's model is cheaper.
    pub cost_ratio: f64,
}

impl CostPairReport {
    /// Share of common tasks on which the row's model is cheaper, ties as half, in [0, 1].
    #[must_use]
    pub fn win_rate(self) -> f64 {
        (f64::from(self.wins) + f64::from(self.ties) / 2.0) / f64::from(self.common_tasks)
    }
}

/// Parameters of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonOptions {
    /// Numbers of samples drawn, ascending.
    pub k: Vec<u32>,
    /// A task with fewer passing samples has no DPS.
    pub min_correct: u32,
    /// At most so many passing samples of a task make its DPS.
    pub max_profile: u32,
    /// Seed of generated inputs.
    pub seed: u32,
    /// Of one run.
    pub limits: LimitsReport,
}

/// One problem, its references and its samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedProblem {
    /// Such as `HumanEval/0`.
    pub task_id: String,
    /// Whether its references could be measured.
    pub status: ProblemStatus,
    /// Why not, or what was left out, in one sentence.
    pub message: Option<String>,
    /// Slow to fast.
    pub references: Vec<ComparedReference>,
    /// By model, then in the order of its file.
    pub samples: Vec<ComparedSample>,
    /// Each model's metrics on this problem, in the order of `models`.
    pub models: Vec<BTreeMap<String, f64>>,
}

/// What samples are held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedReference {
    /// What it is called.
    pub name: String,
    /// Cumulative score in [0, 100], where the suite has such.
    pub score: Option<f64>,
    /// Net fuel of each case, in units.
    pub fuel: Vec<FuelUnits>,
}

/// One sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedSample {
    /// Position of its model.
    pub model: u32,
    /// Position among the model's samples of this problem, from 0.
    pub index: u32,
    /// SHA-256 of the sample as read, hexadecimal.
    pub source_sha256: String,
    /// How its runs ended.
    pub verdict: Verdict,
    /// Whether it counts as correct.
    pub passed: bool,
    /// Net fuel of each measured case run; shorter than the references' where it was stopped.
    pub fuel: Vec<CaseFuel>,
    /// Fuel over that of the fastest reference, sums over cases; absent unless every case finished.
    pub cost_ratio: Option<f64>,
    /// Scores that the suite gives a sample, such as `efficient` or `dps`.
    pub scores: BTreeMap<String, f64>,
    /// What went wrong, in one sentence. Hostile text.
    pub message: Option<String>,
    /// Where it went wrong, such as `correctness test 3`.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// What kind of failure it was, such as `correctness: TypeError`.
    pub failure: Option<String>,
}
