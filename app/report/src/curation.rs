//! How tasks were made of pools of solutions.

use serde::{Deserialize, Serialize};

use crate::{FuelUnits, LimitsReport, Provenance, ReadError, Timing};

/// Schema of [`CurationReport`].
pub const CURATION_SCHEMA: &str = "frugal.curation/1";

/// What became of every pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurationReport {
    /// [`CURATION_SCHEMA`].
    pub schema: String,
    /// In the file's order.
    pub tasks: Vec<CuratedTask>,
    /// Limits of each run; its fuel is what the source's time limit stands for.
    pub limits: LimitsReport,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// When, and how long it took.
    pub timing: Timing,
}

/// One pool.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CuratedTask {
    /// Such as `HumanEval/9`.
    pub task_id: String,
    /// Why it became no task; absent for a task.
    pub rejection: Option<NamedRejection>,
    /// What each generator that was tried gave, in order.
    pub generators: Vec<GeneratorReport>,
    /// Where the chosen input comes from, such as `generator 0 at scale 4096`.
    pub input: Option<String>,
    /// Size of the chosen input as tagged JSON, in bytes.
    pub input_bytes: Option<u64>,
    /// Net fuel of each solution on the chosen input, in the pool's order; null where it did not finish.
    pub solutions: Vec<Option<FuelUnits>>,
    /// How each solution without fuel ended, as `index: outcome`.
    pub unprofiled: Vec<String>,
    /// Clusters by the filter's base, where it came so far.
    pub clusters: Option<u32>,
    /// References slow to fast, by the base of building; empty without a task.
    pub references: Vec<ReferenceReport>,
}

/// A reason by its name, with the number that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedRejection {
    /// `no_input`, `too_slow`, `size`, `compute`, `variation`, `diversity` or `not_json`.
    pub name: String,
    /// In a sentence.
    pub detail: String,
}

/// One generator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorReport {
    /// The largest scale that succeeded; absent without one.
    pub scale: Option<u32>,
    /// What ended the doubling: `largest_scale`, `out_of_fuel`, `out_of_memory`, `input_too_large`, `integer_too_large`, or
    /// what made the generator ill-behaved: `raised`, `no_tuple`, `contract`, `canonical_raised`, `trapped`.
    pub ended: String,
    /// Whether its inputs are offered.
    pub well_behaved: bool,
    /// More about the end, such as an exception.
    pub detail: String,
}

/// The slowest solution of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceReport {
    /// Index into the pool's solutions.
    pub solution: u32,
    /// Its net fuel.
    pub net_fuel: FuelUnits,
    /// Share of the pool in this cluster and slower ones, in [0, 100].
    pub score: f64,
    /// Solutions in the cluster.
    pub members: u32,
}

impl CurationReport {
    /// Reads a report written by [`CurationReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, CURATION_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when it cannot be written.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}
