use std::fmt::Write;

use super::agreement::estimate;
use crate::WritersReport;
use crate::text::one_line;

/// The report for people.
pub fn writers_table(report: &WritersReport) -> String {
    let mut page = format!(
        "tasks      {} of the {} split, {} programs each at temperature {}, {} calls on inputs of size {}\ncommon     {} tasks \
         are solved by every model\n",
        report.tasks.len(),
        report.split,
        report.samples,
        report.temperature,
        report.calls,
        report.input_size,
        report.common_tasks,
    );
    let all = report.samples;
    for model in &report.models {
        let _ = writeln!(page, "\n{}", one_line(&model.name, 100));
        let _ = writeln!(page, "  solved   {} tasks", model.tasks_solved);
        for (name, value) in [
            ("pass@1".to_owned(), &model.pass_at_1),
            (format!("pass@{all}"), &model.pass_at_all),
            ("eff@1".to_owned(), &model.eff_at_1),
            (format!("eff@{all}"), &model.eff_at_all),
        ] {
            let _ = writeln!(page, "  {name:<8} {}", estimate(value));
        }
        let ratio = model.fuel_ratio.as_ref().map_or_else(|| "no common task".to_owned(), estimate);
        let _ = writeln!(page, "  fuel     {ratio} of the first model's, on common tasks");
    }
    page
}
