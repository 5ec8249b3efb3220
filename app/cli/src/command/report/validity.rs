//! `frugal report validity`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use frugal_bench::suite::frugal::Point;
use frugal_flow::agreement::{CountedPoint, Fixed, ValidityInput, validity_report};
use frugal_fuel::{Job, Outcome, Output, Runner};
use frugal_guests::{GuestReply, Tagged};
use frugal_report::{Timing, Unmeasured, ValidityReport, validity_table};

use super::points::{Ground, PointCall, name};
use super::{Common, finish};
use crate::failure::{Failure, say};
use crate::native::{Native, NativeCall};
use crate::parallel::parallel;
use crate::scatter::Scatter;
use crate::time;

/// Arguments of `frugal report validity`.
#[derive(Args)]
pub(super) struct ValidityArgs {
    #[command(flatten)]
    common: Common,
    /// The native interpreter; the nearer its version is to the guest's, the better the comparison
    #[arg(long, value_name = "FILE", default_value = "python3")]
    python: PathBuf,
    /// Points at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
}

pub(super) fn run(args: &ValidityArgs) -> Result<ExitCode, Failure> {
    let native = Native::find(&args.python)?;
    let ground = Ground::open(&args.common, usize::from(args.jobs))?;
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let (mut points, mut unmeasured) = (Vec::new(), Vec::new());
    for (point, counted) in ground.set.points.iter().zip(counts(&ground, &native, usize::from(args.jobs))) {
        match counted {
            Ok((net_fuel, native_instructions)) => {
                points.push(CountedPoint { point: point.clone(), net_fuel, native_instructions });
            }
            Err(reason) => unmeasured.push(Unmeasured { name: name(point), reason }),
        }
    }
    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let missing = unmeasured.len();
    let report = validity_report(ValidityInput {
        fixed: Fixed { rule: ground.set.rule.clone(), points_sha256: ground.set_sha256.clone() },
        points,
        unmeasured,
        native: native.provenance.clone(),
        limits: ground.machine.limits,
        source: ground.machine.source(&ground.set_sha256),
        timing: Timing { started_utc, finished_utc: time::now_utc(), wall_ms },
    })
    .map_err(|error| Failure::usage(format!("no report can be made: {error}")))?;
    plot(&args.common, &report)?;
    let code =
        finish(&args.common, report.to_json().map_err(Failure::infrastructure)?, validity_table(&report), missing)?;
    if report.pearson.is_met() && report.log_log_pearson.is_met() {
        return Ok(code);
    }
    say("a correlation lies below its floor");
    Ok(ExitCode::FAILURE)
}

/// Fuel and instructions of every point, in order.
fn counts(ground: &Ground, native: &Native, jobs: usize) -> Vec<Result<(u64, u64), String>> {
    let points: Vec<(usize, &Point)> = ground.set.points.iter().enumerate().collect();
    parallel(&points, jobs, |(at, point)| count(ground, native, *at, point))
}

fn count(ground: &Ground, native: &Native, at: usize, point: &Point) -> Result<(u64, u64), String> {
    let PointCall { problem, source, arguments, job } = ground.call(point)?;
    let machine = &ground.machine;
    let measured = machine.runner.run(&Job::Guest(job), &machine.limits).map_err(|error| error.to_string())?;
    let (Outcome::Finished, Output::Guest(reply)) = (&measured.outcome, &measured.output) else {
        return Err(measured.outcome.name().to_owned());
    };
    let expected = GuestReply::from_json(reply).map_err(|error| error.to_string())?.value.to_python();
    let call = NativeCall {
        source,
        entry: &problem.description.entry_point,
        arguments: &literal(&arguments)?,
        expected: &expected,
    };
    Ok((measured.fuel.net(), native.instructions(&format!("point-{at}"), &call)?))
}

/// Tagged JSON as a Python literal.
fn literal(tagged: &str) -> Result<String, String> {
    Tagged::from_json(tagged.as_bytes()).map(|value| value.to_python()).map_err(|error| error.to_string())
}

fn plot(common: &Common, report: &ValidityReport) -> Result<(), Failure> {
    let Some(path) = &common.plot else { return Ok(()) };
    let points: Vec<_> =
        report.points.iter().map(|point| (point.native_instructions.0 as f64, point.net_fuel.0 as f64)).collect();
    let found = report.log_log_pearson.found.estimate;
    let title = format!("Fuel and native instructions of {} calls, log-log Pearson {found:.4}", points.len());
    let plot = Scatter { title: &title, x_label: "native instructions", y_label: "net fuel, units", points: &points };
    plot.write(path)
}
