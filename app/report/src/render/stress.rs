//! Stressful tests and how they came about, as plain text.

use std::fmt::Write as _;

use super::optimization::steps;
use crate::text::one_line;
use crate::{ProblemStatus, StressProblem, StressReport};

/// What was kept, and one line a problem, as aligned plain text.
pub fn stress_table(report: &StressReport) -> String {
    let totals = &report.totals;
    let mut page = String::new();
    let mut row = |name: &str, text: String| {
        let _ = writeln!(page, "{name:<22} {text}");
    };
    row("contracts", format!("{} kept of {}", totals.contracts_kept, totals.contracts_proposed));
    row("inputs", format!("{} kept of {}", totals.inputs_kept, totals.inputs_proposed));
    row("tests", totals.inputs_published.to_string());
    let mark = if totals.tokens.is_estimate { "~" } else { "" };
    let tokens = totals.tokens.prompt_tokens.saturating_add(totals.tokens.completion_tokens);
    row("tokens", format!("{mark}{tokens} in {} request(s)", totals.tokens.requests));
    row(
        "coverage",
        format!(
            "{} of {} problem(s), {} infrastructure failure(s)",
            totals.problems, totals.problems_total, totals.infrastructure_failures
        ),
    );
    for notice in &report.notices {
        row("notice", one_line(notice, 200));
    }
    for problem in &report.problems {
        let published = problem.published().len();
        let contracts = problem.contracts.iter().filter(|contract| contract.is_kept).count();
        let fuel = problem.inputs.iter().filter_map(|input| input.net_fuel).max();
        let fuel = fuel.map_or_else(String::new, |fuel| format!(", up to {fuel} units"));
        let text = match problem.status {
            ProblemStatus::Evaluated => format!("{contracts} contract(s), {published} test(s){fuel}"),
            ProblemStatus::Pending => "not finished".to_owned(),
            ProblemStatus::InfrastructureFailure => {
                format!("failed: {}", one_line(problem.message.as_deref().unwrap_or_default(), 160))
            }
        };
        row(&one_line(&problem.task_id, 22), text);
    }
    page
}

/// What was asked and answered about one problem, and what became of it, for a person to read.
pub fn stress_trace_text(problem: &StressProblem) -> String {
    let mut page = format!("==== {}\n", one_line(&problem.task_id, 80));
    steps(&mut page, &problem.trace);
    if !problem.contracts.is_empty() {
        page.push_str("\n---- contracts\n");
    }
    for contract in &problem.contracts {
        let mark = if contract.is_kept { '*' } else { ' ' };
        let reason = contract.reason.as_deref().map(|reason| format!("  ({})", one_line(reason, 160)));
        let _ = writeln!(page, "{mark} {}{}", one_line(&contract.text, 160), reason.unwrap_or_default());
    }
    if !problem.inputs.is_empty() {
        page.push_str("\n---- inputs\n");
    }
    for input in &problem.inputs {
        let mark = if input.is_published { '*' } else { ' ' };
        let fuel = input.net_fuel.map_or_else(|| "-".to_owned(), |fuel| fuel.to_string());
        let reason = input.reason.as_deref().map(|reason| format!("  ({})", one_line(reason, 160)));
        let (verdict, expression) = (input.verdict.name(), one_line(&input.expression, 120));
        let _ = writeln!(page, "{mark} {verdict:<16} {fuel:>14} {expression}{}", reason.unwrap_or_default());
    }
    page
}
