//! Published benchmarks, read from bytes: problems, samples, inputs and checkers.
//!
//! Nothing here runs code or opens files: a suite builds [`frugal_fuel::GuestJob`]s and reads their
//! replies. A sample's instance never holds the checker, the reference or an expected answer: only
//! the jobs of [`suite::enamel::Problem::check_job`] do, and they hold no sample.

mod error;
mod json;
mod lines;
pub mod samples;
pub mod suite;

pub use error::BenchError;
