//! The benchmarks, one folder each.

pub mod coffe;
pub mod enamel;
pub mod evalperf;
