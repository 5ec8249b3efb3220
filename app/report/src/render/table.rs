//! Plain text for a terminal.

use std::fmt::Write as _;

use super::{metrics, place, samples};
use crate::text::{one_line, printable};
use crate::{Coverage, EvaluationReport, RunReport, Verdict};

/// The evaluation as aligned plain text: the metrics, then the samples that did not pass.
pub fn evaluation_table(report: &EvaluationReport) -> String {
    let mut page = String::new();
    for (name, value) in metrics(report) {
        let interval = report.intervals.get(&name).map(interval_text).unwrap_or_default();
        let _ = writeln!(page, "{name:<10} {value:.4}{interval}");
    }
    notices_and_coverage(&mut page, &report.notices, &report.coverage);
    for problem in report.problems.iter().filter(|problem| problem.message.is_some()) {
        let message = one_line(problem.message.as_deref().unwrap_or_default(), 120);
        let _ = writeln!(page, "{:<16} problem not evaluated: {message}", one_line(&problem.task_id, 16));
    }
    for (problem, sample) in samples(report).filter(|(_, sample)| sample.verdict != Verdict::Passed) {
        let _ = writeln!(
            page,
            "{:<16} {:>4} {:<22} {:<16} {}",
            one_line(&problem.task_id, 16),
            sample.index,
            sample.verdict.name(),
            place(sample),
            one_line(sample.message.as_deref().unwrap_or_default(), 100)
        );
    }
    page
}

/// What follows a metric that has an interval.
pub(super) fn interval_text([low, high]: &[f64; 2]) -> String {
    format!("  95 % interval {low:.4} to {high:.4}")
}

/// What stands behind the metrics.
pub(super) fn notices_and_coverage(page: &mut String, notices: &[String], coverage: &Coverage) {
    let _ = writeln!(
        page,
        "{:<10} {} of {} problems, {} of {} samples, {} infrastructure failures",
        "coverage",
        coverage.problems,
        coverage.problems_total,
        coverage.samples,
        coverage.samples_total,
        coverage.infrastructure_failures
    );
    for notice in notices {
        let _ = writeln!(page, "{:<10} {}", "notice", one_line(notice, 200));
    }
}

/// One run as plain text: outcome, fuel, value, and what to mend.
pub fn run_text(report: &RunReport) -> String {
    let mut page = format!("outcome    {}", report.outcome.name());
    if let Some(phase) = &report.phase {
        let _ = write!(page, " (in {phase})");
    }
    let bound = if report.fuel_is_lower_bound { "at least " } else { "" };
    let _ = write!(
        page,
        "\nnet fuel   {bound}{}\nraw fuel   {bound}{} (baseline {})\n",
        report.net_fuel, report.raw_fuel, report.baseline_fuel
    );
    if let Some(value) = &report.value {
        let _ = writeln!(page, "value      {}", one_line(&value.text, 2_000));
    }
    if let Some(trap) = &report.trap {
        let _ = writeln!(page, "trap       {trap}");
    }
    if let Some(error) = &report.error {
        let _ = writeln!(page, "error      {}: {}", one_line(&error.kind, 80), printable(&error.message));
        if !error.traceback.is_empty() {
            let _ = writeln!(page, "{}", printable(error.traceback.trim_end()));
        }
    }
    if let Some(reason) = &report.rejection {
        let _ = writeln!(page, "refused    {}", printable(reason));
    }
    page
}
