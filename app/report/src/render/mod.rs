//! Reports as Markdown, CSV and plain tables.

mod agreement;
mod comparison;
mod csv;
mod curation;
mod markdown;
mod optimization;
mod profile;
mod stress;
mod synthesis;
mod table;
mod writers;

pub use self::csv::evaluation_csv;
pub use agreement::{stability_table, validity_table};
pub use comparison::{comparison_csv, comparison_markdown, comparison_table, model_pairs_csv};
pub use curation::{cluster_agreement_table, curation_table};
pub use markdown::evaluation_markdown;
pub use optimization::{optimization_table, trace_text};
pub use profile::{profile_text, speedscope};
pub use stress::{stress_table, stress_trace_text};
pub use synthesis::{synthesis_table, synthesis_trace_text};
pub use table::{evaluation_table, run_text};
pub use writers::writers_table;

use crate::{EvaluationReport, FuelUnits, ProblemReport, SampleReport};

/// A report that could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error("the table could not be written: {message}")]
pub struct RenderError {
    /// What the writer said.
    pub message: String,
}

/// `pass@1 0.9577` in order of k, pass before eff.
fn metrics(report: &EvaluationReport) -> Vec<(String, f64)> {
    let mut rows: Vec<_> = report.metrics.iter().map(|(name, value)| (name.clone(), *value)).collect();
    let k = |name: &str| name.split_once('@').and_then(|(_, k)| k.parse::<u32>().ok()).unwrap_or(0);
    rows.sort_by(|(a, _), (b, _)| (k(a), !a.starts_with("pass")).cmp(&(k(b), !b.starts_with("pass"))).then(a.cmp(b)));
    rows
}

/// Every sample with its problem.
fn samples(report: &EvaluationReport) -> impl Iterator<Item = (&ProblemReport, &SampleReport)> {
    report.problems.iter().flat_map(|problem| problem.samples.iter().map(move |sample| (problem, sample)))
}

/// The dearest case of each level.
fn worst_by_level(sample: &SampleReport) -> Vec<FuelUnits> {
    sample.fuel.iter().map(|level| level.iter().map(|case| case.net_fuel).max().unwrap_or_default()).collect()
}

fn place(sample: &SampleReport) -> String {
    sample.place.map_or_else(String::new, |at| format!("level {} case {}", at.level, at.case))
}
