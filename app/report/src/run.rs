//! One run.

use serde::{Deserialize, Serialize};

use crate::{FuelUnits, LimitsReport, ProfileReport, Provenance, ReadError};

/// Schema of [`RunReport`].
pub const RUN_SCHEMA: &str = "frugal.run/1";

/// What one run came to and what it cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RunReport {
    /// [`RUN_SCHEMA`].
    pub schema: String,
    /// How it ended.
    pub outcome: OutcomeKind,
    /// In which phase, where that is known: `define`, `prepare`, `call` or `result`.
    pub phase: Option<String>,
    /// Kind of WebAssembly trap, such as `divide_by_zero`.
    pub trap: Option<String>,
    /// The guest language's own error.
    pub error: Option<ErrorReport>,
    /// Why the job was refused, and what to mend.
    pub rejection: Option<String>,
    /// `raw_fuel - baseline_fuel`: the figure to compare, in units.
    pub net_fuel: FuelUnits,
    /// Counted over the measured call, in units.
    pub raw_fuel: FuelUnits,
    /// What the same protocol costs with no call in it, in units; 0 for modules.
    pub baseline_fuel: FuelUnits,
    /// True unless the run finished: then fuel is only known to be at least this much.
    pub fuel_is_lower_bound: bool,
    /// What the entry returned, if it finished.
    pub value: Option<ValueReport>,
    /// What the program printed. Hostile text: see [`crate::printable`].
    pub stdout: String,
    /// What the program printed to standard error. Hostile text.
    pub stderr: String,
    /// The limits it was held to.
    pub limits: LimitsReport,
    /// Where the number comes from.
    pub provenance: Provenance,
    /// Wall-clock time of the run in milliseconds; differs from machine to machine. Absent where no clock was read.
    pub wall_ms: Option<f64>,
    /// Where the net fuel went, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileReport>,
    /// Why there is no profile although one was asked for, and what to mend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_refusal: Option<String>,
}

impl RunReport {
    /// Reads a report written by [`RunReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, RUN_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when a float is not finite.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

/// The ways a run can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// Ran to its end within every limit.
    Finished,
    /// Needed more fuel than its limit.
    OutOfFuel,
    /// Was denied memory.
    OutOfMemory,
    /// Nested calls too deeply.
    OutOfDepth,
    /// Handed back more bytes than its limit.
    OutputTooLarge,
    /// Passed the wall-clock deadline.
    PastDeadline,
    /// WebAssembly trapped.
    Trapped,
    /// The guest's language reported an error.
    GuestError,
    /// Refused before it ran.
    Rejected,
}

impl OutcomeKind {
    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::OutOfFuel => "out_of_fuel",
            Self::OutOfMemory => "out_of_memory",
            Self::OutOfDepth => "out_of_depth",
            Self::OutputTooLarge => "output_too_large",
            Self::PastDeadline => "past_deadline",
            Self::Trapped => "trapped",
            Self::GuestError => "guest_error",
            Self::Rejected => "rejected",
        }
    }
}

/// An uncaught error of the program. Hostile text throughout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorReport {
    /// Its type, such as `ValueError`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its message.
    pub message: String,
    /// The language's traceback; may be empty.
    pub traceback: String,
}

/// A returned value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ValueReport {
    /// As the language writes it, such as `[1, 2]` or `(1,)`; cut with `…` when long. Hostile text.
    pub text: String,
    /// The whole value as tagged JSON *text* (see CONTRIBUTING.md, guests): text, because integers have any length.
    pub tagged_json: String,
}
