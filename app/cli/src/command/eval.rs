//! `frugal eval`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::{Args, ValueEnum};
use frugal_bench::samples::{Samples, parse_folder, read_samples};
use frugal_bench::suite::enamel::{Subset, parse_problems};
use frugal_flow::Progress;
use frugal_flow::compare as compared;
use frugal_flow::enamel::{Command, EvaluationInput, Fact, Options, Study};
use frugal_fuel::{Language, Measurement, Meter, RunError, Runner};
use frugal_host::{CancelToken, HostRunner};
use frugal_jobs::{Executor, drive};
use frugal_report::{Coverage, EvaluationReport, Timing, evaluation_table};
use indicatif::{ProgressBar, ProgressStyle};

use super::compare;
use crate::failure::{Failure, INFRASTRUCTURE, INTERRUPTED, open, print, read, say};
use crate::file::write_whole;
use crate::limits::LimitArgs;
use crate::record::Record;
use crate::{guests, runner, suite, time};

/// Arguments of `frugal eval`.
#[derive(Args)]
pub(crate) struct EvalArgs {
    /// Benchmark
    #[arg(long, default_value = "enamel")]
    suite: Suite,
    /// The benchmark's problems: enamel.csv, COFFE's folder `function` or `file`, EvalPerf's JSON lines (also as .gz), or the
    /// folder public/problems/frugal
    #[arg(long, value_name = "PATH")]
    problems: PathBuf,
    /// Samples: ENAMEL JSON, EvalPlus JSON lines, a folder or zip of HumanEval_<i>/<j>.py or Mbpp_<i>/<j>.py, or COFFE
    /// predictions; repeated where several models are compared, one file or folder each
    #[arg(long, value_name = "PATH", required = true)]
    samples: Vec<PathBuf>,
    /// Numbers of samples drawn
    #[arg(long, value_delimiter = ',', default_value = "1,10,100")]
    pub(super) k: Vec<u32>,
    /// Runs at once; all processors unless said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// Only the first N problems that have samples
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
    /// Only this problem, such as HumanEval/0; may be repeated
    #[arg(long = "problem", value_name = "ID")]
    problem: Vec<String>,
    /// Every problem of the file, not the benchmark's default 142
    #[arg(long, conflicts_with = "problem")]
    all: bool,
    /// ENAMEL: fuel limit of a sample as a multiple of the reference's worst case [default: 2]
    #[arg(long)]
    alpha: Option<f64>,
    /// ENAMEL: weight of each level [default: 0,3,3,4]
    #[arg(long, value_delimiter = ',')]
    hardness: Option<Vec<f64>>,
    /// ENAMEL: cases of each level [default: 8,4,4,4]
    #[arg(long, value_delimiter = ',')]
    tests_per_level: Option<Vec<u32>>,
    /// ENAMEL: measurements of each case; they must agree to the unit, so 1 is enough [default: 1]
    #[arg(long)]
    repeats: Option<u32>,
    /// Seed of the generated inputs [default: 998244353 for ENAMEL, else 1024]
    #[arg(long)]
    pub(super) seed: Option<u32>,
    /// Language of the samples of --suite frugal; each has an evaluation of its own [default: python]
    #[arg(long)]
    language: Option<SampleLanguage>,
    /// Passing samples that a task needs to have a DPS [default: 10]
    #[arg(long, value_name = "N")]
    pub(super) min_correct: Option<u32>,
    /// Passing samples of a task that make its DPS, the first ones [default: 20]
    #[arg(long, value_name = "N")]
    pub(super) max_profile: Option<u32>,
    /// File for the result; finished work is recorded beside it as FILE.partial
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Go on with the evaluation recorded beside --out
    #[arg(long, requires = "out")]
    pub(super) resume: bool,
    /// Folder of the language guests
    #[arg(long, value_name = "DIR")]
    pub(super) guests: Option<PathBuf>,
    /// Print the whole report as JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Suite {
    Enamel,
    Coffe,
    Evalperf,
    Frugal,
}

/// The languages that our own problems are solved in.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SampleLanguage {
    Python,
    Javascript,
}

