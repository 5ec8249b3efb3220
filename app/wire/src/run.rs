//! One run, as a page shows it.

use frugal_report::{OutcomeKind, Provenance, RunReport};
use serde::{Deserialize, Serialize};

use crate::Limits;

/// The facts of one run with every count as a `u64`. All texts that come from the program are hostile:
/// show them as text nodes only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunView {
    /// How it ended.
    pub outcome: OutcomeKind,
    /// `define`, `prepare`, `call` or `result`, where that is known.
    pub phase: Option<String>,
    /// Kind of WebAssembly trap.
    pub trap: Option<String>,
    /// The program's own error.
    pub error: Option<RunError>,
    /// Why it was refused, and what to mend.
    pub rejection: Option<String>,
    /// `raw_fuel - baseline_fuel`: the figure to compare, in units.
    pub net_fuel: u64,
    /// Counted over the measured call, in units.
    pub raw_fuel: u64,
    /// What the same protocol costs with no call in it, in units; 0 for modules.
    pub baseline_fuel: u64,
    /// True unless the run finished: fuel is then only known to be at least this much.
    pub fuel_is_lower_bound: bool,
    /// The returned value as its language writes it.
    pub value: Option<String>,
    /// What it printed.
    pub stdout: String,
    /// What it printed to standard error.
    pub stderr: String,
    /// Wall-clock time, in milliseconds; differs from run to run.
    pub wall_ms: Option<f64>,
    /// The limits it was held to.
    pub limits: Limits,
    /// Where the number comes from.
    pub provenance: Provenance,
}

/// An uncaught error of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunError {
    /// Its type, such as `ValueError`.
    pub kind: String,
    /// Its message.
    pub message: String,
    /// The language's traceback; may be empty.
    pub traceback: String,
}

impl From<&RunReport> for RunView {
    fn from(report: &RunReport) -> Self {
        Self {
            outcome: report.outcome,
            phase: report.phase.clone(),
            trap: report.trap.clone(),
            error: report.error.as_ref().map(|error| RunError {
                kind: error.kind.clone(),
                message: error.message.clone(),
                traceback: error.traceback.clone(),
            }),
            rejection: report.rejection.clone(),
            net_fuel: report.net_fuel.0,
            raw_fuel: report.raw_fuel.0,
            baseline_fuel: report.baseline_fuel.0,
            fuel_is_lower_bound: report.fuel_is_lower_bound,
            value: report.value.as_ref().map(|value| value.text.clone()),
            stdout: report.stdout.clone(),
            stderr: report.stderr.clone(),
            wall_ms: report.wall_ms,
            limits: Limits::from(&report.limits),
            provenance: report.provenance.clone(),
        }
    }
}
