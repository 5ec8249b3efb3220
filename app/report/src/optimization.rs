//! Programs that a model was led to improve, with everything that was said on the way.

use serde::{Deserialize, Serialize};

use crate::{FuelUnits, LimitsReport, ProblemStatus, Provenance, ReadError, Timing, Verdict};

/// Schema of [`OptimizationReport`].
pub const OPTIMIZATION_SCHEMA: &str = "frugal.optimization/1";

/// Programs found by a recipe, against what the same model writes when it is simply asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizationReport {
    /// [`OPTIMIZATION_SCHEMA`].
    pub schema: String,
    /// Address of the endpoint, without key and query.
    pub endpoint: String,
    /// Name of the model.
    pub model: String,
    /// What was asked for.
    pub options: OptimizationOptions,
    /// Of the recipe's programs.
    pub optimized: Totals,
    /// Of the programs that the model wrote when it was simply asked; absent where it was not.
    pub direct: Option<Totals>,
    /// Geometric mean over problems that both solve of direct fuel over optimized fuel: above 1 the recipe saves.
    pub fuel_gain: Option<f64>,
    /// Problems that `fuel_gain` is of.
    pub fuel_gain_problems: u32,
    /// Problems asked for.
    pub problems_total: u32,
    /// Problems whose machinery or endpoint failed: excluded from every metric, never a zero.
    pub infrastructure_failures: u32,
    /// True when it was stopped before its end.
    pub interrupted: bool,
    /// Things the reader must know, one sentence each.
    pub notices: Vec<String>,
    /// In the order asked for.
    pub problems: Vec<OptimizedProblem>,
    /// Where the fuel comes from.
    pub provenance: Provenance,
    /// The edge's clock.
    pub timing: Timing,
}

impl OptimizationReport {
    /// Reads a report written by [`OptimizationReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, OPTIMIZATION_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when it cannot be written.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

/// Parameters of a recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizationOptions {
    /// Name of the preset, such as `full`.
    pub preset: String,
    /// Stages that are switched on, in order.
    pub stages: Vec<String>,
    /// Randomness of answers; absent where the endpoint chose.
    pub temperature: Option<f64>,
    /// Most tokens of one problem, both ways.
    pub tokens_max: Option<u64>,
    /// Fuel limit as a multiple of the reference's worst case, from which a level scores 0.
    pub alpha: f64,
    /// Cases of each level.
    pub tests_per_level: Vec<u32>,
    /// Weight of each level.
    pub hardness: Vec<f64>,
    /// Seed of the hidden inputs.
    pub seed: u32,
    /// Of one run on a hidden input.
    pub limits: LimitsReport,
}

/// Figures over all evaluated problems.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Problems with hidden inputs that stand behind the metrics.
    pub problems: u32,
    /// Share of problems solved on hidden inputs; absent without such problems.
    pub pass_at_1: Option<f64>,
    /// Mean of ENAMEL's e on hidden inputs.
    pub eff_at_1: Option<f64>,
    /// Geometric mean over solved problems of fuel over the reference's fuel.
    pub cost_ratio: Option<f64>,
    /// Tokens and requests.
    pub tokens: TokensReport,
    /// Energy of the tokens, in joules, where what a token takes was told.
    pub joules: Option<f64>,
}

/// Tokens and requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokensReport {
    /// Requests made, failed ones included.
    pub requests: u64,
    /// Tokens sent.
    pub prompt_tokens: u64,
    /// Tokens received.
    pub completion_tokens: u64,
    /// True when the endpoint did not count some of them, and a fourth of their bytes stands in.
    pub is_estimate: bool,
}

impl TokensReport {
    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            completion_tokens: self.completion_tokens.saturating_add(other.completion_tokens),
            is_estimate: self.is_estimate || other.is_estimate,
        }
    }
}

/// One problem: what was found, how it measures, and how it came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizedProblem {
    /// Such as `rug_sizes`.
    pub task_id: String,
    /// Name of the function.
    pub entry_point: String,
    /// Whether it came to its end.
    pub status: ProblemStatus,
    /// Why not, in one sentence. Hostile text.
    pub message: Option<String>,
    /// Whether there are hidden inputs to measure programs on.
    pub has_hidden_inputs: bool,
    /// True when some question was not asked for want of tokens or time.
    pub is_short_of_budget: bool,
    /// The recipe's program and its measure; absent when it found none.
    pub optimized: Option<MeasuredReport>,
    /// What the model wrote when simply asked.
    pub direct: Option<MeasuredReport>,
    /// Tests that the model wrote.
    pub tests: Vec<SyntheticTest>,
    /// Large inputs that the model wrote, as Python expressions. Hostile text.
    pub large_inputs: Vec<String>,
    /// Programs that stood for choice, in the order they were written.
    pub candidates: Vec<CandidateReport>,
    /// Every question and answer, in order.
    pub trace: Vec<TraceStep>,
}

/// A program on hidden inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredReport {
    /// The program. Hostile text.
    pub code: String,
    /// How it ended; absent where the problem has no hidden inputs.
    pub verdict: Option<Verdict>,
    /// Whether it counts as correct.
    pub passed: bool,
    /// ENAMEL's e.
    pub efficiency: f64,
    /// Net fuel of cases in levels with weight, in units; a lower bound unless it passed.
    pub net_fuel: FuelUnits,
    /// The same of the reference.
    pub reference_fuel: FuelUnits,
    /// What went wrong, in one sentence. Hostile text.
    pub message: Option<String>,
}

/// A test that the model wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyntheticTest {
    /// Arguments in Python notation. Hostile text.
    pub arguments: String,
    /// The result that the model expects, in Python notation. Hostile text.
    pub expected: String,
    /// What became of it.
    pub verdict: TestVerdict,
}

/// What became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestVerdict {
    /// The best program passes it: nobody doubted it.
    Passed,
    /// The best program fails it, and the judge says that the test is right.
    Valid,
    /// The judge says that the test is wrong: dropped.
    Invalid,
    /// The judge says neither: it counts for the choice and drives no repair.
    Unknown,
    /// The best program ran out of its limits on it: dropped.
    TimedOut,
}

impl TestVerdict {
    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
            Self::TimedOut => "timed_out",
        }
    }

    /// Whether it counts when programs are compared.
    pub fn is_kept(self) -> bool {
        matches!(self, Self::Passed | Self::Valid | Self::Unknown)
    }
}

/// A program that stood for choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateReport {
    /// Such as `algorithm 2` or `algorithm 2, repaired`.
    pub name: String,
    /// The program. Hostile text.
    pub code: String,
    /// Kept tests that it passes.
    pub passes: u32,
    /// Tests kept.
    pub tests: u32,
    /// Large inputs that it finishes.
    pub large_finished: u32,
    /// Net fuel of the runs that it was compared by, in units: large inputs where there are any, else kept tests.
    pub net_fuel: FuelUnits,
    /// Whether it was chosen.
    pub is_chosen: bool,
}

/// One question and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceStep {
    /// Such as `formalise`.
    pub stage: String,
    /// Names the step within its problem, such as `implement 2, try 3`.
    pub name: String,
    /// What was asked.
    pub prompt: String,
    /// What the model said. Hostile text.
    pub reply: Option<String>,
    /// What the recipe made of it.
    pub verdict: String,
    /// What it took.
    pub tokens: TokensReport,
    /// Wall-clock time, in milliseconds.
    pub wall_ms: u64,
}
