//! COFFE's stability report (Peng et al., FSE 2025), with fuel for its instructions.

use frugal_fuel::Limits;
use frugal_report::{FuelUnits, STABILITY_SCHEMA, StabilityCall, StabilityReport, Timing, Unmeasured};
use frugal_score::{
    ScoreError, Spread, cost_from_fuel, log_log_pearson, pearson, relative_standard_deviation, spread, trimmed_spread,
};

use super::{Source, correlated};
use crate::limits_report;

/// One call, with the figures of its runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Which call, for people.
    pub name: String,
    /// Net fuel of each run, in units.
    pub net_fuel: Vec<u64>,
    /// Wall-clock time of each run, in milliseconds.
    pub wall_ms: Vec<f64>,
}

/// What a stability report is made of.
#[derive(Debug, Clone)]
pub struct StabilityInput {
    /// What the calls were taken from, for people.
    pub set: String,
    /// Runs of each call.
    pub runs: u32,
    /// Calls that finished in every run.
    pub calls: Vec<Call>,
    /// The others.
    pub unmeasured: Vec<Unmeasured>,
    /// Limits of each run.
    pub limits: Limits,
    /// Where the fuel comes from.
    pub source: Source,
    /// The edge's clock.
    pub timing: Timing,
}

/// Makes the report. Correlations are of the means over runs, one largest and one smallest left out.
///
/// # Errors
/// [`ScoreError`] for fewer than two calls, fewer than four runs, and figures that are no costs.
pub fn stability_report(input: StabilityInput) -> Result<StabilityReport, ScoreError> {
    let mut calls = Vec::new();
    let (mut fuel, mut fuel_whole, mut wall, mut wall_whole) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for call in input.calls {
        let units = call.net_fuel.iter().map(|units| cost_from_fuel(*units)).collect::<Result<Vec<_>, _>>()?;
        let (fuel_spread, wall_spread) = (trimmed_spread(&units)?, trimmed_spread(&call.wall_ms)?);
        fuel.push(fuel_spread);
        fuel_whole.push(spread(&units)?);
        wall.push(wall_spread);
        wall_whole.push(spread(&call.wall_ms)?);
        calls.push(StabilityCall {
            name: call.name,
            net_fuel: call.net_fuel.into_iter().map(FuelUnits).collect(),
            wall_ms: call.wall_ms,
            fuel_mean: fuel_spread.mean,
            fuel_standard_deviation: fuel_spread.standard_deviation,
            wall_ms_mean: wall_spread.mean,
            wall_ms_standard_deviation: wall_spread.standard_deviation,
        });
    }
    let means = |spreads: &[Spread]| spreads.iter().map(|spread| spread.mean).collect::<Vec<_>>();
    let (fuel_means, wall_means) = (means(&fuel), means(&wall));
    Ok(StabilityReport {
        schema: STABILITY_SCHEMA.to_owned(),
        set: input.set,
        runs: input.runs,
        fuel_relative_standard_deviation: relative_standard_deviation(&fuel)?,
        fuel_relative_standard_deviation_untrimmed: relative_standard_deviation(&fuel_whole)?,
        wall_relative_standard_deviation: relative_standard_deviation(&wall)?,
        wall_relative_standard_deviation_untrimmed: relative_standard_deviation(&wall_whole)?,
        pearson: correlated(&fuel_means, &wall_means, pearson)?,
        log_log_pearson: correlated(&fuel_means, &wall_means, log_log_pearson)?,
        calls,
        unmeasured: input.unmeasured,
        limits: limits_report(&input.limits),
        provenance: input.source.provenance("frugal-stability-1"),
        timing: input.timing,
    })
}
