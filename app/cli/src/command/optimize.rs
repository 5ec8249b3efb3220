//! `frugal optimize` and `frugal trace`.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use frugal_bench::suite::frugal::Problem;
use frugal_chat::{ChatError, Stop};
use frugal_flow::FRUGAL_VERSION;
use frugal_flow::recipe::llm4effi::{JoulesPerToken, Llm4Effi, Next, Options, Preset, Stage, Task, TieBreak, fold};
use frugal_flow::recipe::{Answer, Step};
use frugal_fuel::{Guest, Language, Measurement, Meter, RunError, Runner};
use frugal_guests::ContentKey;
use frugal_host::{CancelToken, HostRunner};
use frugal_report::{
    GuestProvenance, OptimizationReport, OptimizedProblem, ProblemStatus, Provenance, Timing, optimization_table,
    trace_text,
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::{Failure, INFRASTRUCTURE, INTERRUPTED, print, read, say};
use crate::file::write_whole;
use crate::limits::LimitArgs;
use crate::model::{Answers, Asker, Header, ModelArgs, Recipe, Trouble, carry_out};
use crate::{guests, runner, time};

/// So many problems in a row that the endpoint fails end the command: it is down.
const FAILURES_IN_A_ROW_MAX: usize = 2;

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
    if let Some(out) = args.out.as_deref().filter(|out| out.is_dir() || out.file_name().is_none()) {
        return Err(Failure::usage(format!("{}: --out names a folder; it must name a file", out.display())));
    }
    let options = options(args);
    options.validate().map_err(Failure::usage)?;
    let tasks = tasks(args)?;
    let client = args.model.client()?;
    let runner = runner::runner(Meter::Native, std::thread::available_parallelism().map_or(1, usize::from))?;
    let guest = guests::install(&runner, &guests::folder(args.guests.as_deref())?, Language::Python)?;
    let endpoint = (client.address().to_owned(), client.model().to_owned());
    let provenance = provenance(&tasks, &options, &endpoint, &guest, &runner, args);
    let mut record = None;
    if let Some(out) = &args.out {
        let parts = [
            ("tasks", provenance.program_sha256.clone()),
            ("endpoint", endpoint.0.clone()),
            ("model", endpoint.1.clone()),
            ("options", provenance.key.clone()),
        ];
        let opened = Answers::open(out, &Header::new(parts), args.resume)?;
        if opened.count() > 0 {
            say(format_args!("going on after {} recorded answer(s)", opened.count()));
        }
        record = Some(opened);
    }
    let (cancel, flag) = cancel_on_interrupt()?;
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let bar = progress_bar(tasks.len());
    let mut work = Work { args, options: &options, guest: &guest, client: &client, runner: &runner, cancel, flag, bar };
    let problems = work.all(tasks, &mut record)?;
    work.bar.finish_and_clear();
    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let timing = Timing { started_utc, finished_utc: time::now_utc(), wall_ms };
    finish(args, &fold(&options, problems, endpoint, provenance, timing), record)
}

struct Work<'a> {
    args: &'a OptimizeArgs,
    options: &'a Options,
    guest: &'a Guest,
    client: &'a frugal_chat::Client,
    runner: &'a HostRunner,
    cancel: CancelToken,
    flag: Arc<AtomicBool>,
    bar: ProgressBar,
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
}

