//! Stored results: read, checked and shown with nothing run.

use frugal_report::{
    COMPARISON_SCHEMA, ComparisonReport, EVALUATION_SCHEMA, EvaluationReport, OPTIMIZATION_SCHEMA, OptimizationReport,
    ReadError, Verdict,
};
use frugal_wire::{EvaluationSummary, InputFile, JobId, ToPage};
use serde::Deserialize;

use super::evaluate::Table;
use super::shown::{comparison_rows, comparison_summary, evaluation_summary, optimization_summary};
use super::slot::Failure;
use crate::scope::post;

/// What every report begins with.
#[derive(Deserialize)]
struct Header {
    schema: String,
}

/// Shows a stored result; its rows are posted first.
pub(super) fn open(id: JobId, file: &InputFile) -> Result<ToPage, Failure> {
    let refused = |message: String| Failure {
        message: format!("{}: {message}", file.name),
        hint: "Choose a result that `frugal eval --out`, `frugal optimize --out` or this page's Export JSON wrote."
            .to_owned(),
    };
    let unreadable = |error: ReadError| refused(error.to_string());
    let text = std::str::from_utf8(&file.bytes).map_err(|_| refused("not UTF-8 text".to_owned()))?;
    let header: Header = serde_json::from_str(text).map_err(|error| unreadable(error.into()))?;
    let summary = match header.schema.as_str() {
        EVALUATION_SCHEMA => evaluation(id, &EvaluationReport::from_json(text).map_err(unreadable)?)?,
        COMPARISON_SCHEMA => comparison(id, &ComparisonReport::from_json(text).map_err(unreadable)?)?,
        OPTIMIZATION_SCHEMA => optimization_summary(&OptimizationReport::from_json(text).map_err(unreadable)?)?,
        other => {
            return Err(refused(format!(
                "this is a report of schema `{other}`, but `{EVALUATION_SCHEMA}`, `{COMPARISON_SCHEMA}` or \
                 `{OPTIMIZATION_SCHEMA}` is needed"
            )));
        }
    };
    Ok(ToPage::EvaluationFinished { id, summary: Box::new(summary) })
}

fn evaluation(id: JobId, report: &EvaluationReport) -> Result<EvaluationSummary, Failure> {
    let mut table = Table::new(id);
    table.post_rest(report);
    let mut complete = !report.coverage.interrupted;
    for problem in &report.problems {
        for sample in &problem.samples {
            if sample.verdict == Verdict::Pending {
                complete = false;
            } else {
                table.post_row(&problem.task_id, sample);
            }
        }
    }
    evaluation_summary(report, complete)
}

fn comparison(id: JobId, report: &ComparisonReport) -> Result<EvaluationSummary, Failure> {
    for row in comparison_rows(report) {
        post(&ToPage::EvaluationRow { id, row });
    }
    comparison_summary(report)
}
