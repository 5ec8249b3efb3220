//! Problems become one report.

use frugal_report::{
    InputVerdict, ProblemStatus, Provenance, STRESS_SCHEMA, StressProblem, StressReport, StressTotals, Timing,
};

use super::Options;

/// The report of problems; `endpoint` is its address and the model's name.
pub fn fold(
    options: &Options,
    problems: Vec<StressProblem>,
    endpoint: (String, String),
    provenance: Provenance,
    timing: Timing,
) -> StressReport {
    let mut totals = StressTotals { problems_total: count(problems.len()), ..StressTotals::default() };
    let mut notices = Vec::new();
    for problem in &problems {
        totals.problems += u32::from(problem.status == ProblemStatus::Evaluated);
        totals.infrastructure_failures += u32::from(problem.status == ProblemStatus::InfrastructureFailure);
        totals.contracts_proposed += count(problem.contracts.len());
        totals.contracts_kept += count(problem.contracts.iter().filter(|contract| contract.is_kept).count());
        totals.inputs_proposed += count(problem.inputs.len());
        totals.inputs_kept += count(problem.inputs.iter().filter(|input| input.verdict == InputVerdict::Kept).count());
        totals.inputs_published += count(problem.published().len());
        totals.tokens = problem.trace.iter().fold(totals.tokens, |sum, step| sum.plus(step.tokens));
    }
    let short = problems.iter().filter(|problem| problem.is_short_of_budget).count();
    if short > 0 {
        notices
            .push(format!("{short} problem(s) ran out of their budget of tokens or time: fewer questions were asked"));
    }
    let is_bare =
        |problem: &&StressProblem| problem.status == ProblemStatus::Evaluated && problem.published().is_empty();
    let bare = problems.iter().filter(is_bare).count();
    if bare > 0 {
        notices.push(format!("{bare} problem(s) have no new test: the model wrote none that the reference takes"));
    }
    if totals.tokens.is_estimate {
        notices.push("the endpoint did not count all tokens: a fourth of the bytes stands in".to_owned());
    }
    StressReport {
        schema: STRESS_SCHEMA.to_owned(),
        endpoint: endpoint.0,
        model: endpoint.1,
        options: options.report(),
        totals,
        interrupted: problems.iter().any(|problem| problem.status == ProblemStatus::Pending),
        notices,
        problems,
        provenance,
        timing,
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX) // so many do not fit into memory
}
