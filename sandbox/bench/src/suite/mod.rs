//! The benchmarks, one file each.

pub mod enamel;
