//! Fuel against native instructions.

use frugal_bench::suite::frugal::Point;
use frugal_fuel::Limits;
use frugal_report::{
    Correlation, FuelUnits, NativeProvenance, Timing, Unmeasured, VALIDITY_SCHEMA, ValidityPoint, ValidityReport,
};
use frugal_score::{ScoreError, cost_from_fuel, log_log_pearson, pearson, spearman};

use super::{Source, correlated};
use crate::limits_report;

/// What is asked of Pearson's correlation, and hoped for.
const PEARSON: (f64, f64) = (0.985, 0.99);
/// The same of that of logarithms.
const LOG_LOG_PEARSON: (f64, f64) = (0.995, 0.997);
/// Points named as farthest from the line.
const WORST: usize = 5;

/// One point with both counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedPoint {
    /// Which call.
    pub point: Point,
    /// Net fuel, in units.
    pub net_fuel: u64,
    /// Instructions of the same call in the native interpreter.
    pub native_instructions: u64,
}

/// What was fixed before measuring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The rule that chose the points.
    pub rule: String,
    /// SHA-256 of their file, hexadecimal.
    pub points_sha256: String,
}

/// What a validity report is made of.
#[derive(Debug, Clone)]
pub struct ValidityInput {
    /// How points were chosen.
    pub fixed: Fixed,
    /// Points with both counts.
    pub points: Vec<CountedPoint>,
    /// The others.
    pub unmeasured: Vec<Unmeasured>,
    /// What counted natively.
    pub native: NativeProvenance,
    /// Limits of each run.
    pub limits: Limits,
    /// Where the fuel comes from.
    pub source: Source,
    /// The edge's clock.
    pub timing: Timing,
}

/// Makes the report: correlations with intervals over points, and the least squares line of the logarithms.
///
/// # Errors
/// [`ScoreError`] for fewer than two points, for counts of 0, and where all counts are equal.
pub fn validity_report(input: ValidityInput) -> Result<ValidityReport, ScoreError> {
    let costs = |count: fn(&CountedPoint) -> u64| {
        input.points.iter().map(|point| cost_from_fuel(count(point))).collect::<Result<Vec<_>, _>>()
    };
    let (fuel, native) = (costs(|point| point.net_fuel)?, costs(|point| point.native_instructions)?);
    let correlation = |found, (floor, goal)| Correlation { found, floor, goal };
    let log_log = correlated(&native, &fuel, log_log_pearson)?;
    let line = Line::through(&native, &fuel);
    let points: Vec<ValidityPoint> = (input.points.iter().zip(&line.residuals))
        .map(|(counted, residual)| ValidityPoint {
            problem: counted.point.problem.clone(),
            solution: counted.point.solution.clone(),
            size: counted.point.size,
            seed: counted.point.seed,
            net_fuel: FuelUnits(counted.net_fuel),
            native_instructions: FuelUnits(counted.native_instructions),
            residual: *residual,
        })
        .collect();
    let mut worst: Vec<usize> = (0..points.len()).collect();
    worst.sort_by(|&a, &b| points[b].residual.abs().total_cmp(&points[a].residual.abs()));
    worst.truncate(WORST);
    Ok(ValidityReport {
        schema: VALIDITY_SCHEMA.to_owned(),
        rule: input.fixed.rule,
        points_sha256: input.fixed.points_sha256,
        pearson: correlation(correlated(&native, &fuel, pearson)?, PEARSON),
        log_log_pearson: correlation(log_log, LOG_LOG_PEARSON),
        spearman: correlated(&native, &fuel, spearman)?,
        log_log_slope: line.slope,
        fuel_per_instruction: line.mean_ratio,
        residual_standard_deviation: line.deviation,
        points,
        worst,
        unmeasured: input.unmeasured,
        native: input.native,
        limits: limits_report(&input.limits),
        provenance: input.source.provenance("frugal-validity-1"),
        timing: input.timing,
    })
}

/// The least squares line of log2 y over log2 x. Both are positive: the correlation has refused what is not.
struct Line {
    slope: f64,
    /// Geometric mean of y over x.
    mean_ratio: f64,
    residuals: Vec<f64>,
    /// Standard deviation of the residuals, with two degrees of freedom taken.
    deviation: f64,
}

impl Line {
    fn through(x: &[f64], y: &[f64]) -> Self {
        let logarithms = |values: &[f64]| values.iter().map(|value| value.log2()).collect::<Vec<_>>();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (x, y) = (logarithms(x), logarithms(y));
        let (x_mean, y_mean) = (mean(&x), mean(&y));
        let products = x.iter().zip(&y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum::<f64>();
        let slope = products / x.iter().map(|x| (x - x_mean).powi(2)).sum::<f64>();
        let residuals: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y - y_mean - slope * (x - x_mean)).collect();
        let freedom = residuals.len().saturating_sub(2).max(1) as f64;
        let deviation = (residuals.iter().map(|residual| residual * residual).sum::<f64>() / freedom).sqrt();
        Self { slope, mean_ratio: (y_mean - x_mean).exp2(), residuals, deviation }
    }
}
