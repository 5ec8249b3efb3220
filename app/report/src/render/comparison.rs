//! Comparisons as plain text and CSV.

use std::fmt::Write as _;

use super::csv::{failed, text, write};
use super::{RenderError, table::notices_and_coverage};
use crate::ComparisonReport;
use crate::text::one_line;

/// A comparison as aligned plain text: for each model its metrics and failures by kind, then how models compare, then
/// the problems that could not be evaluated.
pub fn comparison_table(report: &ComparisonReport) -> String {
    let mut page = String::new();
    for model in &report.models {
        if report.models.len() > 1 {
            let _ = writeln!(page, "model {}", one_line(&model.name, 60));
        }
        for (name, value) in &model.metrics {
            let interval = model
                .intervals
                .get(name)
                .map_or_else(String::new, |[low, high]| format!("  95 % interval {low:.4} to {high:.4}"));
            let _ = writeln!(page, "{name:<28} {value:.4}{interval}");
        }
        for (kind, count) in &model.failures {
            let _ = writeln!(page, "{:<28} {count}", format!("failed: {}", one_line(kind, 60)));
        }
        if !model.skipped.is_empty() {
            let _ = writeln!(page, "{:<28} {}", "tasks without a score", one_line(&model.skipped.join(", "), 200));
        }
    }
    for (row, pairs) in report.models.iter().zip(&report.aligned_dps) {
        for (column, pair) in report.models.iter().zip(pairs) {
            if let Some(pair) = pair {
                let _ = writeln!(
                    page,
                    "{} against {}: DPS {:.1} against {:.1} on {} common tasks",
                    one_line(&row.name, 40),
                    one_line(&column.name, 40),
                    pair.dps,
                    pair.opponent_dps,
                    pair.common_tasks
                );
            }
        }
    }
    notices_and_coverage(&mut page, &report.notices, &report.coverage);
    for problem in &report.problems {
        if let Some(message) = &problem.message {
            let _ = writeln!(page, "{:<20} {}", one_line(&problem.task_id, 20), one_line(message, 140));
        }
    }
    page
}

/// A comparison as RFC 4180 CSV with a header, one row per sample.
///
/// # Errors
/// [`RenderError`] when the writer fails.
pub fn comparison_csv(report: &ComparisonReport) -> Result<String, RenderError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let header = [
        "task_id",
        "model",
        "sample",
        "verdict",
        "passed",
        "cost_ratio",
        "fuel",
        "reference_fuel",
        "scores",
        "failure",
        "where",
        "message",
        "source_sha256",
    ];
    write(&mut writer, &header.map(String::from))?;
    for problem in &report.problems {
        let reference = problem.references.last().map(|reference| sum(reference.fuel.iter().map(|fuel| fuel.0)));
        for sample in &problem.samples {
            let model = report.models.get(sample.model as usize).map_or("", |model| &model.name);
            let scores: Vec<String> = sample.scores.iter().map(|(name, value)| format!("{name}={value}")).collect();
            write(
                &mut writer,
                &[
                    text(&problem.task_id),
                    text(model),
                    sample.index.to_string(),
                    sample.verdict.name().to_owned(),
                    sample.passed.to_string(),
                    sample.cost_ratio.map_or_else(String::new, |ratio| ratio.to_string()),
                    sum(sample.fuel.iter().map(|case| case.net_fuel.0)),
                    reference.clone().unwrap_or_default(),
                    scores.join(" "),
                    text(sample.failure.as_deref().unwrap_or_default()),
                    text(sample.place.as_deref().unwrap_or_default()),
                    text(sample.message.as_deref().unwrap_or_default()),
                    sample.source_sha256.clone(),
                ],
            )?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

fn sum(fuel: impl Iterator<Item = u64>) -> String {
    fuel.map(u128::from).sum::<u128>().to_string()
}
