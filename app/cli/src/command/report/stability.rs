//! `frugal report stability`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use frugal_bench::suite::coffe;
use frugal_flow::agreement::{Call, StabilityInput, stability_report};
use frugal_fuel::{GuestJob, Outcome};
use frugal_host::CancelToken;
use frugal_report::{StabilityReport, Timing, Unmeasured, stability_table};

use super::points::{Ground, Machine, name};
use super::{Common, finish};
use crate::failure::Failure;
use crate::scatter::Scatter;
use crate::{suite, time};

/// Arguments of `frugal report stability`.
#[derive(Args)]
pub(super) struct StabilityArgs {
    #[command(flatten)]
    common: Common,
    /// COFFE's folder `function`, in place of points: its ground truths on its stressful tests; --limit counts problems
    #[arg(long, value_name = "DIR", conflicts_with_all = ["problems", "points"])]
    coffe: Option<PathBuf>,
    /// Runs of each call, each in a fresh instance, one after the other so that none disturbs another's time
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=10_000))]
    runs: u32,
}

/// A call for people, and its job, or why there is none.
type Named = (String, Result<GuestJob, String>);

pub(super) fn run(args: &StabilityArgs) -> Result<ExitCode, Failure> {
    if let Some(folder) = &args.coffe {
        return of_coffe(args, folder);
    }
    let ground = Ground::open(&args.common, 1)?;
    let job = |point| ground.call(point).map(|call| call.job);
    let calls = ground.set.points.iter().map(|point| (name(point), job(point)));
    report(args, &ground.machine, (&ground.set_name, &ground.set_sha256), calls)
}

fn of_coffe(args: &StabilityArgs, folder: &Path) -> Result<ExitCode, Failure> {
    let (mut problems, sha256) = suite::coffe_functions(folder)?;
    problems.truncate(args.common.limit.unwrap_or(usize::MAX));
    let machine = Machine::open(&args.common, 1)?;
    let calls = problems.iter().flat_map(|problem| {
        let name = |test| format!("{}, stressful test {test}", problem.task_id);
        (0..problem.stressful_tests.len())
            .map(move |test| (name(test), test))
            .map(|(name, test)| (name, stressful(&machine, problem, test)))
    });
    report(args, &machine, (&folder.display().to_string(), &sha256), calls)
}

/// The ground truth's job on a stressful test. The error is a sentence.
fn stressful(machine: &Machine, problem: &coffe::Problem, test: usize) -> Result<GuestJob, String> {
    let job = problem.evaluate_job(&machine.guest, test).map_err(|error| error.to_string())?;
    let input = problem.stressful_arguments(&machine.reply(job)?).map_err(|error| error.to_string())?;
    problem.reference_job(&machine.guest, &problem.best_solution, &input).map_err(|error| error.to_string())
}

/// Runs calls taken from a set, with its name and digest, and reports.
fn report(
    args: &StabilityArgs,
    machine: &Machine,
    (set, set_sha256): (&str, &str),
    named: impl Iterator<Item = Named>,
) -> Result<ExitCode, Failure> {
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let (mut calls, mut unmeasured) = (Vec::new(), Vec::new());
    for (name, job) in named {
        match job.and_then(|job| repeated(machine, &job, args.runs)) {
            Ok((net_fuel, wall_ms)) => calls.push(Call { name, net_fuel, wall_ms }),
            Err(reason) => unmeasured.push(Unmeasured { name, reason }),
        }
    }
    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    // A published test whose ground truth fails is a finding; one of our own points is known to finish.
    let missing = if args.coffe.is_some() { 0 } else { unmeasured.len() };
    let report = stability_report(StabilityInput {
        set: set.to_owned(),
        runs: args.runs,
        calls,
        unmeasured,
        limits: machine.limits,
        source: machine.source(set_sha256),
        timing: Timing { started_utc, finished_utc: time::now_utc(), wall_ms },
    })
    .map_err(|error| Failure::usage(format!("no report can be made: {error}")))?;
    plot(&args.common, &report)?;
    finish(&args.common, report.to_json().map_err(Failure::infrastructure)?, stability_table(&report), missing)
}

/// Net fuel and time of every run of a call. The error is a sentence.
fn repeated(machine: &Machine, job: &GuestJob, runs: u32) -> Result<(Vec<u64>, Vec<f64>), String> {
    let (mut net_fuel, mut wall_ms) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let ran = machine.runner.run_timed(job, &machine.limits, &CancelToken::new());
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
