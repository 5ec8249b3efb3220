//! `frugal report stability`.

use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use frugal_flow::agreement::{Call, StabilityInput, stability_report};
use frugal_fuel::Outcome;
use frugal_host::CancelToken;
use frugal_report::{StabilityReport, Timing, Unmeasured, stability_table};

use super::points::{Ground, name};
use super::{Common, finish};
use crate::failure::Failure;
use crate::scatter::Scatter;
use crate::time;

/// Arguments of `frugal report stability`.
#[derive(Args)]
pub(super) struct StabilityArgs {
    #[command(flatten)]
    common: Common,
    /// Runs of each call, each in a fresh instance, one after the other so that none disturbs another's time
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=10_000))]
    runs: u32,
}

pub(super) fn run(args: &StabilityArgs) -> Result<ExitCode, Failure> {
    let ground = Ground::open(&args.common, 1)?;
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let (mut calls, mut unmeasured) = (Vec::new(), Vec::new());
    for point in &ground.set.points {
        let name = name(point);
        match repeated(&ground, point, args.runs) {
            Ok((net_fuel, wall_ms)) => calls.push(Call { name, net_fuel, wall_ms }),
            Err(reason) => unmeasured.push(Unmeasured { name, reason }),
        }
    }
    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let missing = unmeasured.len();
    let report = stability_report(StabilityInput {
        set: ground.set_name.clone(),
        runs: args.runs,
        calls,
        unmeasured,
        limits: ground.limits,
        source: ground.source(),
        timing: Timing { started_utc, finished_utc: time::now_utc(), wall_ms },
    })
    .map_err(|error| Failure::usage(format!("no report can be made: {error}")))?;
    plot(&args.common, &report)?;
    finish(&args.common, report.to_json().map_err(Failure::infrastructure)?, stability_table(&report), missing)
}

/// Net fuel and time of every run of a call. The error is a sentence.
fn repeated(
    ground: &Ground,
    point: &frugal_bench::suite::frugal::Point,
    runs: u32,
) -> Result<(Vec<u64>, Vec<f64>), String> {
    let call = ground.call(point)?;
    let (mut net_fuel, mut wall_ms) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let ran = ground.runner.run_timed(&call.job, &ground.limits, &CancelToken::new());
        match ran.map_err(|error| error.to_string())? {
            (measured, Some(time)) if measured.outcome == Outcome::Finished => {
                net_fuel.push(measured.fuel.net());
                wall_ms.push(time.as_secs_f64() * 1_000.0);
            }
            (measured, _) => return Err(measured.outcome.name().to_owned()),
        }
    }
    Ok((net_fuel, wall_ms))
}

fn plot(common: &Common, report: &StabilityReport) -> Result<(), Failure> {
    let Some(path) = &common.plot else { return Ok(()) };
    let points: Vec<_> = report.calls.iter().map(|call| (call.wall_ms_mean, call.fuel_mean)).collect();
    let title = format!("Fuel and time of {} calls, Pearson {:.3}", points.len(), report.pearson.estimate);
    let plot = Scatter { title: &title, x_label: "wall time, ms", y_label: "net fuel, units", points: &points };
    plot.write(path)
}
