//! Models held against each other by the programs that they write for small tasks.

use serde::{Deserialize, Serialize};

#[cfg(any(feature = "reader", test))]
use crate::ReadError;
use crate::{Estimate, FuelUnits, Provenance};

/// Schema of [`WritersReport`].
pub const WRITERS_SCHEMA: &str = "frugal.writers/1";

/// What models write for the same tasks, and what it costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WritersReport {
    /// [`WRITERS_SCHEMA`].
    pub schema: String,
    /// Which tasks: `train`, `validation` or `test`.
    pub split: String,
    /// Programs of each model for each task.
    pub samples: u32,
    /// Divides logits.
    pub temperature: f64,
    /// Of the programs and of the inputs.
    pub seed: u64,
    /// Size of the inputs.
    pub input_size: u32,
    /// Calls by which a program is judged, and whose fuel is summed.
    pub calls: u32,
    /// In the order given.
    pub models: Vec<WriterReport>,
    /// Tasks for which every model wrote a right program.
    pub common_tasks: u32,
    /// Every task.
    pub tasks: Vec<WriterTask>,
    /// What counted.
    pub provenance: Provenance,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterReport {
    /// As it was named.
    pub name: String,
    /// SHA-256 of its weights' file, hexadecimal.
    pub weights_sha256: String,
    /// Share of right programs, as a mean over tasks; intervals are over tasks.
    pub pass_at_1: Estimate,
    /// Whether any of all samples is right.
    pub pass_at_all: Estimate,
    /// ENAMEL's score of one sample with one level of inputs, the cheapest of the task's own solutions as reference and twice its fuel as
    /// limit: `(2 - fuel / reference)`, at least 0, 0 for what is not right.
    pub eff_at_1: Estimate,
    /// The best of all samples by that score.
    pub eff_at_all: Estimate,
    /// Tasks with a right program.
    pub tasks_solved: u32,
    /// Mean fuel of right programs over that of the first model, as a geometric mean over the tasks that all models solve;
    /// absent where there is none.
    pub fuel_ratio: Option<Estimate>,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterTask {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: String,
    /// Fuel of its own solutions, from the dearest.
    pub solutions_fuel: Vec<FuelUnits>,
    /// Of each model: fuel of every right program; the others are not listed.
    pub fuel: Vec<Vec<FuelUnits>>,
}

impl WritersReport {
    /// Reads a report.
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, WRITERS_SCHEMA)
    }
}
