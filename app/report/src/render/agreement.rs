//! Stability and validity as plain text.

use std::fmt::Write as _;

use crate::text::one_line;
use crate::{Correlation, Estimate, StabilityReport, Unmeasured, ValidityReport};

/// The figures, then a line for each call.
pub fn stability_table(report: &StabilityReport) -> String {
    let mut page = format!(
        "calls      {} of {}, {} runs each\n",
        report.calls.len(),
        report.calls.len() + report.unmeasured.len(),
        report.runs
    );
    let relative = |page: &mut String, name: &str, trimmed: f64, whole: f64| {
        let (trimmed, whole) = (100.0 * trimmed, 100.0 * whole);
        let _ = writeln!(page, "{name:<10} {trimmed:.4} % relative standard deviation, {whole:.4} % with the extremes");
    };
    let whole = report.fuel_relative_standard_deviation_untrimmed;
    relative(&mut page, "fuel", report.fuel_relative_standard_deviation, whole);
    let whole = report.wall_relative_standard_deviation_untrimmed;
    relative(&mut page, "wall time", report.wall_relative_standard_deviation, whole);
    let _ = writeln!(page, "pearson    {}", estimate(&report.pearson));
    let _ = writeln!(page, "log-log    {}", estimate(&report.log_log_pearson));
    let _ = writeln!(page, "\n{:<48} {:>14} {:>8} {:>12} {:>8}", "call", "net fuel", "rsd %", "wall ms", "rsd %");
    for call in &report.calls {
        let percent = |deviation: f64, mean: f64| 100.0 * deviation / mean;
        let _ = writeln!(
            page,
            "{:<48} {:>14.0} {:>8.4} {:>12.3} {:>8.2}",
            one_line(&call.name, 48),
            call.fuel_mean,
            percent(call.fuel_standard_deviation, call.fuel_mean),
            call.wall_ms_mean,
            percent(call.wall_ms_standard_deviation, call.wall_ms_mean)
        );
    }
    unmeasured(&mut page, &report.unmeasured);
    page
}

/// The figures, the worst residuals, then a line for each point.
pub fn validity_table(report: &ValidityReport) -> String {
    let (measured, missing) = (report.points.len(), report.unmeasured.len());
    let mut page = format!("points     {measured} of {}\n", measured + missing);
    correlation(&mut page, "pearson", &report.pearson);
    correlation(&mut page, "log-log", &report.log_log_pearson);
    let _ = writeln!(page, "spearman   {}", estimate(&report.spearman));
    let _ = writeln!(
        page,
        "slope      {:.4}; {:.3} units an instruction; residuals of 2^{:.3}",
        report.log_log_slope, report.fuel_per_instruction, report.residual_standard_deviation
    );
    let native = &report.native;
    let _ = writeln!(page, "native     {}, {}, {}", native.interpreter, native.counter, native.platform);
    page.push_str("\nfarthest from the line\n");
    let line = |page: &mut String, at: usize| {
        let Some(point) = report.points.get(at) else { return };
        let name = format!("{}/{}, n = {}", point.problem, point.solution, point.size);
        let (fuel, native) = (point.net_fuel, point.native_instructions);
        let _ = writeln!(page, "{:<48} {fuel:>14} {native:>14} {:>+9.3}", one_line(&name, 48), point.residual);
    };
    report.worst.iter().for_each(|at| line(&mut page, *at));
    let _ = writeln!(page, "\n{:<48} {:>14} {:>14} {:>9}", "point", "net fuel", "instructions", "log2 off");
    (0..measured).for_each(|at| line(&mut page, at));
    unmeasured(&mut page, &report.unmeasured);
    page
}

fn correlation(page: &mut String, name: &str, correlation: &Correlation) {
    let said = if correlation.is_met() { "met" } else { "MISSED" };
    let (floor, goal) = (correlation.floor, correlation.goal);
    let _ = writeln!(page, "{name:<10} {}, floor {floor} {said}, goal {goal}", estimate(&correlation.found));
}

pub(super) fn estimate(estimate: &Estimate) -> String {
    let level_pct = 100.0 * estimate.level;
    let Estimate { estimate, low, high, .. } = estimate;
    format!("{estimate:.4} ({low:.4} to {high:.4} at {level_pct:.0} %)")
}

fn unmeasured(page: &mut String, list: &[Unmeasured]) {
    for one in list {
        let _ = writeln!(page, "not measured: {}: {}", one_line(&one.name, 60), one_line(&one.reason, 200));
    }
}
