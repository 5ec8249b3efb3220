//! A profile as plain text and for speedscope.

use std::fmt::Write as _;

use serde_json::json;

use crate::text::one_line;
use crate::{ProfileReport, ReadError, RunReport};

/// Rows of each table.
const ROWS: usize = 20;

/// The dearest functions and lines as aligned plain text; empty for a run without a profile.
pub fn profile_text(report: &RunReport) -> String {
    if let Some(reason) = &report.profile_refusal {
        return format!("profile    none: {}\n", one_line(reason, 2_000));
    }
    let Some(profile) = &report.profile else { return String::new() };
    let net = report.net_fuel.0;
    let mut page = format!("\n{:>16} {:>6} {:>16} {:>10}  function\n", "own fuel", "", "with calls", "calls");
    for function in profile.functions.iter().take(ROWS) {
        let _ = writeln!(
            page,
            "{:>16} {:>6} {:>16} {:>10}  {} (line {})",
            function.self_fuel.0,
            percent(function.self_fuel.0.into(), net),
            function.total_fuel.0,
            function.calls,
            one_line(&function.name, 80),
            function.line
        );
    }
    let _ = writeln!(page, "\n{:>16} {:>6} {:>16} {:>10}  line", "own fuel", "", "", "count");
    let mut lines: Vec<_> = profile.lines.iter().collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.self_fuel), line.line));
    for line in lines.into_iter().take(ROWS) {
        let fuel = line.self_fuel.0;
        let _ =
            writeln!(page, "{fuel:>16} {:>6} {:>16} {:>10}  {}", percent(fuel.into(), net), "", line.count, line.line);
    }
    let unattributed = profile.unattributed_fuel.0;
    let _ = writeln!(page, "{unattributed:>16} {:>6} {:>27}  unattributed", percent(unattributed, net), "");
    let _ = writeln!(page, "{net:>16} {:>34}  sum", "");
    page
}

#[allow(clippy::cast_precision_loss)] // for the eye
fn percent(part: i128, whole: u64) -> String {
    if whole == 0 { String::new() } else { format!("{:.1}%", 100.0 * part as f64 / whole as f64) }
}

/// The profile as a file for <https://www.speedscope.app>: one sample for each path of calls, weighed by its own
/// fuel, and one for what is unattributed where that is above 0.
///
/// # Errors
/// [`ReadError::Json`] when it cannot be written.
pub fn speedscope(profile: &ProfileReport, name: &str) -> Result<String, ReadError> {
    let mut frames: Vec<_> = profile
        .functions
        .iter()
        .map(|function| json!({"name": function.name, "file": "main.py", "line": function.line}))
        .collect();
    let mut samples: Vec<Vec<u32>> = Vec::new();
    let mut weights = Vec::new();
    for call in &profile.calls {
        let mut path = vec![call.function];
        let mut parent = call.parent;
        while let Some(caller) = parent.and_then(|index| profile.calls.get(index as usize)) {
            path.push(caller.function);
            parent = caller.parent;
        }
        path.reverse();
        samples.push(path);
        weights.push(i128::from(call.self_fuel.0));
    }
    if profile.unattributed_fuel.0 > 0 {
        samples.push(vec![u32::try_from(frames.len()).unwrap_or(u32::MAX)]);
        frames.push(json!({"name": "unattributed"}));
        weights.push(profile.unattributed_fuel.0);
    }
    let end: i128 = weights.iter().sum();
    let weights: Vec<_> = weights.into_iter().map(|weight| u64::try_from(weight).unwrap_or(u64::MAX)).collect();
    let file = json!({
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "shared": {"frames": frames},
        "profiles": [{
            "type": "sampled", "name": name, "unit": "none", "startValue": 0,
            "endValue": u64::try_from(end).unwrap_or(u64::MAX), "samples": samples, "weights": weights,
        }],
        "name": name, "activeProfileIndex": 0, "exporter": "frugal",
    });
    Ok(serde_json::to_string(&file)?)
}
