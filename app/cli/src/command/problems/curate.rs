//! `frugal problems curate`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use frugal_bench::suite::evalperf::{Pool, parse_pools};
use frugal_flow::curation::{Curated, CurationError, CurationOptions, curate, curation_report};
use frugal_fuel::{Job, Language, Limits, Meter, Runner};
use frugal_guests::sha256_hex;
use frugal_report::{Timing, curation_table};
use frugal_score::dps::FilterOptions;

use crate::failure::{Failure, print, read, say};
use crate::limits::LimitArgs;
use crate::parallel::parallel;
use crate::{guests, runner, time};

/// Arguments of `frugal problems curate`.
#[derive(Args)]
pub(crate) struct CurateArgs {
    /// Pools, one JSON object a line: task_id, entry_point, canonical_solution, contract, generators, inputs, solutions
    #[arg(long, value_name = "FILE")]
    pools: PathBuf,
    /// File for the tasks, which `frugal eval --suite evalperf` reads
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// File for the report of what became of every pool, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Pools at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
    #[command(flatten)]
    rules: RuleArgs,
    /// Print the whole report as JSON
    #[arg(long)]
    json: bool,
    /// Folder of the language guests
    #[arg(long, value_name = "DIR")]
    guests: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitArgs,
}

/// What is asked of inputs and tasks.
#[derive(Args, Clone, Copy)]
pub(crate) struct RuleArgs {
    /// Scales are 2, 4, ... up to two to the power of this
    #[arg(long, value_name = "E", default_value_t = 26, value_parser = clap::value_parser!(u32).range(1..=31))]
    scale_exponent_max: u32,
    /// A longer input ends the doubling, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    input_bytes_max: u64,
    /// Offer smaller scales too, where a solution is too slow for the largest
    #[arg(long)]
    smaller_scales: bool,
    /// Fewest solutions of a task
    #[arg(long, value_name = "N", default_value_t = 10)]
    min_solutions: usize,
    /// Least fuel of the cheapest solution
    #[arg(long, value_name = "UNITS", default_value_t = 10_000.0)]
    min_cost: f64,
    /// Fewest clusters of a task
    #[arg(long, value_name = "N", default_value_t = 4)]
    min_clusters: usize,
}

impl RuleArgs {
    /// The options, with limits over their defaults.
    pub(crate) fn options(&self, limits: &LimitArgs) -> Result<CurationOptions, Failure> {
        let defaults = CurationOptions::default();
        let options = CurationOptions {
            scale_exponent_max: self.scale_exponent_max,
            input_bytes_max: self.input_bytes_max,
            smaller_scales: self.smaller_scales,
            limits: limits.over(defaults.limits),
            filter: FilterOptions {
                min_solutions: self.min_solutions,
                min_cost: self.min_cost,
                min_clusters: self.min_clusters,
                ..defaults.filter
            },
            ..defaults
        };
        options.limits.validate().map_err(Failure::usage)?;
        Limits { output_bytes: options.input_bytes_max, ..options.limits }
            .validate()
            .map_err(|error| Failure::usage(format!("--input-bytes-max: {error}")))?;
        Ok(options)
    }
}

pub(crate) fn run(args: &CurateArgs) -> Result<ExitCode, Failure> {
    let (bytes, name) = (read(&args.pools)?, args.pools.display().to_string());
    let pools = parse_pools(&bytes, &name).map_err(Failure::usage)?;
    let options = args.rules.options(&args.limits)?;
    let jobs = usize::from(args.jobs);
    let runner = runner::runner(Meter::Native, jobs)?;
    let guest = guests::install(&runner, &guests::folder(args.guests.as_deref())?, Language::Python)?;
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let one = |pool: &Pool| {
        let curated = curate(pool, &options, &guest, &|job: &Job, limits: &Limits| runner.run(job, limits));
        match &curated {
            Ok(Curated { report, .. }) => {
                let said = report.rejection.as_ref().map_or("kept", |rejection| rejection.name.as_str());
                say(format_args!("{}: {said}", report.task_id));
            }
            Err(error) => say(format_args!("{}: {error}", pool.task_id)),
        }
        curated
    };
    let all = parallel(&pools, jobs, one).into_iter().collect::<Result<Vec<_>, CurationError>>();
    let all = all.map_err(Failure::infrastructure)?;
    let timing =
        Timing { started_utc, finished_utc: time::now_utc(), wall_ms: begun.elapsed().as_secs_f64() * 1_000.0 };
    let lines: String = all.iter().filter_map(|one| one.task_line.as_ref()).map(|line| format!("{line}\n")).collect();
    let tasks = all.into_iter().map(|one| one.report).collect();
    let report = curation_report(tasks, &options, (&runner.identity(), &guest, &sha256_hex(&bytes)), timing);
    let json = report.to_json().map_err(Failure::infrastructure)? + "\n";
    for (path, text) in [(Some(&args.out), &lines), (args.report.as_ref(), &json)] {
        if let Some(path) = path {
            std::fs::write(path, text)
                .map_err(|error| Failure::infrastructure(format!("{}: {error}", path.display())))?;
        }
    }
    print(&if args.json { json } else { curation_table(&report) })?;
    Ok(ExitCode::SUCCESS)
}
