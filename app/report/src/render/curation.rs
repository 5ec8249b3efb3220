//! Curation and its cross-check as plain text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::text::one_line;
use crate::{ClusterAgreementReport, CurationReport};

/// How many pools became tasks, why the others did not, then a line for each.
pub fn curation_table(report: &CurationReport) -> String {
    let kept = report.tasks.iter().filter(|task| task.rejection.is_none()).count();
    let mut page = format!("tasks      {kept} of {} pools\n", report.tasks.len());
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for rejection in report.tasks.iter().filter_map(|task| task.rejection.as_ref()) {
        *names.entry(&rejection.name).or_default() += 1;
    }
    for (name, count) in names {
        let _ = writeln!(page, "rejected   {count} {}", one_line(name, 20));
    }
    for task in &report.tasks {
        let input = task.input.as_deref().unwrap_or("no input");
        let _ = write!(
            page,
            "{:<16} {:>4} solutions, {}",
            one_line(&task.task_id, 16),
            task.solutions.len(),
            one_line(input, 40)
        );
        match &task.rejection {
            Some(rejection) => {
                let _ = writeln!(
                    page,
                    "; rejected, {}: {}",
                    one_line(&rejection.name, 20),
                    one_line(&rejection.detail, 120)
                );
            }
            None => {
                let scores: Vec<String> = task.references.iter().map(|one| format!("{:.0}", one.score)).collect();
                let _ = writeln!(page, "; {} references, scores {}", task.references.len(), scores.join(" "));
            }
        }
    }
    page
}

/// The distribution of the correlations, then a line for each task.
pub fn cluster_agreement_table(report: &ClusterAgreementReport) -> String {
    let all = report.tasks.len() + report.not_rebuilt.len();
    let mut page = format!("tasks      {} of {all}\n", report.tasks.len());
    if let Some(found) = &report.distribution {
        let _ = writeln!(
            page,
            "spearman   median {:.3}, quartiles {:.3} and {:.3}, from {:.3} to {:.3}; mean {:.3}",
            found.median, found.lower_quartile, found.upper_quartile, found.least, found.most, found.mean
        );
        let _ = writeln!(
            page,
            "           {} below 0, {} at most -0.5, {} at most -0.8",
            found.negative, found.at_most_minus_half, found.at_most_minus_four_fifths
        );
    }
    for task in &report.tasks {
        let (id, input) = (one_line(&task.task_id, 16), one_line(&task.input, 40));
        let (solutions, unprofiled) = (task.solutions, task.unprofiled);
        let _ = writeln!(
            page,
            "{id:<16} {:>+7.3} {solutions:>5} solutions, {unprofiled} without fuel, {input}",
            task.spearman
        );
    }
    for one in &report.not_rebuilt {
        let _ = writeln!(page, "not rebuilt: {}: {}", one_line(&one.name, 16), one_line(&one.reason, 120));
    }
    page
}
