//! Whether fuel says what a native processor counts.

use serde::{Deserialize, Serialize};

use crate::{Estimate, FuelUnits, LimitsReport, Provenance, ReadError, Timing, Unmeasured};

/// Schema of [`ValidityReport`].
pub const VALIDITY_SCHEMA: &str = "frugal.validity/1";

/// Fuel of calls beside the instructions that the same calls execute in a native interpreter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidityReport {
    /// [`VALIDITY_SCHEMA`].
    pub schema: String,
    /// The rule that chose the points.
    pub rule: String,
    /// SHA-256 of the file of points, hexadecimal.
    pub points_sha256: String,
    /// Pearson's correlation of fuel and instructions over points.
    pub pearson: Correlation,
    /// The same of logarithms.
    pub log_log_pearson: Correlation,
    /// Spearman's rank correlation, for which nothing is asked.
    pub spearman: Estimate,
    /// Slope of log fuel over log instructions, by least squares. Dimensionless; 1 where fuel is a multiple.
    pub log_log_slope: f64,
    /// Geometric mean of fuel over instructions, in units an instruction.
    pub fuel_per_instruction: f64,
    /// Standard deviation of the residuals, in powers of two.
    pub residual_standard_deviation: f64,
    /// Every measured point, in the file's order.
    pub points: Vec<ValidityPoint>,
    /// Indices into `points` of those farthest from the line, farthest first; at most five.
    pub worst: Vec<usize>,
    /// Points without figures, with the reason; they are in no statistic.
    pub unmeasured: Vec<Unmeasured>,
    /// The interpreter that ran natively.
    pub native: NativeProvenance,
    /// Limits of each run.
    pub limits: LimitsReport,
    /// Where the fuel comes from.
    pub provenance: Provenance,
    /// When, and how long it took.
    pub timing: Timing,
}

/// A correlation beside what is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correlation {
    /// What was found.
    pub found: Estimate,
    /// Below this, fuel is not valid.
    pub floor: f64,
    /// What is hoped for.
    pub goal: f64,
}

impl Correlation {
    /// Whether the estimate reaches the floor.
    pub fn is_met(&self) -> bool {
        self.found.estimate >= self.floor
    }
}

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidityPoint {
    /// Id of the problem.
    pub problem: String,
    /// Name of the solution.
    pub solution: String,
    /// Size handed to the generator.
    pub size: u32,
    /// Seed handed to the generator.
    pub seed: u32,
    /// Net fuel of the call.
    pub net_fuel: FuelUnits,
    /// Instructions of the call in the native interpreter.
    pub native_instructions: FuelUnits,
    /// Log2 of the fuel over what the line of all points gives for its instructions.
    pub residual: f64,
}

/// What counted natively.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NativeProvenance {
    /// Such as `CPython 3.13.0`.
    pub interpreter: String,
    /// Such as `callgrind of valgrind-3.19.0`.
    pub counter: String,
    /// Such as `x86_64-linux`.
    pub platform: String,
}

impl ValidityReport {
    /// Reads a report written by [`ValidityReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, VALIDITY_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when it cannot be written.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}
