//! Fuel beside the clusters that hardware counters gave.

use serde::{Deserialize, Serialize};

use crate::{LimitsReport, Provenance, ReadError, Timing, Unmeasured};

/// Schema of [`ClusterAgreementReport`].
pub const CLUSTER_AGREEMENT_SCHEMA: &str = "frugal.cluster-agreement/1";

/// For each task, whether solutions of faster published clusters cost less fuel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterAgreementReport {
    /// [`CLUSTER_AGREEMENT_SCHEMA`].
    pub schema: String,
    /// Of the tasks' correlations; absent without any.
    pub distribution: Option<Distribution>,
    /// Tasks with a correlation, in the results' order.
    pub tasks: Vec<ClusterAgreement>,
    /// Tasks without one, with the reason.
    pub not_rebuilt: Vec<Unmeasured>,
    /// Limits of each run.
    pub limits: LimitsReport,
    /// Where the fuel comes from.
    pub provenance: Provenance,
    /// When, and how long it took.
    pub timing: Timing,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterAgreement {
    /// Such as `HumanEval/9`.
    pub task_id: String,
    /// Spearman's correlation of net fuel and published cluster index, 0 for the slowest and -1 below that; -1 where a
    /// faster cluster always costs less.
    pub spearman: f64,
    /// Distinct solutions with fuel.
    pub solutions: u32,
    /// Distinct solutions without, which are in no statistic.
    pub unprofiled: u32,
    /// Where the input comes from.
    pub input: String,
}

/// How correlations are spread over tasks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// The least.
    pub least: f64,
    /// A quarter of the tasks lies below.
    pub lower_quartile: f64,
    /// Half of them.
    pub median: f64,
    /// Three quarters of them.
    pub upper_quartile: f64,
    /// The most.
    pub most: f64,
    /// Their arithmetic mean.
    pub mean: f64,
    /// Tasks below 0.
    pub negative: u32,
    /// Tasks at -0.5 or below.
    pub at_most_minus_half: u32,
    /// Tasks at -0.8 or below.
    pub at_most_minus_four_fifths: u32,
}

impl ClusterAgreementReport {
    /// Reads a report written by [`ClusterAgreementReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, CLUSTER_AGREEMENT_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when it cannot be written.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}
