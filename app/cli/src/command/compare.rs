//! `frugal eval` of the suites that hold samples against references.

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use frugal_flow::Progress;
use frugal_flow::compare::{Comparison, Fact, Options, Suite};
use frugal_fuel::{Guest, Job, Language, Limits, Measurement, Meter, RunError, Runner};
use frugal_host::{CancelToken, HostRunner};
use frugal_jobs::{Keeper, compare};
use frugal_report::{ComparisonReport, Timing, comparison_table};
use indicatif::ProgressBar;

use super::eval::{EvalArgs, cancel_on_interrupt, ended, jobs, progress_bar};
use crate::failure::{Failure, print, say};
use crate::file::write_whole;
use crate::record::Record;
use crate::suite::Input;
use crate::{guests, runner, time};

/// Evaluates samples and prints the metrics.
pub(crate) fn run(args: &EvalArgs, suite: Suite, language: Language, input: Input) -> Result<ExitCode, Failure> {
    let jobs = jobs(args);
    let runner = runner::runner(Meter::Native, jobs)?;
    let folder = guests::folder(args.guests.as_deref())?;
    let python = guests::install(&runner, &folder, Language::Python)?;
    let guest = match language {
        Language::Python => python.clone(),
        other => guests::install(&runner, &folder, other)?,
    };
    let (tasks, digest) = (input.task_ids.as_slice(), input.problems_sha256.as_str());
    let mut comparison =
        Comparison::new(suite, (tasks, digest), input.samples, options(args), guest, runner.identity())
            .map_err(Failure::usage)?;
    let mut record = None;
    if let Some(out) = &args.out {
        let (opened, known) = Record::open(out, &mut comparison, args.resume)?;
        if known > 0 {
            say(format_args!("going on after {known} recorded results"));
        }
        record = Some(opened);
    }
    let cancel = cancel_on_interrupt()?;
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let Progress { done, total } = comparison.progress();
    let bar = progress_bar(done, total);
    let edge = Edge { runner: &runner, cancel: &cancel, bar: &bar, record: Mutex::new(record.as_mut()) };
    let driven = drive(&mut comparison, input.problems, &python, jobs, &edge);
    bar.finish_and_clear();
    driven?;
    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let timing = Timing { started_utc, finished_utc: time::now_utc(), wall_ms };
    let report = comparison.report(timing).map_err(Failure::infrastructure)?;
    finish(args, &report, record)
}

fn drive(
    comparison: &mut Comparison,
    problems: crate::suite::Problems,
    python: &Guest,
    jobs: usize,
    edge: &Edge<'_>,
) -> Result<(), Failure> {
    compare(comparison, problems, python, jobs, edge)
}

fn options(args: &EvalArgs) -> Options {
    let defaults = Options::default();
    Options {
        k: args.k.clone(),
        min_correct: args.min_correct.unwrap_or(defaults.min_correct),
        max_profile: args.max_profile.unwrap_or(defaults.max_profile),
        seed: args.seed.unwrap_or(defaults.seed),
        limits: args.limits.over(defaults.limits),
        problems_max: args.limit,
    }
}

/// Runs jobs on this machine, moves the bar, and keeps facts in the record beside `--out`.
struct Edge<'a> {
    runner: &'a HostRunner,
    cancel: &'a CancelToken,
    bar: &'a ProgressBar,
    record: Mutex<Option<&'a mut Record>>,
}

impl Keeper for Edge<'_> {
    type Failure = Failure;

    fn run(&self, job: &Job, limits: &Limits) -> Result<Measurement, RunError> {
        self.runner.run_cancellable(job, limits, self.cancel)
    }

    fn cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn keep(&self, fact: &Fact, progress: Progress) -> Result<(), Failure> {
        self.bar.set_position(progress.done);
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = record.as_mut().map_or(Ok(()), |record| record.append(std::slice::from_ref(fact)));
        kept.map_err(|error| {
            let hint = "mend that, then the same command with --resume goes on after what is recorded";
            Failure::infrastructure(format!("the record of results: {error}")).hint(hint)
        })
    }
}

fn finish(args: &EvalArgs, report: &ComparisonReport, record: Option<Record>) -> Result<ExitCode, Failure> {
    let json = report.to_json().map_err(Failure::infrastructure)? + "\n";
    if let Some(out) = &args.out {
        write_whole(out, &json, "running anything")?;
    }
    print(&if args.json { json } else { comparison_table(report) })?;
    ended(args, report.coverage, record)
}
