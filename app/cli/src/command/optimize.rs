//! `frugal optimize` and `frugal trace`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};
use frugal_bench::suite::frugal::Problem;
use frugal_flow::recipe::llm4effi::{JoulesPerToken, Llm4Effi, Next, Options, Preset, Stage, Task, TieBreak, fold};
use frugal_flow::recipe::{Answer, Step};
use frugal_fuel::{Language, Measurement, Meter, RunError, Runner};
use frugal_report::{
    OptimizationReport, OptimizedProblem, ProblemStatus, ReadError, STRESS_SCHEMA, SYNTHESIS_SCHEMA, StressReport,
    SynthesisReport, Timing, optimization_table, stress_trace_text, synthesis_trace_text, trace_text,
};

use crate::failure::{Failure, INFRASTRUCTURE, INTERRUPTED, print, read, say};
use crate::file::write_whole;
use crate::limits::LimitArgs;
use crate::model::{Answers, Header, ModelArgs, Recipe, Session, check_files, provenance};
use crate::{guests, runner, time};

/// Arguments of `frugal optimize`.
#[derive(Args)]
pub(crate) struct OptimizeArgs {
    /// One task: a folder of a problem, its problem.toml, or a text, for which --entry names the function
    #[arg(long, value_name = "FILE", conflicts_with = "suite", required_unless_present = "suite")]
    problem: Option<PathBuf>,
    /// Name of the function that a text asks for
    #[arg(long, value_name = "NAME", requires = "problem")]
    entry: Option<String>,
    /// Problems of a suite
    #[arg(long, requires = "problems")]
    suite: Option<Suite>,
    /// Folder of the suite's problems
    #[arg(long, value_name = "DIR", requires = "suite")]
    problems: Option<PathBuf>,
    /// Only this problem of the suite; may be repeated
    #[arg(long = "only", value_name = "ID", requires = "suite")]
    only: Vec<String>,
    /// Only the first N problems of the suite
    #[arg(long, value_name = "N", requires = "suite")]
    limit: Option<usize>,
    /// Which stages: the whole recipe, an ablation, another order, or a baseline
    #[arg(long, value_parser = preset, default_value = "full")]
    preset: Preset,
    /// Switch a stage off; may be repeated
    #[arg(long, value_parser = stage, value_delimiter = ',', value_name = "STAGE")]
    without: Vec<Stage>,
    /// Let the model choose between programs that pass equally many tests
    #[arg(long)]
    model_tie_break: bool,
    /// Do not ask for a program directly for comparison
    #[arg(long)]
    no_comparison: bool,
    /// Tests asked for
    #[arg(long, value_name = "N", default_value_t = 20)]
    tests: u32,
    /// Algorithms, or programs, asked for
    #[arg(long, value_name = "N", default_value_t = 5)]
    algorithms: u32,
    /// Large inputs asked for
    #[arg(long, value_name = "N", default_value_t = 3)]
    large_inputs: u32,
    /// Most times that one thing is asked when answers cannot be used
    #[arg(long, value_name = "N", default_value_t = 5)]
    tries: u32,
    /// Hidden inputs of each level
    #[arg(long, value_name = "N", default_value_t = 2)]
    tests_per_level: u32,
    /// Seed of the hidden inputs
    #[arg(long, default_value_t = 998_244_353)]
    seed: u32,
    /// Most tokens of one problem, sent and received; after that nothing more is asked
    #[arg(long, value_name = "N")]
    tokens_max: Option<u64>,
    /// Longest time for the questions of one problem, in seconds; after that nothing more is asked
    #[arg(long, value_name = "S")]
    seconds_max: Option<u64>,
    /// Energy of a token sent and of a token received, in joules, such as 0.1,0.9
    #[arg(long, value_parser = joules, value_name = "SENT,RECEIVED", allow_hyphen_values = true)]
    joules_per_token: Option<JoulesPerToken>,
    /// File for the result with the whole trace; answers are recorded beside it as FILE.partial
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Go on with the work recorded beside --out
    #[arg(long, requires = "out")]
    resume: bool,
    /// Print the whole report as JSON
    #[arg(long)]
    json: bool,
    /// Folder of the language guests
    #[arg(long, value_name = "DIR")]
    guests: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Suite {
    Frugal,
}

fn preset(name: &str) -> Result<Preset, String> {
    named(&Preset::ALL.map(|preset| (preset.name(), preset)), name)
}

fn stage(name: &str) -> Result<Stage, String> {
    named(&Stage::ALL.map(|stage| (stage.name(), stage)), name)
}

fn joules(text: &str) -> Result<JoulesPerToken, String> {
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| format!("`{text}` is no number"));
    let (prompt, completion) = text.split_once(',').ok_or("two numbers are needed, such as 0.1,0.9")?;
    Ok(JoulesPerToken { prompt: number(prompt)?, completion: number(completion)? })
}

