use serde::{Deserialize, Serialize};

/// A statistic with its percentile bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The statistic of the data itself.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Confidence level of the interval, in (0, 1).
    pub level: f64,
    /// Resamples behind the interval.
    pub resamples: u32,
    /// Resamples on which the statistic has no value; the ends are those of the others.
    pub resamples_undefined: u32,
    /// Seed of the resampling.
    pub seed: u64,
}
