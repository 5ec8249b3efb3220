//! From a pool of solutions to a task (differential performance evaluation, Liu et al., COLM 2024), with fuel for
//! instructions.
//!
//! [`curate`] is handed a function that runs jobs, and calls it in a fixed order: what becomes of a pool follows from
//! the pool, the options and the guest alone.

mod agreement;
mod input;
mod task;

use frugal_fuel::{Job, Limits, Measurement, RunError};
use frugal_guests::RequestError;
use frugal_score::ScoreError;
use frugal_score::dps::{BUILD_BASE, FilterOptions};

pub use agreement::{AgreementInput, PublishedSolution, TaskAgreement, cluster_agreement, cluster_agreement_report};
pub use task::{Curated, curate, curation_report};

/// Runs one job within limits.
pub type Run<'a> = dyn Fn(&Job, &Limits) -> Result<Measurement, RunError> + 'a;

/// What is asked of inputs and tasks. Defaults are the source's, where fuel allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurationOptions {
    /// Scales are 2, 4, ... up to two to the power of this.
    pub scale_exponent_max: u32,
    /// A longer input, as tagged JSON, ends the doubling.
    pub input_bytes_max: u64,
    /// Of each run. `fuel` stands for the source's 20 seconds: what needs more is too slow.
    pub limits: Limits,
    /// Whether the smaller scales are offered too, where a solution is too slow for the largest. The source offers the
    /// largest alone.
    pub smaller_scales: bool,
    /// The four filters.
    pub filter: FilterOptions,
    /// Base of the gap threshold when references are made; the filter has its own.
    pub build_base: f64,
}

impl Default for CurationOptions {
    /// Scales to 2^26, inputs to 64 MiB, 4,000 million units a run.
    fn default() -> Self {
        Self {
            scale_exponent_max: 26,
            input_bytes_max: 64 << 20,
            limits: Limits { fuel: 4_000_000_000, ..Limits::default() },
            smaller_scales: false,
            filter: FilterOptions::default(),
            build_base: BUILD_BASE,
        }
    }
}

/// Why nothing is known about a pool.
#[derive(Debug, thiserror::Error)]
pub enum CurationError {
    /// The machinery failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A source is too long, or a name is none.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Options that no score can be computed by.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

#[cfg(test)]
mod tests;