fn named<T: Copy>(all: &[(&str, T)], name: &str) -> Result<T, String> {
    let found = all.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let names: Vec<&str> = all.iter().map(|(known, _)| *known).collect();
    found.ok_or_else(|| format!("known are {}", names.join(", ")))
}

/// Improves programs through a model and prints what that gained.
pub(crate) fn run(args: &OptimizeArgs) -> Result<ExitCode, Failure> {
    check_files([("--out", args.out.as_deref()), ("--out", None)])?;
    let options = options(args);
    options.validate().map_err(Failure::usage)?;
    let tasks = tasks(args)?;
    let client = args.model.client()?;
    let runner = runner::runner(Meter::Native, std::thread::available_parallelism().map_or(1, usize::from))?;
    let guest = guests::install(&runner, &guests::folder(args.guests.as_deref())?, Language::Python)?;
    let endpoint = (client.address().to_owned(), client.model().to_owned());
    let asked = (&options, args.model.reply_tokens_max());
    let provenance = provenance("frugal-optimization-1", &tasks, &asked, &endpoint, &guest, &runner);
    let mut record = None;
    if let Some(out) = &args.out {
        record = Some(Answers::open(out, &Header::of(&provenance, &endpoint), args.resume)?);
    }
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let session = Session::begin(&client, &args.model, &runner, args.seconds_max, tasks.len())?;
    let recipes = tasks.into_iter().map(|task| {
        let id = task.id.clone();
        (id, Llm4Effi::new(task, options.clone(), guest.clone(), &runner.identity()))
    });
    let problems = session.all(recipes, &mut record)?;
    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let timing = Timing { started_utc, finished_utc: time::now_utc(), wall_ms };
    finish(args, &fold(&options, problems, endpoint, provenance, timing), record)
}

impl Recipe for Llm4Effi {
    type End = OptimizedProblem;

    fn proceed(&mut self) -> Result<Self::End, Vec<Step>> {
        match Self::proceed(self) {
            Next::Done(problem) => Ok(*problem),
            Next::Steps(steps) => Err(steps),
        }
    }

    fn answered(&mut self, key: &str, answer: Answer) {
        Self::answered(self, key, answer);
    }

    fn ran(&mut self, key: &str, result: Result<Measurement, RunError>) {
        Self::ran(self, key, result);
    }

    fn time_is_up(&mut self) {
        Self::time_is_up(self);
    }

    fn unfinished(&self, status: ProblemStatus, message: Option<String>) -> Self::End {
        Self::unfinished(self, status, message)
    }
}

/// Writes and prints the report; removes the record when nothing is missing from it.
fn finish(args: &OptimizeArgs, report: &OptimizationReport, record: Option<Answers>) -> Result<ExitCode, Failure> {
    let json = report.to_json().map_err(Failure::infrastructure)? + "\n";
    if let Some(out) = &args.out {
        write_whole(out, &json, "asking anything")?;
    }
    print(&if args.json { json } else { optimization_table(report) })?;
    let again =
        if args.out.is_some() { "the same command with --resume goes on" } else { "with --out FILE answers are kept" };
    if report.interrupted && report.infrastructure_failures == 0 {
        say(format_args!("interrupted: the figures are of what was finished"));
        say(format_args!("hint: {again}"));
        return Ok(ExitCode::from(INTERRUPTED));
    }
    if report.infrastructure_failures > 0 {
        say(format_args!("{} problem(s) failed and are excluded from the metrics", report.infrastructure_failures));
        say(format_args!("hint: {again}"));
        return Ok(ExitCode::from(INFRASTRUCTURE));
    }
    if let Some(record) = record {
        record.remove()?;
    }
    let is_solved = |problem: &OptimizedProblem| problem.optimized.is_some();
    Ok(ExitCode::from(u8::from(!report.problems.iter().any(is_solved))))
}

fn options(args: &OptimizeArgs) -> Options {
    let mut options = Options::of(args.preset);
    options.stages = args.without.iter().fold(options.stages, |stages, stage| stages.without(*stage));
    if args.model_tie_break {
        options.stages.tie_break = TieBreak::Model;
    }
    options.compare = !args.no_comparison;
    options.temperature = args.model.temperature();
    (options.tests, options.algorithms, options.large_inputs) = (args.tests, args.algorithms, args.large_inputs);
    options.tests_min = options.tests_min.min(args.tests);
    (options.tries, options.tests_per_level, options.seed) = (args.tries, args.tests_per_level, args.seed);
    options.tokens_max = args.tokens_max;
    options.limits = args.limits.over(options.limits);
    options.joules_per_token = args.joules_per_token;
    options
}

