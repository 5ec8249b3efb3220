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
    /// Position of its model, from 0; 0 where there is one file of samples.
    pub model: u32,
    /// Name of its model, where several are compared.
    pub model_name: Option<String>,
    /// Position among the model's samples of the problem, from 0.
    pub sample: u32,
    /// How it ended.
    pub verdict: Verdict,
    /// Whether it counts as correct.
    pub passed: bool,
    /// The suite's score of a sample, such as ENAMEL's e or DPS; absent where it has none.
    pub score: Option<f64>,
    /// Net fuel over the cases it finished, in units.
    pub net_fuel: u64,
    /// Fuel of the sample divided by fuel of the reference, the fastest where there are several.
    pub cost_ratio: Option<f64>,
    /// What went wrong, in one sentence. Hostile text.
    pub message: Option<String>,
}

/// How a benchmark ended, or what a stored result holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationSummary {
    /// Such as `pass@1` and `eff@1`, in the report's order. Empty where several models have metrics of their own.
    pub metrics: Vec<Metric>,
    /// Why single cells cannot be measured again in a tab; empty where they can.
    pub again_refused: String,
    /// What [`EvaluationRow::score`] is called, such as `Efficiency`.
    pub score_name: String,
    /// Sentences a reader of the figures must know; the first says how far it came.
    pub notices: Vec<String>,
    /// Whether every sample was reached; false after Stop.
    pub complete: bool,
    /// Wall-clock time, in milliseconds.
    pub wall_ms: f64,
    /// The stable report, for export and for what is drawn of it.
    pub report_json: String,
    /// The same in other forms.
    pub exports: Vec<ExportFile>,
}

/// A file for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportFile {
    /// What it holds, such as `CSV`.
    pub title: String,
    /// Its name's ending, such as `csv`; no two of a result are the same.
    pub ending: String,
    /// Its content.
    pub text: String,
}

/// A figure with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Such as `eff@1`.
    pub name: String,
    /// Its value; absent where it cannot be computed.
    pub value: Option<f64>,
    /// Its 95 % interval by bootstrap over problems, where there is one.
    pub interval: Option<[f64; 2]>,
}
