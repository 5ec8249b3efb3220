//! Fuel beside another measure of the same calls: time that varies, and instructions of a native processor.

mod stability;
mod validity;

use frugal_fuel::{Guest, RunnerIdentity};
use frugal_guests::ContentKey;
use frugal_report::{Estimate, GuestProvenance, Provenance};
use frugal_score::{Bootstrap, Interval};

use crate::FRUGAL_VERSION;

pub use stability::{Call, StabilityInput, stability_report};
pub use validity::{CountedPoint, Fixed, ValidityInput, validity_report};

/// Where a study's fuel comes from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Who counted.
    pub identity: RunnerIdentity,
    /// What interpreted.
    pub guest: Guest,
    /// SHA-256 of whatever chose the calls, hexadecimal.
    pub content_sha256: String,
}

impl Source {
    pub(crate) fn provenance(&self, purpose: &str) -> Provenance {
        let key = ContentKey::new(purpose)
            .part(FRUGAL_VERSION.as_bytes())
            .part(self.identity.cost_table.as_bytes())
            .part(self.guest.sha256.as_bytes())
            .part(self.content_sha256.as_bytes())
            .finish();
        Provenance {
            frugal_version: FRUGAL_VERSION.to_owned(),
            engine: self.identity.engine.clone(),
            meter: self.identity.meter.name().to_owned(),
            cost_table: self.identity.cost_table.to_owned(),
            guest: Some(GuestProvenance {
                language: self.guest.language.name().to_owned(),
                version: self.guest.version.clone(),
                sha256: self.guest.sha256.clone(),
            }),
            program_sha256: self.content_sha256.clone(),
            key,
        }
    }
}

pub(crate) fn estimate(interval: Interval, bootstrap: Bootstrap) -> Estimate {
    Estimate {
        estimate: interval.estimate,
        low: interval.low,
        high: interval.high,
        level: bootstrap.level,
        resamples: bootstrap.resamples,
        resamples_undefined: interval.undefined,
        seed: bootstrap.seed,
    }
}

/// A correlation of two lists with its interval over points.
fn correlated(
    x: &[f64],
    y: &[f64],
    statistic: fn(&[f64], &[f64]) -> Result<f64, frugal_score::ScoreError>,
) -> Result<Estimate, frugal_score::ScoreError> {
    let options = Bootstrap::default();
    let interval = frugal_score::bootstrap(x.len(), options, |drawn| {
        let of = |values: &[f64]| drawn.iter().map(|&at| values[at]).collect::<Vec<_>>();
        statistic(&of(x), &of(y))
    })?;
    Ok(estimate(interval, options))
}

#[cfg(test)]
mod tests;
