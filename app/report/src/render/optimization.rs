//! Optimised programs and their traces as plain text.

use std::fmt::Write as _;

use crate::text::{one_line, printable};
use crate::{MeasuredReport, OptimizationReport, OptimizedProblem, ProblemStatus, Totals, TraceStep};

/// The comparison and one line a problem, as aligned plain text.
pub fn optimization_table(report: &OptimizationReport) -> String {
    let mut page = format!("{:<22} {:>12} {:>12}\n", "", "optimized", "direct");
    let mut row = |name: &str, figure: &dyn Fn(&Totals) -> String| {
        let direct = report.direct.as_ref().map_or_else(|| "-".to_owned(), figure);
        let _ = writeln!(page, "{name:<22} {:>12} {direct:>12}", figure(&report.optimized));
    };
    row("pass@1", &|totals| number(totals.pass_at_1));
    row("eff@1", &|totals| number(totals.eff_at_1));
    row("cost over reference", &|totals| number(totals.cost_ratio));
    row("tokens", &|totals| {
        let mark = if totals.tokens.is_estimate { "~" } else { "" };
        format!("{mark}{}", totals.tokens.prompt_tokens.saturating_add(totals.tokens.completion_tokens))
    });
    row("requests", &|totals| totals.tokens.requests.to_string());
    row("joules", &|totals| totals.joules.map_or_else(|| "unknown".to_owned(), |joules| format!("{joules:.1}")));
    let gain = report.fuel_gain.map_or_else(|| "-".to_owned(), |gain| format!("{gain:.3}"));
    let _ = writeln!(page, "{:<22} {gain:>12} on {} problem(s)", "fuel gain", report.fuel_gain_problems);
    let evaluated = report.problems.iter().filter(|problem| problem.status == ProblemStatus::Evaluated).count();
    let _ = writeln!(
        page,
        "{:<22} {evaluated} of {} problem(s), {} infrastructure failure(s)",
        "coverage", report.problems_total, report.infrastructure_failures
    );
    for notice in &report.notices {
        let _ = writeln!(page, "{:<22} {}", "notice", one_line(notice, 200));
    }
    for problem in &report.problems {
        let _ = writeln!(
            page,
            "{:<22} {:<34} {:<34}{}",
            one_line(&problem.task_id, 22),
            measured(problem.optimized.as_ref()),
            measured(problem.direct.as_ref()),
            problem.message.as_deref().map(|message| format!(" {}", one_line(message, 120))).unwrap_or_default()
        );
    }
    page
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
}

fn measured(program: Option<&MeasuredReport>) -> String {
    let Some(program) = program else { return "no program".to_owned() };
    match program.verdict {
        None => "not measured".to_owned(),
        Some(verdict) if program.passed => {
            format!("{} e {:.3} fuel {}", verdict.name(), program.efficiency, program.net_fuel)
        }
        Some(verdict) => verdict.name().to_owned(),
    }
}

/// What was asked and answered about one problem, for a person to read.
pub fn trace_text(problem: &OptimizedProblem) -> String {
    let mut page = format!("==== {} ({})\n", one_line(&problem.task_id, 80), one_line(&problem.entry_point, 80));
    steps(&mut page, &problem.trace);
    if !problem.tests.is_empty() {
        page.push_str("\n---- tests\n");
        for test in &problem.tests {
            let (arguments, expected) = (one_line(&test.arguments, 100), one_line(&test.expected, 60));
            let _ = writeln!(page, "{:<9} {arguments} -> {expected}", test.verdict.name());
        }
    }
    for input in &problem.large_inputs {
        let _ = writeln!(page, "{:<9} {}", "large", one_line(input, 160));
    }
    if !problem.candidates.is_empty() {
        page.push_str("\n---- candidates\n");
        for candidate in &problem.candidates {
            let _ = writeln!(
                page,
                "{} {:<28} passes {} of {}, large {}, fuel {}",
                if candidate.is_chosen { '*' } else { ' ' },
                one_line(&candidate.name, 28),
                candidate.passes,
                candidate.tests,
                candidate.large_finished,
                candidate.net_fuel
            );
        }
    }
    for (title, program) in [("optimized", &problem.optimized), ("direct", &problem.direct)] {
        let shown = measured(program.as_ref());
        let code = program.as_ref().map(|program| printable(program.code.trim_end())).unwrap_or_default();
        let _ = writeln!(page, "\n---- {title}: {shown}\n{code}");
    }
    page
}

/// Appends questions and answers.
pub(super) fn steps(page: &mut String, trace: &[TraceStep]) {
    for step in trace {
        let _ = writeln!(
            page,
            "\n---- {}: {}\n[prompt]\n{}\n[reply]\n{}\n[verdict] {} ({} + {} tokens, {} request(s))",
            step.stage,
            one_line(&step.name, 80),
            printable(step.prompt.trim_end()),
            printable(step.reply.as_deref().unwrap_or("none").trim_end()),
            printable(&step.verdict),
            step.tokens.prompt_tokens,
            step.tokens.completion_tokens,
            step.tokens.requests,
        );
    }
}
