//! Generators and how they came about, as plain text.

use std::fmt::Write as _;

use super::optimization::steps;
use crate::text::{one_line, printable};
use crate::{ProblemStatus, SynthesisReport, SynthesisTask};

/// What was kept, and one line a task, as aligned plain text.
pub fn synthesis_table(report: &SynthesisReport) -> String {
    let totals = &report.totals;
    let mut page = String::new();
    let mut row = |name: &str, text: String| {
        let _ = writeln!(page, "{name:<22} {text}");
    };
    row("generators", format!("{} kept of {}", totals.generators_kept, totals.generators));
    row("constant", format!("{} answer(s)", totals.constant_answers));
    let mark = if totals.tokens.is_estimate { "~" } else { "" };
    let tokens = totals.tokens.prompt_tokens.saturating_add(totals.tokens.completion_tokens);
    row("tokens", format!("{mark}{tokens} in {} request(s)", totals.tokens.requests));
    row(
        "coverage",
        format!(
            "{} of {} task(s), {} infrastructure failure(s)",
            totals.tasks, totals.tasks_total, totals.infrastructure_failures
        ),
    );
    for task in &report.tasks {
        let text = match task.status {
            ProblemStatus::Evaluated => {
                let short = if task.is_short_of_budget { ", short of tokens or time" } else { "" };
                let (kept, all, constant) = (task.kept().count(), task.generators.len(), task.constant_answers);
                format!("{kept} of {all} generator(s), {constant} constant answer(s){short}")
            }
            ProblemStatus::Pending => "not finished".to_owned(),
            ProblemStatus::InfrastructureFailure => {
                format!("failed: {}", one_line(task.message.as_deref().unwrap_or_default(), 160))
            }
        };
        row(&one_line(&task.task_id, 22), text);
    }
    page
}

/// What was asked and answered about one task, and what became of it, for a person to read.
pub fn synthesis_trace_text(task: &SynthesisTask) -> String {
    let mut page = format!("==== {}\n", one_line(&task.task_id, 80));
    steps(&mut page, &task.trace);
    for (generator, number) in task.generators.iter().zip(1..) {
        let end = match &generator.reason {
            None => "kept".to_owned(),
            Some(reason) => format!("dropped: {}", one_line(reason, 160)),
        };
        let _ = writeln!(page, "\n---- generator {number}: {end}\n{}", printable(generator.source.trim_end()));
    }
    page
}