/// Evaluates samples and prints the metrics.
pub(crate) fn run(args: EvalArgs) -> Result<ExitCode, Failure> {
    if let Some(out) = args.out.as_deref().filter(|out| out.is_dir() || out.file_name().is_none()) {
        return Err(Failure::usage(format!("{}: --out names a folder; it must name a file", out.display())));
    }
    match args.suite {
        Suite::Enamel => enamel(&args),
        Suite::Coffe => {
            check(&args)?;
            compare::run(&args, compared::Suite::Coffe, Language::Python, suite::coffe(&args.problems, &args.samples)?)
        }
        Suite::Evalperf => {
            check(&args)?;
            let input = suite::evalperf(&args.problems, &args.samples)?;
            compare::run(&args, compared::Suite::EvalPerf, Language::Python, input)
        }
        Suite::Frugal => {
            check(&args)?;
            let language = match args.language {
                Some(SampleLanguage::Javascript) => Language::JavaScript,
                Some(SampleLanguage::Python) | None => Language::Python,
            };
            let input = suite::frugal(&args.problems, &args.samples, language)?;
            compare::run(&args, compared::Suite::Frugal, language, input)
        }
    }
}

/// Runs at once: as asked, else one for each processor.
pub(super) fn jobs(args: &EvalArgs) -> usize {
    args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// An option that another suite would leave aside is refused.
fn check(args: &EvalArgs) -> Result<(), Failure> {
    let given = [
        ("--alpha", args.alpha.is_some()),
        ("--hardness", args.hardness.is_some()),
        ("--tests-per-level", args.tests_per_level.is_some()),
        ("--repeats", args.repeats.is_some()),
        ("--problem", !args.problem.is_empty()),
        ("--all", args.all),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Failure::usage(format!("{name} is an option of --suite enamel alone"))),
        None if args.language.is_some() && !matches!(args.suite, Suite::Frugal) => {
            Err(Failure::usage("--language is an option of --suite frugal alone"))
        }
        None => Ok(()),
    }
}

fn enamel(args: &EvalArgs) -> Result<ExitCode, Failure> {
    let given = [("--min-correct", args.min_correct), ("--max-profile", args.max_profile)];
    if args.language.is_some() {
        return Err(Failure::usage("--language is an option of --suite frugal alone"));
    }
    if let Some((name, _)) = given.iter().find(|(_, value)| value.is_some()) {
        return Err(Failure::usage(format!("{name} belongs to DPS, which ENAMEL has not")));
    }
    let input = input(args)?;
    let options = options(args);
    let jobs = jobs(args);
    let runner = runner::runner(Meter::Native, jobs)?;
    let guest = guests::install(&runner, &guests::folder(args.guests.as_deref())?, Language::Python)?;
    let mut study = Study::new(input, options, guest, runner.identity(), jobs).map_err(Failure::usage)?;

    let mut record = None;
    if let Some(out) = &args.out {
        let (opened, known) = Record::open(out, &mut study, args.resume)?;
        if known > 0 {
            say(format_args!("going on after {known} recorded results"));
        }
        record = Some(opened);
    }
    let cancel = cancel_on_interrupt()?;
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let Progress { done, total } = study.progress();
    let bar = progress_bar(done, total);
    let recorder = Recorder { runner: &runner, cancel: &cancel, bar: &bar, record: Mutex::new(record.as_mut()) };
    let driven = drive(&mut study, jobs, &recorder);
    bar.finish_and_clear();
    let kept = "mend that, then the same command with --resume goes on after what is recorded";
    driven.map_err(|error| Failure::infrastructure(format!("the record of results: {error}")).hint(kept))?;

    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let timing = Timing { started_utc, finished_utc: time::now_utc(), wall_ms };
    let report = study.report(timing).map_err(Failure::infrastructure)?;
    finish(args, &report, record)
}

/// Runs commands on this machine, moves the bar, and keeps facts in the record beside `--out`.
struct Recorder<'a> {
    runner: &'a HostRunner,
    cancel: &'a CancelToken,
    bar: &'a ProgressBar,
    record: Mutex<Option<&'a mut Record>>,
}

impl Executor for Recorder<'_> {
    type Failure = std::io::Error;

    fn run(&self, command: &Command) -> Result<Measurement, RunError> {
        self.runner.run_cancellable(&command.job, &command.limits, self.cancel)
    }

    fn cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn record(&self, facts: &[Fact], progress: Progress) -> Result<(), Self::Failure> {
        self.bar.set_position(progress.done);
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.as_mut().map_or(Ok(()), |record| record.append(facts))
    }
}

