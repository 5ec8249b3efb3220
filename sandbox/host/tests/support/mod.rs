//! What every test of this package needs.
#![allow(dead_code, clippy::unwrap_used)] // each test binary uses its own part

use frugal_fuel::{Job, Limits, Measurement, Meter, ModuleJob, Outcome, Runner, Value};
use frugal_host::{Compilation, HostRunner};

pub(crate) fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

pub(crate) fn runner(meter: Meter) -> HostRunner {
    HostRunner::builder().meter(meter).compilation(Compilation::InProcess).build().unwrap()
}

pub(crate) fn job(text: &str, arguments: &[Value]) -> Job {
    Job::Module(ModuleJob { bytes: wat(text), export: "f".to_owned(), arguments: arguments.to_vec() })
}

/// Small limits: a test that meets one ends soon.
pub(crate) fn limits() -> Limits {
    Limits { fuel: 1_000_000_000, memory_bytes: 16 << 20, wall_ms: 20_000, ..Limits::default() }
}

#[track_caller]
pub(crate) fn run(runner: &HostRunner, text: &str, limits: &Limits) -> Measurement {
    let measurement = runner.run(&job(text, &[]), limits).unwrap();
    assert_eq!(measurement.fuel.lower_bound, measurement.outcome != Outcome::Finished);
    measurement
}
