//! Comparisons as plain text, CSV and Markdown.

use std::fmt::Write as _;

use super::RenderError;
use super::csv::{failed, text, write};
use super::markdown::{cell, coverage_and_notices, interval_cell, origin};
use super::table::{interval_text, notices_and_coverage};
use crate::text::one_line;
use crate::{ComparisonReport, CostPairReport};

/// A comparison as aligned plain text: for each model its metrics and failures by kind, then how models compare, then
/// the problems that could not be evaluated.
pub fn comparison_table(report: &ComparisonReport) -> String {
    let mut page = String::new();
    for model in &report.models {
        if report.models.len() > 1 {
            let _ = writeln!(page, "model {}", one_line(&model.name, 60));
        }
        for (name, value) in &model.metrics {
            let interval = model.intervals.get(name).map(interval_text).unwrap_or_default();
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
    for (row, column, pair) in cost_pairs(report) {
        let _ = writeln!(
            page,
            "{} against {}: cheaper on {} of {} common tasks, {} alike, cost ratio {:.4}",
            one_line(row, 40),
            one_line(column, 40),
            pair.wins,
            pair.common_tasks,
            pair.ties,
            pair.cost_ratio
        );
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

/// Names of row and column of every pair of models that solved a task together.
fn cost_pairs(report: &ComparisonReport) -> impl Iterator<Item = (&str, &str, &CostPairReport)> {
    report.models.iter().zip(&report.cost_pairs).flat_map(|(row, pairs)| {
        let named = report.models.iter().zip(pairs);
        named.filter_map(|(column, pair)| Some((row.name.as_str(), column.name.as_str(), pair.as_ref()?)))
    })
}

/// How models compare, as RFC 4180 CSV with a header, one row for each ordered pair of models that share a task; empty
/// below the header with fewer than two models. Cells of a mean DPS that does not exist are empty.
///
/// # Errors
/// [`RenderError`] when the writer fails.
pub fn model_pairs_csv(report: &ComparisonReport) -> Result<String, RenderError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let header = [
        "model",
        "opponent",
        "common_tasks",
        "wins",
        "ties",
        "win_rate",
        "cost_ratio",
        "dps",
        "opponent_dps",
        "dps_common_tasks",
    ];
    write(&mut writer, &header.map(String::from))?;
    for (row, model) in report.models.iter().enumerate() {
        for (column, opponent) in report.models.iter().enumerate() {
            let cost = report.cost_pairs.get(row).and_then(|pairs| pairs.get(column).copied().flatten());
            let dps = report.aligned_dps.get(row).and_then(|pairs| pairs.get(column).copied().flatten());
            if cost.is_none() && dps.is_none() {
                continue;
            }
            let of_cost = |get: fn(CostPairReport) -> String| cost.map(get).unwrap_or_default();
            write(
                &mut writer,
                &[
                    text(&model.name),
                    text(&opponent.name),
                    of_cost(|pair| pair.common_tasks.to_string()),
                    of_cost(|pair| pair.wins.to_string()),
                    of_cost(|pair| pair.ties.to_string()),
                    of_cost(|pair| pair.win_rate().to_string()),
                    of_cost(|pair| pair.cost_ratio.to_string()),
                    dps.map(|pair| pair.dps.to_string()).unwrap_or_default(),
                    dps.map(|pair| pair.opponent_dps.to_string()).unwrap_or_default(),
                    dps.map(|pair| pair.common_tasks.to_string()).unwrap_or_default(),
                ],
            )?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

/// A comparison as Markdown: each model's metrics with intervals, how models compare, coverage, one row per sample,
/// provenance.
pub fn comparison_markdown(report: &ComparisonReport) -> String {
    let suite = cell(&report.suite);
    let mut page = format!("# {suite} comparison\n\n| model | metric | value | 95 % interval |\n|---|---|---:|---:|\n");
    for model in &report.models {
        for (name, value) in &model.metrics {
            let interval = model.intervals.get(name).map(interval_cell).unwrap_or_default();
            let _ = writeln!(page, "| {} | {} | {value:.4} | {interval} |", cell(&model.name), cell(name));
        }
    }
    if cost_pairs(report).next().is_some() {
        page.push_str("\n| model | against | common tasks | cheaper on | alike | cost ratio |\n");
        page.push_str("|---|---|---:|---:|---:|---:|\n");
    }
    for (row, column, pair) in cost_pairs(report) {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {:.4} |",
            cell(row),
            cell(column),
            pair.common_tasks,
            pair.wins,
            pair.ties,
            pair.cost_ratio
        );
    }
    coverage_and_notices(&mut page, &report.coverage, &report.notices);
    page.push_str("\n| problem | model | sample | verdict | cost against fastest reference | where | message |\n");
    page.push_str("|---|---|---:|---|---:|---|---|\n");
    for problem in &report.problems {
        for sample in &problem.samples {
            let model = report.models.get(sample.model as usize).map_or("", |model| &model.name);
            let ratio = sample.cost_ratio.map_or_else(String::new, |ratio| format!("{ratio:.3}"));
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {ratio} | {} | {} |",
                cell(&problem.task_id),
                cell(model),
                sample.index,
                sample.verdict.name(),
                cell(sample.place.as_deref().unwrap_or_default()),
                cell(sample.message.as_deref().unwrap_or_default()),
            );
        }
    }
    origin(&mut page, &report.provenance);
    page
}

fn sum(fuel: impl Iterator<Item = u64>) -> String {
    fuel.map(u128::from).sum::<u128>().to_string()
}
