//! The benchmarks, one folder each.

pub mod coffe;
pub mod enamel;
pub mod evalperf;
pub mod frugal;
mod trusted;

pub use trusted::CaseVerdict;
