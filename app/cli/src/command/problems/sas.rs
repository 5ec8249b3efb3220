//! `frugal problems sas`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use frugal_flow::recipe::sas::{Next, Options, Sas, Task, fold};
use frugal_flow::recipe::{Answer, Step};
use frugal_fuel::{Language, Measurement, Meter, RunError, Runner};
use frugal_report::{ProblemStatus, SynthesisReport, SynthesisTask, Timing, synthesis_table};
use serde_json::{Map, Value};

use crate::failure::{Failure, INFRASTRUCTURE, INTERRUPTED, print, read, say};
use crate::file::write_whole;
use crate::limits::LimitArgs;
use crate::model::{Answers, Header, ModelArgs, Recipe, Session, check_files, provenance};
use crate::{guests, runner, time};

/// Arguments of `frugal problems sas`.
#[derive(Args)]
pub(crate) struct SasArgs {
    /// Pools, one JSON object a line with task_id, entry_point, canonical_solution and contract; other fields stay
    #[arg(long, value_name = "FILE")]
    pools: PathBuf,
    /// Only this task; may be repeated
    #[arg(long = "only", value_name = "ID")]
    only: Vec<String>,
    /// Only the first N tasks
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Answers asked for, a task
    #[arg(long, value_name = "N", default_value_t = 16)]
    samples: u32,
    /// Most tokens of one task, sent and received; after that nothing more is asked
    #[arg(long, value_name = "N")]
    tokens_max: Option<u64>,
    /// Longest time for the questions of one task, in seconds; after that nothing more is asked
    #[arg(long, value_name = "S")]
    seconds_max: Option<u64>,
    /// File for the pools with their generators, which `frugal problems curate` reads
    #[arg(long, value_name = "FILE")]
    generators: Option<PathBuf>,
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

impl Recipe for Sas {
    type End = SynthesisTask;

    fn proceed(&mut self) -> Result<Self::End, Vec<Step>> {
        match Self::proceed(self) {
            Next::Done(task) => Ok(*task),
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

/// Has generators written and prints what was kept.
pub(crate) fn run(args: &SasArgs) -> Result<ExitCode, Failure> {
    check_files([("--generators", args.generators.as_deref()), ("--out", args.out.as_deref())])?;
    let defaults = Options::default();
    let options = Options {
        samples: args.samples,
        tokens_max: args.tokens_max,
        temperature: args.model.temperature(),
        limits: args.limits.over(defaults.limits),
    };
    options.validate().map_err(Failure::usage)?;
    let pools = pools(args)?;
    let client = args.model.client()?;
    let runner = runner::runner(Meter::Native, std::thread::available_parallelism().map_or(1, usize::from))?;
    let guest = guests::install(&runner, &guests::folder(args.guests.as_deref())?, Language::Python)?;
    let endpoint = (client.address().to_owned(), client.model().to_owned());
    let tasks: Vec<&Task> = pools.iter().map(|pool| &pool.task).collect();
    let asked = (&options, args.model.reply_tokens_max());
    let provenance = provenance("frugal-synthesis-1", &tasks, &asked, &endpoint, &guest, &runner);
    let mut record = None;
    if let Some(out) = &args.out {
        record = Some(Answers::open(out, &Header::of(&provenance, &endpoint), args.resume)?);
    }
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let session = Session::begin(&client, &args.model, &runner, args.seconds_max, pools.len())?;
    let recipes = pools.iter().map(|pool| {
        let recipe = Sas::new(pool.task.clone(), options.clone(), guest.clone(), &runner.identity());
        (pool.task.id.clone(), recipe)
    });
    let tasks = session.all(recipes, &mut record)?;
    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let timing = Timing { started_utc, finished_utc: time::now_utc(), wall_ms };
    finish(args, pools, &fold(&options, tasks, endpoint, provenance, timing), record)
}

fn finish(
    args: &SasArgs,
    pools: Vec<Pool>,
    report: &SynthesisReport,
    record: Option<Answers>,
) -> Result<ExitCode, Failure> {
    let json = report.to_json().map_err(Failure::infrastructure)? + "\n";
    if let Some(out) = &args.out {
        write_whole(out, &json, "asking anything")?;
    }
    if let Some(file) = &args.generators {
        let mut lines = String::new();
        for (pool, task) in pools.into_iter().zip(&report.tasks) {
            let mut fields = pool.fields;
            fields.insert("generators".to_owned(), task.kept().collect::<Vec<_>>().into());
            lines.push_str(&format!("{}\n", Value::Object(fields)));
        }
        write_whole(file, &lines, "asking anything")?;
    }
    print(&if args.json { json } else { synthesis_table(report) })?;
    let again =
        if args.out.is_some() { "the same command with --resume goes on" } else { "with --out FILE answers are kept" };
    if report.interrupted && report.totals.infrastructure_failures == 0 {
        say(format_args!("interrupted: the generators are of what was finished"));
        say(format_args!("hint: {again}"));
        return Ok(ExitCode::from(INTERRUPTED));
    }
    if report.totals.infrastructure_failures > 0 {
        say(format_args!("{} task(s) failed and have no generators", report.totals.infrastructure_failures));
        say(format_args!("hint: {again}"));
        return Ok(ExitCode::from(INFRASTRUCTURE));
    }
    if let Some(record) = record {
        record.remove()?;
    }
    Ok(ExitCode::from(u8::from(report.totals.generators_kept == 0)))
}

/// A line of the file, and what of it is asked about.
struct Pool {
    task: Task,
    fields: Map<String, Value>,
}

fn pools(args: &SasArgs) -> Result<Vec<Pool>, Failure> {
    let name = args.pools.display().to_string();
    let text = read(&args.pools)?;
    let (mut pools, mut seen) = (Vec::new(), BTreeSet::new());
    for (line, number) in text.split(|byte| *byte == b'\n').zip(1..) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let pool = pool(line).map_err(|message: String| Failure::usage(format!("{name}, line {number}: {message}")))?;
        if !seen.insert(pool.task.id.clone()) {
            return Err(Failure::usage(format!("{name}, line {number}: `task_id` {} stands twice", pool.task.id)));
        }
        pools.push(pool);
    }
    if let Some(unknown) = args.only.iter().find(|id| !seen.contains(*id)) {
        return Err(Failure::usage(format!("{name}: there is no task `{unknown}`")));
    }
    pools.retain(|pool| args.only.is_empty() || args.only.contains(&pool.task.id));
    pools.truncate(args.limit.unwrap_or(usize::MAX));
    if pools.is_empty() { Err(Failure::usage(format!("{name}: it holds no pools"))) } else { Ok(pools) }
}

fn pool(line: &[u8]) -> Result<Pool, String> {
    let fields: Map<String, Value> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let text = |name: &str| match fields.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
        Some(_) => Err(format!("`{name}` must be text that is not empty")),
        None => Err(format!("`{name}` is missing")),
    };
    let contract = match fields.get("contract") {
        None | Some(Value::Null) => None,
        Some(_) => Some(text("contract")?),
    };
    let task = Task {
        id: text("task_id")?,
        entry_point: text("entry_point")?,
        solution: text("canonical_solution")?,
        contract,
    };
    Ok(Pool { task, fields })
}
