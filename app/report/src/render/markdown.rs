//! A summary to paste into a document.

use std::fmt::Write as _;

use super::{metrics, place, samples};
use crate::text::one_line;
use crate::{Coverage, EvaluationReport, Provenance};

/// The evaluation as Markdown: metrics, coverage, one row per sample, provenance.
pub fn evaluation_markdown(report: &EvaluationReport) -> String {
    let suite = cell(&report.suite);
    let mut page = format!("# {suite} evaluation\n\n| metric | value | 95 % interval |\n|---|---:|---:|\n");
    for (name, value) in metrics(report) {
        let interval = report.intervals.get(&name).map(interval_cell).unwrap_or_default();
        let _ = writeln!(page, "| {} | {value:.4} | {interval} |", cell(&name));
    }
    coverage_and_notices(&mut page, &report.coverage, &report.notices);
    page.push_str("\n| problem | sample | verdict | efficiency | cost against reference | where | message |\n");
    page.push_str("|---|---:|---|---:|---:|---|---|\n");
    for (problem, sample) in samples(report) {
        let ratio = sample.cost_ratio.map_or_else(String::new, |ratio| format!("{ratio:.3}"));
        let _ = writeln!(
            page,
            "| {} | {} | {} | {:.4} | {ratio} | {} | {} |",
            cell(&problem.task_id),
            sample.index,
            sample.verdict.name(),
            sample.efficiency,
            place(sample),
            cell(sample.message.as_deref().unwrap_or_default()),
        );
    }
    origin(&mut page, &report.provenance);
    page
}

pub(super) fn interval_cell([low, high]: &[f64; 2]) -> String {
    format!("{low:.4} to {high:.4}")
}

pub(super) fn coverage_and_notices(page: &mut String, coverage: &Coverage, notices: &[String]) {
    let _ = writeln!(
        page,
        "\n{} of {} problems, {} of {} samples, {} infrastructure failures{}.",
        coverage.problems,
        coverage.problems_total,
        coverage.samples,
        coverage.samples_total,
        coverage.infrastructure_failures,
        if coverage.interrupted { "; stopped before its end" } else { "" }
    );
    for notice in notices {
        let _ = writeln!(page, "\n> {}", cell(notice));
    }
}

/// Where the numbers come from.
pub(super) fn origin(page: &mut String, from: &Provenance) {
    let guest = from.guest.as_ref().map_or_else(String::new, |guest| format!(", {} {}", guest.version, guest.sha256));
    let _ = writeln!(
        page,
        "\nFrugal {}, {} ({} meter, {}){guest}. Key {}.",
        cell(&from.frugal_version),
        cell(&from.engine),
        cell(&from.meter),
        cell(&from.cost_table),
        cell(&from.key)
    );
}

/// One line without Markdown's or HTML's own characters.
pub(super) fn cell(text: &str) -> String {
    let mut safe = String::new();
    for c in one_line(text, 160).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '|' | '`' | '*' | '[' | ']' | '\\' => safe.extend(['\\', c]),
            _ => safe.push(c),
        }
    }
    safe
}
