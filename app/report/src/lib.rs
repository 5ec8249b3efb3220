//! The one stable result format of Frugal, and its rendering.
//!
//! [`RunReport`] is one run, [`EvaluationReport`] one benchmark, [`ComparisonReport`] samples beside references.
//! All carry a `schema` string with a
//! version; readers refuse a version they do not know. Units stand in field names. Fuel is
//! [`FuelUnits`], a decimal string in JSON, because a JSON number loses units above 2^53.
//!
//! Nothing here runs or measures anything: `app/flow` converts outcomes into these types.

mod cluster_agreement;
mod comparison;
mod curation;
mod estimate;
mod evaluation;
mod fuel_units;
mod optimization;
mod profile;
mod provenance;
mod render;
mod run;
mod stability;
mod stress;
mod synthesis;
mod text;
mod training;
mod validity;
mod writers;

pub use cluster_agreement::{CLUSTER_AGREEMENT_SCHEMA, ClusterAgreement, ClusterAgreementReport, Distribution};
pub use comparison::{
    AlignedReport, COMPARISON_SCHEMA, ComparedProblem, ComparedReference, ComparedSample, ComparisonOptions,
    ComparisonReport, CostPairReport, ModelReport,
};
pub use curation::{CURATION_SCHEMA, CuratedTask, CurationReport, GeneratorReport, NamedRejection, ReferenceReport};
pub use estimate::Estimate;
pub use evaluation::{
    CaseFuel, CasePlace, Coverage, EVALUATION_SCHEMA, EvaluationOptions, EvaluationReport, ProblemReport,
    ProblemStatus, SampleReport, Timing, Verdict,
};
pub use fuel_units::{FuelUnits, ParseFuelError};
pub use optimization::{
    CandidateReport, MeasuredReport, OPTIMIZATION_SCHEMA, OptimizationOptions, OptimizationReport, OptimizedProblem,
    SyntheticTest, TestVerdict, TokensReport, Totals, TraceStep,
};
pub use profile::{CallFuel, FunctionFuel, LineFuel, ProfileReport, SignedFuel};
pub use provenance::{GuestProvenance, LimitsReport, Provenance};
pub use render::{
    RenderError, cluster_agreement_table, comparison_csv, comparison_markdown, comparison_table, curation_table,
    evaluation_csv, evaluation_markdown, evaluation_table, model_pairs_csv, optimization_table, profile_text, run_text,
    speedscope, stability_table, stress_table, stress_trace_text, synthesis_table, synthesis_trace_text, trace_text,
    validity_table, writers_table,
};
pub use run::{ErrorReport, OutcomeKind, RUN_SCHEMA, RunReport, ValueReport};
pub use stability::{STABILITY_SCHEMA, StabilityCall, StabilityReport, Unmeasured};
pub use stress::{
    ContractReport, InputVerdict, STRESS_SCHEMA, StressInput, StressOptions, StressProblem, StressReport, StressTotals,
};
pub use synthesis::{SYNTHESIS_SCHEMA, SynthesisReport, SynthesisTask, SynthesisTotals, SynthesisedGenerator};
pub use text::printable;
pub use training::{
    Convention, NamedMetric, TRAINING_SCHEMA, TrainingEvaluation, TrainingEvent, TrainingManifest, TrainingStep,
};
pub use validity::{Correlation, NativeProvenance, VALIDITY_SCHEMA, ValidityPoint, ValidityReport};
pub use writers::{WRITERS_SCHEMA, WriterReport, WriterTask, WritersReport};

/// A report that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, or not of this shape.
    #[error("not a Frugal report: {0}")]
    Json(#[from] serde_json::Error),
    /// Another kind or version of report.
    #[error(
        "this is a report of schema `{found}`, but `{expected}` is needed; use the version of frugal that wrote it"
    )]
    Schema {
        /// What the file says.
        found: String,
        /// What this version reads.
        expected: &'static str,
    },
}

#[cfg(any(feature = "reader", test))]
fn read<'a, T: serde::Deserialize<'a>>(json: &'a str, expected: &'static str) -> Result<T, ReadError> {
    #[derive(serde::Deserialize)]
    struct Header {
        schema: String,
    }
    let header: Header = serde_json::from_str(json)?;
    if header.schema != expected {
        return Err(ReadError::Schema { found: header.schema, expected });
    }
    Ok(serde_json::from_str(json)?)
}

#[cfg(test)]
mod tests;
