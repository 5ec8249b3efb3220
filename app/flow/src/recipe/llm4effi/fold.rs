//! Problems become one report.

use frugal_report::{
    MeasuredReport, OPTIMIZATION_SCHEMA, OptimizationReport, OptimizedProblem, ProblemStatus, Provenance, Timing,
    TokensReport, Totals,
};

use super::Options;

/// The report of problems; whoever has clock and network adds where the answers came from.
pub fn fold(
    options: &Options,
    problems: Vec<OptimizedProblem>,
    endpoint: (String, String),
    provenance: Provenance,
    timing: Timing,
) -> OptimizationReport {
    let failed = problems.iter().filter(|problem| problem.status == ProblemStatus::InfrastructureFailure).count();
    let interrupted = problems.iter().any(|problem| problem.status == ProblemStatus::Pending);
    let (fuel_gain, fuel_gain_problems) = gain(&problems);
    let mut notices = Vec::new();
    let short = problems.iter().filter(|problem| problem.is_short_of_budget).count();
    if short > 0 {
        notices
            .push(format!("{short} problem(s) ran out of their budget of tokens or time: fewer questions were asked"));
    }
    if problems.iter().any(|problem| problem.trace.iter().any(|step| step.tokens.is_estimate)) {
        notices.push("the endpoint did not count all tokens: a fourth of the bytes stands in".to_owned());
    }
    let is_direct = |stage: &str| stage == "direct";
    let direct = options
        .compare
        .then(|| totals(options, &problems, |problem| problem.direct.as_ref(), |stage| is_direct(stage)));
    let is_plain = options.stages.start == super::Start::Plain;
    OptimizationReport {
        schema: OPTIMIZATION_SCHEMA.to_owned(),
        endpoint: endpoint.0,
        model: endpoint.1,
        options: options.report(),
        optimized: totals(
            options,
            &problems,
            |problem| problem.optimized.as_ref(),
            |stage| is_plain || !is_direct(stage),
        ),
        direct,
        fuel_gain,
        fuel_gain_problems,
        problems_total: count(problems.len()),
        infrastructure_failures: count(failed),
        interrupted,
        notices,
        problems,
        provenance,
        timing,
    }
}

fn totals(
    options: &Options,
    problems: &[OptimizedProblem],
    program: impl Fn(&OptimizedProblem) -> Option<&MeasuredReport>,
    is_counted: impl Fn(&str) -> bool,
) -> Totals {
    let mut totals = Totals::default();
    for step in problems.iter().flat_map(|problem| &problem.trace).filter(|step| is_counted(&step.stage)) {
        totals.tokens = totals.tokens.plus(step.tokens);
    }
    totals.joules = options.joules_per_token.map(|joules| {
        let TokensReport { prompt_tokens, completion_tokens, .. } = totals.tokens;
        joules.prompt * prompt_tokens as f64 + joules.completion * completion_tokens as f64
    });
    // A problem for which no program was found counts as failed.
    let is_measurable =
        |problem: &&OptimizedProblem| problem.status == ProblemStatus::Evaluated && problem.has_hidden_inputs;
    let measured: Vec<&OptimizedProblem> = problems.iter().filter(is_measurable).collect();
    if measured.is_empty() {
        return totals;
    }
    totals.problems = count(measured.len());
    let (mut passed, mut efficiency, mut logs) = (0_u32, 0.0, Vec::new());
    for program in measured.iter().filter_map(|problem| program(problem)) {
        passed += u32::from(program.passed);
        efficiency += program.efficiency;
        if is_whole(program) {
            logs.push((program.net_fuel.0 as f64).ln() - (program.reference_fuel.0 as f64).ln());
        }
    }
    totals.pass_at_1 = Some(f64::from(passed) / measured.len() as f64);
    totals.eff_at_1 = Some(efficiency / measured.len() as f64);
    totals.cost_ratio = mean_of_logs(&logs);
    totals
}

/// A program that finished every case, so that its fuel is no lower bound.
fn is_whole(program: &MeasuredReport) -> bool {
    program.verdict == Some(frugal_report::Verdict::Passed) && program.net_fuel.0 > 0 && program.reference_fuel.0 > 0
}

fn gain(problems: &[OptimizedProblem]) -> (Option<f64>, u32) {
    let both = problems.iter().filter_map(|problem| Some((problem.direct.as_ref()?, problem.optimized.as_ref()?)));
    let logs: Vec<f64> = both
        .filter(|(direct, optimized)| is_whole(direct) && is_whole(optimized))
        .map(|(direct, optimized)| (direct.net_fuel.0 as f64).ln() - (optimized.net_fuel.0 as f64).ln())
        .collect();
    (mean_of_logs(&logs), count(logs.len()))
}

/// The geometric mean, from logarithms.
fn mean_of_logs(logs: &[f64]) -> Option<f64> {
    (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX) // files are read into memory, so 2^32 items cannot be
}
