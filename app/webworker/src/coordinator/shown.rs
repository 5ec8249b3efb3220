//! Reports as a page shows them.

use frugal_report::{
    CaseFuel, ComparisonReport, EvaluationReport, OptimizationReport, ReadError, RenderError, SampleReport, Timing,
    Totals, Verdict, comparison_csv, comparison_markdown, evaluation_csv, evaluation_markdown, model_pairs_csv,
    optimization_table, trace_text,
};
use frugal_wire::{EvaluationRow, EvaluationSummary, ExportFile, Metric};

use super::slot::Failure;

/// One sample of an evaluation.
pub(super) fn sample_row(task_id: &str, sample: &SampleReport) -> EvaluationRow {
    EvaluationRow {
        task_id: task_id.to_owned(),
        model: 0,
        model_name: None,
        sample: sample.index,
        verdict: sample.verdict,
        passed: sample.passed,
        score: Some(sample.efficiency),
        net_fuel: finished_fuel(sample.fuel.iter().flatten()),
        cost_ratio: sample.cost_ratio,
        message: sample.message.clone(),
    }
}

/// Sum over the cases that finished.
fn finished_fuel<'a>(cases: impl Iterator<Item = &'a CaseFuel>) -> u64 {
    cases.filter(|case| !case.is_lower_bound).fold(0, |sum, case| sum.saturating_add(case.net_fuel.0))
}

/// Scores and files of an evaluation.
pub(super) fn evaluation_summary(report: &EvaluationReport, complete: bool) -> Result<EvaluationSummary, Failure> {
    let metrics = report.metrics.iter().map(|(name, value)| Metric {
        name: name.clone(),
        value: Some(*value),
        interval: report.intervals.get(name).copied(),
    });
    let exports = vec![
        file("CSV", "csv", evaluation_csv(report).map_err(unwritten)?),
        file("Markdown", "md", evaluation_markdown(report)),
    ];
    let summary = summary("Efficiency", complete, &report.notices, &report.timing, report.to_json(), exports)?;
    Ok(EvaluationSummary { metrics: metrics.collect(), ..summary })
}

/// Every judged sample of a comparison.
pub(super) fn comparison_rows(report: &ComparisonReport) -> impl Iterator<Item = EvaluationRow> {
    let score_name = if report.suite == "coffe" { "efficient" } else { "dps" };
    let samples = report.problems.iter().flat_map(|problem| problem.samples.iter().map(move |one| (problem, one)));
    samples.filter(|(_, sample)| sample.verdict != Verdict::Pending).map(move |(problem, sample)| EvaluationRow {
        task_id: problem.task_id.clone(),
        model: sample.model,
        model_name: report.models.get(sample.model as usize).map(|model| model.name.clone()),
        sample: sample.index,
        verdict: sample.verdict,
        passed: sample.passed,
        score: sample.scores.get(score_name).copied(),
        net_fuel: finished_fuel(sample.fuel.iter()),
        cost_ratio: sample.cost_ratio,
        message: sample.message.clone().or_else(|| sample.failure.clone()),
    })
}

/// Scores and files of a comparison.
pub(super) fn comparison_summary(report: &ComparisonReport) -> Result<EvaluationSummary, Failure> {
    let mut exports = vec![
        file("CSV", "csv", comparison_csv(report).map_err(unwritten)?),
        file("Markdown", "md", comparison_markdown(report)),
    ];
    if report.models.len() > 1 {
        exports.push(file("models as CSV", "models.csv", model_pairs_csv(report).map_err(unwritten)?));
    }
    let score_name = if report.suite == "coffe" { "Efficient" } else { "DPS" };
    let complete = !report.coverage.interrupted;
    let summary = summary(score_name, complete, &report.notices, &report.timing, report.to_json(), exports)?;
    Ok(EvaluationSummary { again_refused: again_refused(&report.suite), ..summary })
}

/// Why this tab measures no cell of a comparison.
fn again_refused(suite: &str) -> String {
    let why = match suite {
        "coffe" => "COFFE's inputs are made and judged by a folder of test files, more than a page reads",
        "evalperf" => "EvalPerf's file of inputs has hundreds of megabytes, more than a page reads",
        _ => "a comparison is measured against folders of problems, which a page cannot read",
    };
    format!(
        "Cells of this result cannot be run here: {why}. `frugal eval --suite {suite}` measures them, and gives the same integers."
    )
}

/// Figures and trace of a recipe.
pub(super) fn optimization_summary(report: &OptimizationReport) -> Result<EvaluationSummary, Failure> {
    let trace: String = report.problems.iter().map(trace_text).collect();
    let exports = vec![file("text", "txt", optimization_table(report) + "\n" + &trace)];
    let complete = !report.interrupted;
    let summary = summary("", complete, &report.notices, &report.timing, report.to_json(), exports)?;
    let of = |name: &str, get: fn(&Totals) -> Option<f64>| {
        let direct = report.direct.as_ref().and_then(get);
        let metric = |name: String, value| Metric { name, value, interval: None };
        [metric(name.to_owned(), get(&report.optimized)), metric(format!("{name}, simply asked"), direct)]
    };
    let gain = Metric { name: "fuel gain".to_owned(), value: report.fuel_gain, interval: None };
    let metrics = of("pass@1", |totals| totals.pass_at_1).into_iter();
    let metrics = metrics.chain(of("eff@1", |totals| totals.eff_at_1)).chain([gain]);
    Ok(EvaluationSummary { metrics: metrics.collect(), ..summary })
}

fn summary(
    score_name: &str,
    complete: bool,
    notices: &[String],
    timing: &Timing,
    report_json: Result<String, ReadError>,
    exports: Vec<ExportFile>,
) -> Result<EvaluationSummary, Failure> {
    let reached = if complete { "Everything was judged." } else { "Stopped: the figures stand on what was judged." };
    let notices = std::iter::once(reached.to_owned()).chain(notices.iter().cloned()).collect();
    Ok(EvaluationSummary {
        metrics: Vec::new(),
        again_refused: String::new(),
        score_name: score_name.to_owned(),
        notices,
        complete,
        wall_ms: timing.wall_ms,
        report_json: report_json.map_err(|error| Failure::ours(error.to_string()))?,
        exports,
    })
}

fn file(title: &str, ending: &str, text: String) -> ExportFile {
    ExportFile { title: title.to_owned(), ending: ending.to_owned(), text }
}

#[expect(clippy::needless_pass_by_value, reason = "an error is handed over as `map_err` hands it")]
fn unwritten(error: RenderError) -> Failure {
    Failure::ours(error.to_string())
}
