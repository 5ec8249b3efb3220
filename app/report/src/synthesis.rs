//! Generators of inputs that a model wrote.

use serde::{Deserialize, Serialize};

use crate::{LimitsReport, ProblemStatus, Provenance, ReadError, Timing, TokensReport, TraceStep};

/// Schema of [`SynthesisReport`].
pub const SYNTHESIS_SCHEMA: &str = "frugal.synthesis/1";

/// What a model wrote for a set of tasks, and what of it was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SynthesisReport {
    /// [`SYNTHESIS_SCHEMA`].
    pub schema: String,
    /// Address of the endpoint, without key and query.
    pub endpoint: String,
    /// Name of the model.
    pub model: String,
    /// Answers asked for, a task.
    pub samples: u32,
    /// Randomness of answers; absent where the endpoint chose.
    pub temperature: Option<f64>,
    /// Most tokens of one task, both ways.
    pub tokens_max: Option<u64>,
    /// Of one run of a generator.
    pub limits: LimitsReport,
    /// Sums over all tasks.
    pub totals: SynthesisTotals,
    /// True when it was stopped before its end.
    pub interrupted: bool,
    /// In the order asked for.
    pub tasks: Vec<SynthesisTask>,
    /// Where the guest comes from.
    pub provenance: Provenance,
    /// The edge's clock.
    pub timing: Timing,
}

impl SynthesisReport {
    /// Reads a report written by [`SynthesisReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, SYNTHESIS_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when it cannot be written.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

/// Sums over tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SynthesisTotals {
    /// Tasks asked for.
    pub tasks_total: u32,
    /// Tasks that came to their end.
    pub tasks: u32,
    /// Tasks whose machinery or endpoint failed.
    pub infrastructure_failures: u32,
    /// Answers that say that the cost of the task does not grow.
    pub constant_answers: u32,
    /// Distinct generators.
    pub generators: u32,
    /// Generators kept.
    pub generators_kept: u32,
    /// Tokens and requests.
    pub tokens: TokensReport,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SynthesisTask {
    /// Such as `HumanEval/9`.
    pub task_id: String,
    /// Whether it came to its end.
    pub status: ProblemStatus,
    /// Why not, in one sentence. Hostile text.
    pub message: Option<String>,
    /// True when some question was not asked for want of tokens or time.
    pub is_short_of_budget: bool,
    /// Answers that say that the cost of the task does not grow.
    pub constant_answers: u32,
    /// Distinct generators, in the order written.
    pub generators: Vec<SynthesisedGenerator>,
    /// Every question and answer, in order.
    pub trace: Vec<TraceStep>,
}

impl SynthesisTask {
    /// Sources of the generators that were kept.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.generators.iter().filter(|generator| generator.is_kept).map(|generator| generator.source.as_str())
    }
}

/// A generator that the model wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SynthesisedGenerator {
    /// Python that defines `perf_input_gen(scale)`. Hostile text.
    pub source: String,
    /// Whether it makes arguments at the smallest scale.
    pub is_kept: bool,
    /// Why it was not kept. Hostile text.
    pub reason: Option<String>,
}