/// Writes and prints the report; removes the record when nothing is missing from it.
fn finish(args: &EvalArgs, report: &EvaluationReport, record: Option<Record>) -> Result<ExitCode, Failure> {
    let json = report.to_json().map_err(Failure::infrastructure)? + "\n";
    if let Some(out) = &args.out {
        write_whole(out, &json, "running anything")?;
    }
    print(&if args.json { json } else { evaluation_table(report) })?;
    ended(args, report.coverage, record)
}

/// Says what is missing and gives the exit code; removes the record when nothing is.
pub(super) fn ended(args: &EvalArgs, coverage: Coverage, record: Option<Record>) -> Result<ExitCode, Failure> {
    let failures = coverage.infrastructure_failures;
    if coverage.interrupted {
        say(format_args!("interrupted: the figures are of what was finished"));
        match &args.out {
            Some(_) => say(format_args!("hint: go on with the same command and --resume")),
            None => say(format_args!("hint: with --out FILE finished work is kept, and --resume goes on")),
        }
        return Ok(ExitCode::from(INTERRUPTED));
    }
    if failures > 0 {
        say(format_args!("{failures} infrastructure failure(s) are excluded from the metrics"));
        if args.out.is_some() {
            say(format_args!("hint: the same command with --resume tries them again"));
        }
        return Ok(ExitCode::from(INFRASTRUCTURE));
    }
    if let Some(record) = record {
        record.remove()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn options(args: &EvalArgs) -> Options {
    let defaults = Options::default();
    Options {
        k: args.k.clone(),
        alpha: args.alpha.unwrap_or(defaults.alpha),
        hardness: args.hardness.clone().unwrap_or(defaults.hardness),
        tests_per_level: args.tests_per_level.clone().unwrap_or(defaults.tests_per_level),
        repeats: args.repeats.unwrap_or(defaults.repeats),
        tolerance_fuel: defaults.tolerance_fuel,
        seed: args.seed.unwrap_or(defaults.seed),
        limits: args.limits.over(defaults.limits),
        subset: match (args.all, args.problem.is_empty()) {
            (true, _) => Subset::All,
            (false, true) => Subset::Default,
            (false, false) => Subset::Ids(args.problem.clone()),
        },
        problems_max: args.limit,
    }
}

fn input(args: &EvalArgs) -> Result<EvaluationInput, Failure> {
    let name = args.problems.display().to_string();
    let problems = parse_problems(&read(&args.problems)?, &name).map_err(Failure::usage)?;
    let [path] = args.samples.as_slice() else {
        return Err(Failure::usage("--samples names one file or folder for --suite enamel"));
    };
    Ok(EvaluationInput { problems, samples: samples(path)? })
}

fn samples(path: &Path) -> Result<Samples, Failure> {
    let name = path.display().to_string();
    if !path.is_dir() {
        return read_samples(open(path)?, &name).map_err(Failure::usage);
    }
    let files = python_files(path)?;
    let pairs = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    parse_folder(pairs, &name).map_err(Failure::usage)
}

/// The `.py` files of a folder and of those right below it, by their paths.
pub(crate) fn python_files(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut files = Vec::new();
    for folder in folders(path)? {
        for file in entries(&folder)? {
            if file.extension().is_some_and(|extension| extension == "py") && file.is_file() {
                files.push((file.display().to_string(), read(&file)?));
            }
        }
    }
    Ok(files)
}

/// The folder itself and those right below it.
pub(crate) fn folders(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    Ok([path.to_path_buf()].into_iter().chain(entries(path)?.into_iter().filter(|entry| entry.is_dir())).collect())
}

pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)
}

/// The first Ctrl-C ends the runs and keeps what is finished; a second one ends the process.
pub(super) fn cancel_on_interrupt() -> Result<CancelToken, Failure> {
    let cancel = CancelToken::new();
    let token = cancel.clone();
    let handler = move || {
        if token.is_cancelled() {
            std::process::exit(INTERRUPTED.into());
        }
        token.cancel();
    };
    ctrlc::set_handler(handler).map_err(|error| Failure::infrastructure(format!("Ctrl-C: {error}")))?;
    Ok(cancel)
}

pub(super) fn progress_bar(done: u64, total: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:40} {pos}/{len} references and samples, {elapsed} (about {eta} left)";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(total).with_style(style);
    bar.set_position(done);
    bar
}