fn tasks(args: &OptimizeArgs) -> Result<Vec<Task>, Failure> {
    if let Some(folder) = &args.problems {
        let mut tasks = Vec::new();
        for folder in entries(folder)?.into_iter().filter(|entry| entry.join("problem.toml").is_file()) {
            let task = Task::from_problem(problem(&folder)?);
            if args.only.is_empty() || args.only.contains(&task.id) {
                tasks.push(task);
            }
        }
        if let Some(unknown) = args.only.iter().find(|id| tasks.iter().all(|task| task.id != **id)) {
            return Err(Failure::usage(format!("{}: there is no problem `{unknown}`", folder.display())));
        }
        tasks.truncate(args.limit.unwrap_or(usize::MAX));
        if tasks.is_empty() {
            return Err(Failure::usage(format!("{}: there is no problem", folder.display())));
        }
        return Ok(tasks);
    }
    let file = args.problem.as_deref().unwrap_or(Path::new(""));
    let folder = if file.file_name().is_some_and(|name| name == "problem.toml") { file.parent() } else { None };
    if let Some(folder) = folder.or(file.is_dir().then_some(file)) {
        let folder = folder.canonicalize().map_err(|error| Failure::usage(format!("{}: {error}", folder.display())))?;
        return Ok(vec![Task::from_problem(problem(&folder)?)]);
    }
    let text = String::from_utf8(read(file)?)
        .map_err(|_| Failure::usage(format!("{}: it is not UTF-8 text", file.display())))?;
    let Some(entry) = &args.entry else {
        let message = format!("{}: a text needs --entry, the name of the function that it asks for", file.display());
        return Err(Failure::usage(message));
    };
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if !is_name(entry) {
        return Err(Failure::usage(format!("--entry `{entry}` is not the name of a function")));
    }
    if text.trim().is_empty() {
        return Err(Failure::usage(format!("{}: it is empty", file.display())));
    }
    let id = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(vec![Task::from_text(&id, entry, &text)])
}

/// A problem from the files of its folder.
pub(crate) fn problem(folder: &Path) -> Result<Problem, Failure> {
    let mut files = BTreeMap::new();
    for entry in entries(folder)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() {
            for file in entries(&entry)? {
                let inner = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.insert(format!("{name}/{inner}"), read(&file)?);
            }
        } else {
            files.insert(name, read(&entry)?);
        }
    }
    let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Problem::from_files(&id, &files).map_err(Failure::usage)
}

pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut all: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)?;
    all.sort();
    Ok(all)
}

/// Arguments of `frugal trace`.
#[derive(Args)]
pub(crate) struct TraceArgs {
    /// A result that `frugal optimize`, `frugal problems stgen` or `frugal problems sas` wrote to its --out
    file: PathBuf,
    /// Only this problem
    #[arg(long, value_name = "ID")]
    problem: Option<String>,
}

/// Prints what was asked and answered.
pub(crate) fn trace(args: &TraceArgs) -> Result<ExitCode, Failure> {
    let name = args.file.display();
    let text = String::from_utf8(read(&args.file)?).map_err(|_| Failure::usage(format!("{name}: not UTF-8 text")))?;
    let is_asked = |id: &String| args.problem.as_ref().is_none_or(|asked| asked == id);
    let pages: Vec<String> = match OptimizationReport::from_json(&text) {
        Ok(report) => report.problems.iter().filter(|problem| is_asked(&problem.task_id)).map(trace_text).collect(),
        Err(ReadError::Schema { found, .. }) if found == STRESS_SCHEMA => {
            let report = StressReport::from_json(&text).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
            report.problems.iter().filter(|problem| is_asked(&problem.task_id)).map(stress_trace_text).collect()
        }
        Err(ReadError::Schema { found, .. }) if found == SYNTHESIS_SCHEMA => {
            let report =
                SynthesisReport::from_json(&text).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
            report.tasks.iter().filter(|task| is_asked(&task.task_id)).map(synthesis_trace_text).collect()
        }
        Err(error) => return Err(Failure::usage(format!("{name}: {error}"))),
    };
    if pages.is_empty() {
        return Err(Failure::usage(format!("{name}: there is no such problem in it")));
    }
    print(&pages.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}
