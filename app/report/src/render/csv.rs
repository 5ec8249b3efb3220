//! One row per sample, for spreadsheets.

use super::{RenderError, place, samples, worst_by_level};
use crate::text::printable;
use crate::{EvaluationReport, FuelUnits};

/// The evaluation as RFC 4180 CSV with a header, one row per sample. Fuel is in units, all digits kept.
///
/// Text that a spreadsheet would take for a formula is preceded by an apostrophe.
///
/// # Errors
/// [`RenderError`] when the writer fails.
pub fn evaluation_csv(report: &EvaluationReport) -> Result<String, RenderError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let levels = report.options.hardness.len();
    let mut header: Vec<String> =
        ["task_id", "sample", "verdict", "passed", "efficiency", "cost_ratio", "limit_fuel"].map(String::from).into();
    header.extend((0..levels).map(|level| format!("level_{level}_score")));
    header.extend((0..levels).map(|level| format!("level_{level}_max_fuel")));
    header.extend((0..levels).map(|level| format!("level_{level}_reference_max_fuel")));
    header.extend(["where", "message", "source_sha256"].map(String::from));
    write(&mut writer, &header)?;
    for (problem, sample) in samples(report) {
        let fuel = worst_by_level(sample);
        let mut row = vec![
            text(&problem.task_id),
            sample.index.to_string(),
            sample.verdict.name().to_owned(),
            sample.passed.to_string(),
            sample.efficiency.to_string(),
            sample.cost_ratio.map_or_else(String::new, |ratio| ratio.to_string()),
            problem.limit_fuel.to_string(),
        ];
        row.extend((0..levels).map(|l| sample.level_scores.get(l).map_or_else(String::new, f64::to_string)));
        row.extend((0..levels).map(|l| fuel.get(l).map_or_else(String::new, FuelUnits::to_string)));
        row.extend((0..levels).map(|l| {
            problem
                .reference_fuel
                .get(l)
                .and_then(|cases| cases.iter().max())
                .map_or_else(String::new, FuelUnits::to_string)
        }));
        row.push(place(sample));
        row.push(text(sample.message.as_deref().unwrap_or_default()));
        row.push(sample.source_sha256.clone());
        write(&mut writer, &row)?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

pub(super) fn write(writer: &mut ::csv::Writer<Vec<u8>>, row: &[String]) -> Result<(), RenderError> {
    writer.write_record(row).map_err(|error| failed(&error))
}

pub(super) fn failed(error: &dyn std::fmt::Display) -> RenderError {
    RenderError { message: error.to_string() }
}

/// Spreadsheets execute cells that start so, whatever the quoting.
pub(super) fn text(cell: &str) -> String {
    let cell = printable(cell);
    if cell.starts_with(['=', '+', '-', '@', '\t', '\n']) { format!("'{cell}") } else { cell }
}
