//! `frugal problems stgen`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};
use frugal_flow::recipe::stgen::{Next, Options, StGen, Task, fold};
use frugal_flow::recipe::{Answer, Step};
use frugal_fuel::{Language, Measurement, Meter, RunError, Runner};
use frugal_report::{ProblemStatus, StressProblem, StressReport, Timing, stress_table};

use crate::command::optimize::{entries, problem};
use crate::failure::{Failure, INFRASTRUCTURE, INTERRUPTED, print, say};
use crate::file::write_whole;
use crate::limits::LimitArgs;
use crate::model::{Answers, Header, ModelArgs, Recipe, Session, check_files, provenance};
use crate::suite::coffe_functions;
use crate::{guests, runner, time};

/// Arguments of `frugal problems stgen`.
#[derive(Args)]
pub(crate) struct StgenArgs {
    /// Form of the problems
    #[arg(long)]
    suite: Suite,
    /// Folder of the problems: COFFE's folder `function`, or Frugal's own set
    #[arg(long, value_name = "DIR")]
    problems: PathBuf,
    /// Only this problem; may be repeated
    #[arg(long = "only", value_name = "ID")]
    only: Vec<String>,
    /// Only the first N problems
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Contracts after which no more are asked for; 0 asks for none
    #[arg(long, value_name = "N", default_value_t = 4)]
    contracts: u32,
    /// Most questions for contracts
    #[arg(long, value_name = "N", default_value_t = 20)]
    contract_tries: u32,
    /// Inputs after which no more are asked for; three times as many are looked at
    #[arg(long, value_name = "N", default_value_t = 20)]
    inputs: u32,
    /// Inputs asked for at once
    #[arg(long, value_name = "N", default_value_t = 4)]
    inputs_per_question: u32,
    /// Costliest inputs that become tests
    #[arg(long, value_name = "N", default_value_t = 5)]
    published: u32,
    /// Decides which inputs the model is shown
    #[arg(long, default_value_t = 1024)]
    seed: u32,
    /// Most tokens of one problem, sent and received; after that nothing more is asked
    #[arg(long, value_name = "N")]
    tokens_max: Option<u64>,
    /// Longest time for the questions of one problem, in seconds; after that nothing more is asked
    #[arg(long, value_name = "S")]
    seconds_max: Option<u64>,
    /// File for the tests, in the form of COFFE's stressful_testcases.json
    #[arg(long, value_name = "FILE")]
    tests: Option<PathBuf>,
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
    Coffe,
    Frugal,
}

impl Recipe for StGen {
    type End = StressProblem;

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

/// Has tests written and prints what was kept.
pub(crate) fn run(args: &StgenArgs) -> Result<ExitCode, Failure> {
    check_files([("--tests", args.tests.as_deref()), ("--out", args.out.as_deref())])?;
    let options = options(args);
    options.validate().map_err(Failure::usage)?;
    let tasks = tasks(args)?;
    let client = args.model.client()?;
    let runner = runner::runner(Meter::Native, std::thread::available_parallelism().map_or(1, usize::from))?;
    let guest = guests::install(&runner, &guests::folder(args.guests.as_deref())?, Language::Python)?;
    let endpoint = (client.address().to_owned(), client.model().to_owned());
    let asked = (&options, args.model.reply_tokens_max());
    let provenance = provenance("frugal-stress-1", &tasks, &asked, &endpoint, &guest, &runner);
    let mut record = None;
    if let Some(out) = &args.out {
        record = Some(Answers::open(out, &Header::of(&provenance, &endpoint), args.resume)?);
    }
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let session = Session::begin(&client, &args.model, &runner, args.seconds_max, tasks.len())?;
    let recipes = tasks.into_iter().map(|task| {
        let id = task.id().to_owned();
        (id, StGen::new(task, options.clone(), guest.clone(), &runner.identity()))
    });
    let problems = session.all(recipes, &mut record)?;
    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let timing = Timing { started_utc, finished_utc: time::now_utc(), wall_ms };
    finish(args, &fold(&options, problems, endpoint, provenance, timing), record)
}

/// Writes and prints what was kept; removes the record when nothing is missing from it.
fn finish(args: &StgenArgs, report: &StressReport, record: Option<Answers>) -> Result<ExitCode, Failure> {
    let json = report.to_json().map_err(Failure::infrastructure)? + "\n";
    if let Some(out) = &args.out {
        write_whole(out, &json, "asking anything")?;
    }
    if let Some(tests) = &args.tests {
        write_whole(tests, &coffe_tests(report), "asking anything")?;
    }
    print(&if args.json { json } else { stress_table(report) })?;
    let again =
        if args.out.is_some() { "the same command with --resume goes on" } else { "with --out FILE answers are kept" };
    if report.interrupted && report.totals.infrastructure_failures == 0 {
        say(format_args!("interrupted: the tests are of what was finished"));
        say(format_args!("hint: {again}"));
        return Ok(ExitCode::from(INTERRUPTED));
    }
    if report.totals.infrastructure_failures > 0 {
        say(format_args!("{} problem(s) failed and have no tests", report.totals.infrastructure_failures));
        say(format_args!("hint: {again}"));
        return Ok(ExitCode::from(INFRASTRUCTURE));
    }
    if let Some(record) = record {
        record.remove()?;
    }
    Ok(ExitCode::from(u8::from(report.totals.inputs_published == 0)))
}

/// COFFE's form: by prompt, expressions without an output. Problems without new tests stand in no such file.
fn coffe_tests(report: &StressReport) -> String {
    let mut tests = serde_json::Map::new();
    for problem in &report.problems {
        let of_problem: Vec<serde_json::Value> = problem
            .published()
            .into_iter()
            .map(|expression| serde_json::json!({ "input": expression, "output": null }))
            .collect();
        if !of_problem.is_empty() {
            tests.insert(problem.prompt.clone(), of_problem.into());
        }
    }
    format!("{:#}\n", serde_json::Value::Object(tests))
}

fn options(args: &StgenArgs) -> Options {
    let defaults = Options::default();
    Options {
        contracts: args.contracts,
        contract_tries: args.contract_tries,
        inputs: args.inputs,
        inputs_per_question: args.inputs_per_question,
        published: args.published,
        temperature: args.model.temperature(),
        tokens_max: args.tokens_max,
        seed: args.seed,
        limits: args.limits.over(defaults.limits),
        ..defaults
    }
}

fn tasks(args: &StgenArgs) -> Result<Vec<Task>, Failure> {
    let folder = &args.problems;
    let all: Vec<Task> = match args.suite {
        Suite::Coffe => {
            let (problems, _) = coffe_functions(folder)?;
            problems.into_iter().map(|problem| Task::Coffe(Box::new(problem))).collect()
        }
        Suite::Frugal => {
            let folders = entries(folder)?.into_iter().filter(|entry| entry.join("problem.toml").is_file());
            folders.map(|folder| Ok(Task::Frugal(Box::new(problem(&folder)?)))).collect::<Result<_, Failure>>()?
        }
    };
    if let Some(unknown) = args.only.iter().find(|id| all.iter().all(|task| task.id() != **id)) {
        return Err(Failure::usage(format!("{}: there is no problem `{unknown}`", folder.display())));
    }
    let is_asked = |task: &Task| args.only.is_empty() || args.only.iter().any(|id| id == task.id());
    let mut tasks: Vec<Task> = all.into_iter().filter(is_asked).collect();
    tasks.truncate(args.limit.unwrap_or(usize::MAX));
    if tasks.is_empty() {
        return Err(Failure::usage(format!("{}: there is no problem", folder.display())));
    }
    Ok(tasks)
}
