//! Whoever runs jobs for the server.

use frugal_fuel::{Job, Limits, Measurement, RunError, Runner};

use crate::Cancel;

/// A runner that can be asked to stop. The edge that builds the server brings it.
pub trait Compute: Runner + Send + Sync {
    /// Runs one job; returns [`RunError::Cancelled`] soon after `cancel` is set.
    ///
    /// # Errors
    /// As [`Runner::run`].
    fn run_until(&self, job: &Job, limits: &Limits, cancel: &Cancel) -> Result<Measurement, RunError>;
}