impl Work<'_> {
    /// One task after the other; those that are not reached stand as pending.
    fn all(&mut self, tasks: Vec<Task>, record: &mut Option<Answers>) -> Result<Vec<OptimizedProblem>, Failure> {
        let (mut problems, mut in_a_row, mut is_over) = (Vec::new(), 0, false);
        for task in tasks {
            let id = task.id.clone();
            let mut recipe = Llm4Effi::new(task, self.options.clone(), self.guest.clone(), &self.runner.identity());
            if is_over {
                problems.push(recipe.unfinished(ProblemStatus::Pending, None));
                continue;
            }
            for (key, answer) in record.as_mut().map(|record| record.take(&id)).unwrap_or_default() {
                recipe.answered(&key, answer);
            }
            let problem = match self.one(&mut recipe, &id, record) {
                Ok(problem) => {
                    in_a_row = 0;
                    problem
                }
                Err(Trouble::Record(failure)) => return Err(failure),
                Err(Trouble::Interrupted) => {
                    is_over = true;
                    let _ = recipe.proceed();
                    recipe.unfinished(ProblemStatus::Pending, None)
                }
                Err(Trouble::Endpoint(failed)) => {
                    in_a_row += 1;
                    // What an endpoint refuses once it refuses always: a wrong key, a wrong model.
                    is_over = in_a_row >= FAILURES_IN_A_ROW_MAX
                        || matches!(failed.error, ChatError::Refused { .. } | ChatError::Redirected { .. });
                    say(format_args!("{id}: {}", frugal_report::printable(&failed.to_string())));
                    let _ = recipe.proceed();
                    recipe.unfinished(ProblemStatus::InfrastructureFailure, Some(failed.to_string()))
                }
            };
            self.bar.inc(1);
            problems.push(problem);
        }
        Ok(problems)
    }

    fn one(&self, recipe: &mut Llm4Effi, id: &str, record: &mut Option<Answers>) -> Result<OptimizedProblem, Trouble> {
        let deadline = self.args.seconds_max.and_then(|most| Instant::now().checked_add(Duration::from_secs(most)));
        let progress = |name: &str| self.bar.set_message(format!("{id}: {name}"));
        let asker = Asker {
            client: self.client,
            runner: self.runner,
            cancel: &self.cancel,
            stop: Stop::by(self.flag.clone()).at(deadline),
            temperature: self.args.model.temperature(),
            reply_tokens_max: self.args.model.reply_tokens_max(),
            parallel: self.args.model.parallel(),
            progress: &progress,
        };
        carry_out(recipe, id, &asker, record)
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
fn problem(folder: &Path) -> Result<Problem, Failure> {
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

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut all: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)?;
    all.sort();
    Ok(all)
}

fn provenance(
    tasks: &[Task],
    options: &Options,
    endpoint: &(String, String),
    guest: &Guest,
    runner: &HostRunner,
    args: &OptimizeArgs,
) -> Provenance {
    let identity = runner.identity();
    let content =
        tasks.iter().fold(ContentKey::new("frugal-tasks-1"), |key, task| key.part(format!("{task:?}").as_bytes()));
    let content = content.finish();
    let key = ContentKey::new("frugal-optimization-1")
        .part(content.as_bytes())
        .part(format!("{options:?} {:?}", args.model.reply_tokens_max()).as_bytes())
        .part(endpoint.0.as_bytes())
        .part(endpoint.1.as_bytes())
        .part(guest.sha256.as_bytes())
        .part(identity.cost_table.as_bytes());
    Provenance {
        frugal_version: FRUGAL_VERSION.to_owned(),
        engine: identity.engine,
        meter: identity.meter.name().to_owned(),
        cost_table: identity.cost_table.to_owned(),
        guest: Some(GuestProvenance {
            language: guest.language.name().to_owned(),
            version: guest.version.clone(),
            sha256: guest.sha256.clone(),
        }),
        program_sha256: content,
        key: key.finish(),
    }
}

/// The first Ctrl-C ends questions and runs and keeps the answers; a second one ends the process.
fn cancel_on_interrupt() -> Result<(CancelToken, Arc<AtomicBool>), Failure> {
    let flag = Arc::new(AtomicBool::new(false));
    let pulled = flag.clone();
    let handler = move || {
        if pulled.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
    };
    ctrlc::set_handler(handler).map_err(|error| Failure::infrastructure(format!("Ctrl-C: {error}")))?;
    Ok((CancelToken::from(flag.clone()), flag))
}

fn progress_bar(tasks: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:20} {pos}/{len} problems, {elapsed}, {wide_msg}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(tasks as u64).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// Arguments of `frugal trace`.
#[derive(Args)]
pub(crate) struct TraceArgs {
    /// A result that `frugal optimize --out` wrote
    file: PathBuf,
    /// Only this problem
    #[arg(long, value_name = "ID")]
    problem: Option<String>,
}

/// Prints what was asked and answered.
pub(crate) fn trace(args: &TraceArgs) -> Result<ExitCode, Failure> {
    let name = args.file.display();
    let text = String::from_utf8(read(&args.file)?).map_err(|_| Failure::usage(format!("{name}: not UTF-8 text")))?;
    let report = OptimizationReport::from_json(&text).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    let is_asked = |problem: &&OptimizedProblem| args.problem.as_ref().is_none_or(|id| *id == problem.task_id);
    let pages: Vec<String> = report.problems.iter().filter(is_asked).map(trace_text).collect();
    if pages.is_empty() {
        return Err(Failure::usage(format!("{name}: there is no such problem in it")));
    }
    print(&pages.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}
