//! How much repeated measurements of the same calls differ, in fuel and in time.

use serde::{Deserialize, Serialize};

use crate::{Estimate, FuelUnits, LimitsReport, Provenance, ReadError, Timing};

/// Schema of [`StabilityReport`].
pub const STABILITY_SCHEMA: &str = "frugal.stability/1";

/// Fuel and wall-clock time of calls that were each run several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StabilityReport {
    /// [`STABILITY_SCHEMA`].
    pub schema: String,
    /// What the calls were taken from, for people.
    pub set: String,
    /// Runs of each call, each in a fresh instance.
    pub runs: u32,
    /// Mean over calls of standard deviation over mean, of net fuel. Dimensionless; one largest and one smallest run of
    /// each call are left out, as COFFE does.
    pub fuel_relative_standard_deviation: f64,
    /// The same with every run.
    pub fuel_relative_standard_deviation_untrimmed: f64,
    /// The same as the first, of wall-clock time.
    pub wall_relative_standard_deviation: f64,
    /// The same with every run.
    pub wall_relative_standard_deviation_untrimmed: f64,
    /// Pearson's correlation of mean net fuel and mean wall-clock time over calls.
    pub pearson: Estimate,
    /// The same of logarithms.
    pub log_log_pearson: Estimate,
    /// Every call that finished every time.
    pub calls: Vec<StabilityCall>,
    /// Calls without figures, with the reason; they are in no statistic.
    pub unmeasured: Vec<Unmeasured>,
    /// Limits of each run.
    pub limits: LimitsReport,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// When, and how long it took.
    pub timing: Timing,
}

/// One call, run several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StabilityCall {
    /// Which call, such as `rug_sizes/divide, n = 450`.
    pub name: String,
    /// Net fuel of each run.
    pub net_fuel: Vec<FuelUnits>,
    /// Wall-clock time of the call in each run, in milliseconds, without instantiation and transfer of values.
    pub wall_ms: Vec<f64>,
    /// Mean of the runs, one largest and one smallest left out, in units.
    pub fuel_mean: f64,
    /// Sample standard deviation of the same runs, in units.
    pub fuel_standard_deviation: f64,
    /// Mean of the runs, one largest and one smallest left out, in milliseconds.
    pub wall_ms_mean: f64,
    /// Sample standard deviation of the same runs, in milliseconds.
    pub wall_ms_standard_deviation: f64,
}

/// Something without a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmeasured {
    /// What.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl StabilityReport {
    /// Reads a report written by [`StabilityReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, STABILITY_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when it cannot be written.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}
