//! Stressful tests that a model wrote, with the contracts that they were held to.

use serde::{Deserialize, Serialize};

use crate::{FuelUnits, LimitsReport, ProblemStatus, Provenance, ReadError, Timing, TokensReport, TraceStep};

/// Schema of [`StressReport`].
pub const STRESS_SCHEMA: &str = "frugal.stress/1";

/// What a model wrote for a set of problems, and what of it was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StressReport {
    /// [`STRESS_SCHEMA`].
    pub schema: String,
    /// Address of the endpoint, without key and query.
    pub endpoint: String,
    /// Name of the model.
    pub model: String,
    /// What was asked for.
    pub options: StressOptions,
    /// Sums over all problems.
    pub totals: StressTotals,
    /// True when it was stopped before its end.
    pub interrupted: bool,
    /// Things the reader must know, one sentence each.
    pub notices: Vec<String>,
    /// In the order asked for.
    pub problems: Vec<StressProblem>,
    /// Where the fuel comes from.
    pub provenance: Provenance,
    /// The edge's clock.
    pub timing: Timing,
}

impl StressReport {
    /// Reads a report written by [`StressReport::to_json`].
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, STRESS_SCHEMA)
    }

    /// The report as indented JSON, fields in a fixed order.
    ///
    /// # Errors
    /// [`ReadError::Json`] when it cannot be written.
    pub fn to_json(&self) -> Result<String, ReadError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

/// Parameters of the two phases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StressOptions {
    /// Contracts after which no more are asked for; 0 leaves the first phase out.
    pub contracts: u32,
    /// Most questions for contracts.
    pub contract_tries: u32,
    /// Inputs after which no more are asked for.
    pub inputs: u32,
    /// Most inputs looked at.
    pub input_tries: u32,
    /// Costliest inputs that become tests.
    pub published: u32,
    /// Randomness of answers; absent where the endpoint chose.
    pub temperature: Option<f64>,
    /// Most tokens of one problem, both ways.
    pub tokens_max: Option<u64>,
    /// Decides which inputs are shown as examples.
    pub seed: u32,
    /// Of one run.
    pub limits: LimitsReport,
}

/// Sums over problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StressTotals {
    /// Problems asked for.
    pub problems_total: u32,
    /// Problems that came to their end.
    pub problems: u32,
    /// Problems whose machinery, endpoint or reference failed.
    pub infrastructure_failures: u32,
    /// Contracts that the model wrote.
    pub contracts_proposed: u32,
    /// Contracts kept.
    pub contracts_kept: u32,
    /// Inputs that the model wrote.
    pub inputs_proposed: u32,
    /// Inputs kept.
    pub inputs_kept: u32,
    /// Inputs that became tests.
    pub inputs_published: u32,
    /// Tokens and requests.
    pub tokens: TokensReport,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StressProblem {
    /// Such as `HumanEval/113`.
    pub task_id: String,
    /// The text that models are given, by which COFFE keys its files.
    pub prompt: String,
    /// Whether it came to its end.
    pub status: ProblemStatus,
    /// Why not, in one sentence. Hostile text.
    pub message: Option<String>,
    /// True when some question was not asked for want of tokens or time.
    pub is_short_of_budget: bool,
    /// In the order written.
    pub contracts: Vec<ContractReport>,
    /// In the order written.
    pub inputs: Vec<StressInput>,
    /// Every question and answer, in order.
    pub trace: Vec<TraceStep>,
}

impl StressProblem {
    /// Expressions that became tests, the costliest first.
    pub fn published(&self) -> Vec<&str> {
        let mut published: Vec<&StressInput> = self.inputs.iter().filter(|input| input.is_published).collect();
        published.sort_by_key(|input| std::cmp::Reverse(input.net_fuel.map(|fuel| fuel.0)));
        published.into_iter().map(|input| input.expression.as_str()).collect()
    }
}

/// A contract that the model wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractReport {
    /// One assertion. Hostile text.
    pub text: String,
    /// Whether it holds on every known test.
    pub is_kept: bool,
    /// Why it was not kept. Hostile text.
    pub reason: Option<String>,
}

/// An input that the model wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StressInput {
    /// A Python expression for the list of all arguments. Hostile text.
    pub expression: String,
    /// What became of it.
    pub verdict: InputVerdict,
    /// More about that. Hostile text.
    pub reason: Option<String>,
    /// Net fuel of the reference, in units, where it finished.
    pub net_fuel: Option<FuelUnits>,
    /// Whether it is among the costliest.
    pub is_published: bool,
}

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputVerdict {
    /// The reference takes it.
    Kept,
    /// It makes no list of arguments within the limits.
    Unusable,
    /// It is there already.
    Known,
    /// It breaks a contract.
    BreaksContract,
    /// The reference does not finish on it.
    ReferenceFailed,
}

impl InputVerdict {
    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Unusable => "unusable",
            Self::Known => "known",
            Self::BreaksContract => "breaks_contract",
            Self::ReferenceFailed => "reference_failed",
        }
    }
}
