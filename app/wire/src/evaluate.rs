//! A benchmark, as a page asks for it and shows it.

use frugal_report::Verdict;
use serde::{Deserialize, Serialize};

use crate::{JobId, Limits};

/// A benchmark to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluateRequest {
    /// Chosen by the page.
    pub id: JobId,
    /// The problems, such as ENAMEL's `enamel.csv`.
    pub problems: InputFile,
    /// The solutions: ENAMEL's samples JSON or EvalPlus JSONL.
    pub samples: InputFile,
    /// How to score.
    pub options: EvaluationOptions,
}

/// A file's bytes with the name to blame in messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// File name without folders; its ending tells the format.
    pub name: String,
    /// Content.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// How to score; what is absent takes the suite's own default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationOptions {
    /// Numbers of samples drawn, such as `[1, 10]`.
    pub k: Vec<u32>,
    /// Only these problems, by identifier such as `HumanEval/0`; all of the suite's subset when empty.
    pub subset: Vec<String>,
    /// Only the first problems, counted after `subset`.
    pub problems_max: Option<u32>,
    /// Limits of one run.
    pub limits: Option<Limits>,
}

/// One sample of one problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationRow {
    /// Such as `HumanEval/0`.
    pub task_id: String,
    /// Position among the problem's samples, from 0.
    pub sample: u32,
    /// How it ended.
    pub verdict: Verdict,
    /// Whether it counts as correct.
    pub passed: bool,
    /// ENAMEL's e: 1 equals the reference; may exceed 1.
    pub efficiency: f64,
    /// Net fuel over the cases it finished, in units.
    pub net_fuel: u64,
    /// Fuel of the sample divided by fuel of the reference.
    pub cost_ratio: Option<f64>,
    /// What went wrong, in one sentence. Hostile text.
    pub message: Option<String>,
}

/// How a benchmark ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationSummary {
    /// Such as `pass@1` and `eff@1`, in the report's order.
    pub metrics: Vec<Metric>,
    /// Sentences a reader of the figures must know.
    pub notices: Vec<String>,
    /// Whether every sample was reached; false after Stop.
    pub complete: bool,
    /// Wall-clock time, in milliseconds.
    pub wall_ms: f64,
    /// The stable report, for export.
    pub report_json: String,
    /// The table, for export.
    pub csv: String,
    /// The same for a document, for export.
    pub markdown: String,
}

/// A figure with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Such as `eff@1`.
    pub name: String,
    /// Its value; absent where it cannot be computed.
    pub value: Option<f64>,
}
