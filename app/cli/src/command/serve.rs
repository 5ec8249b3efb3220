//! `frugal serve`: the HTTP service, and the page if it is built.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{Args, ValueEnum};
use frugal_fuel::{Guest, Job, Language, Limits, Measurement, Meter, RunError, Runner, RunnerIdentity};
use frugal_guest_build::read_manifest;
use frugal_host::{CancelToken, HostRunner};
use frugal_server::{Cancel, Compute, Config, LogFormat, ModelSource, ServeError, serve_until_signal, start_log};

use crate::backend::BackendChoice;
use crate::checkpoint::{Held, Model, Weights};
use crate::failure::{Failure, say};
use crate::store::StoreArgs;
use crate::{guests, runner};

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on. Beyond this machine, anyone who reaches it can run code in the sandbox.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Folder of the built page, such as `dist`.
    #[arg(long = "static", value_name = "DIR")]
    static_folder: Option<PathBuf>,
    /// Folder for the queue and the results.
    #[arg(long, value_name = "DIR", default_value = "frugal-data")]
    data: PathBuf,
    /// Folder of the language guests.
    #[arg(long, value_name = "DIR")]
    guests: Option<PathBuf>,
    /// Folder of problem sets (`NAME.csv` or `NAME/problems.csv`) that evaluations may name.
    #[arg(long, value_name = "DIR")]
    problems: Option<PathBuf>,
    /// A model to answer with on /v1: an added one by its name, a folder with config.json, tokenizer.json and
    /// *.safetensors, or a .gguf file, under the name of the folder or file, or as NAME=DIR; may be repeated.
    #[arg(long = "model", value_name = "[NAME=]DIR")]
    models: Vec<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// Requests that each model answers at a time, in one batch.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    model_slots: u16,
    /// Requests that may wait for each model before new ones get 429.
    #[arg(long, value_name = "N", default_value_t = 32)]
    model_waiting_max: usize,
    /// Positions of prompt and answer together; at most the model's own.
    #[arg(long, value_name = "N")]
    model_context: Option<usize>,
    /// How the weights of models are held in memory.
    #[arg(long, value_enum, default_value = "f32")]
    model_weights: Weights,
    /// What computes models
    #[arg(long, value_enum, default_value = "auto")]
    backend: BackendChoice,
    /// Runs at a time [default: one for each core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Runs that may wait for a place before new ones get 429.
    #[arg(long, value_name = "N", default_value_t = 64)]
    runs_waiting_max: usize,
    /// Most fuel that a run may ask for, in units.
    #[arg(long, value_name = "UNITS", default_value_t = 1_000_000_000_000)]
    fuel_max: u64,
    /// Longest wall-clock time that a run may ask for, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 60_000)]
    wall_ms_max: u64,
    /// Most memory that a run may ask for, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    memory_bytes_max: u64,
    /// A host name by which browsers reach the server, besides localhost; may be repeated.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// An origin whose pages may use the API, such as `https://docs.example`; may be repeated.
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    allowed_origins: Vec<String>,
    /// How log lines look on standard error.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    log_format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl ServeArgs {
    /// Runs at a time.
    fn jobs(&self) -> usize {
        self.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
    }

    /// The models, each opened on the thread that runs it.
    fn models(&self) -> Vec<ModelSource> {
        let held = Held {
            context: self.model_context,
            weights: self.model_weights,
            backend: self.backend,
            slots: self.model_slots.into(),
            queue_max: self.model_waiting_max,
        };
        let source = |argument: &String| {
            let path = |text: &str| PathBuf::from(text);
            let (name, path) = match argument.split_once('=') {
                Some((name, folder)) if !path(argument).exists() => (name.to_owned(), path(folder)),
                _ => {
                    let whole = path(argument);
                    let whole = whole.canonicalize().unwrap_or(whole);
                    let name = whole.file_stem().map(|name| name.to_string_lossy().into_owned());
                    (name.unwrap_or_else(|| argument.clone()), whole)
                }
            };
            let store = self.store.clone();
            let open = move || -> Result<_, String> {
                let found = store.resolve(&path).and_then(|path| Model::find(&path));
                let model = found.map_err(|failure| failure.sentence())?;
                model.open(held, &AtomicBool::new(false)).map_err(|failure| failure.sentence())
            };
            ModelSource { name, open: Box::new(open) }
        };
        self.models.iter().map(source).collect()
    }

    fn config(&self) -> Config {
        let mut config = Config::new(self.data.clone());
        config.listen = self.listen;
        config.static_folder.clone_from(&self.static_folder);
        config.problems_folder.clone_from(&self.problems);
        config.jobs = self.jobs();
        config.runs_waiting_max = self.runs_waiting_max;
        config.maxima.fuel = self.fuel_max;
        config.maxima.wall_ms = self.wall_ms_max;
        config.maxima.memory_bytes = self.memory_bytes_max;
        config.hosts.clone_from(&self.hosts);
        config.allowed_origins.clone_from(&self.allowed_origins);
        config
    }
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn run(args: &ServeArgs) -> Result<ExitCode, Failure> {
    start_log(match args.log_format {
        Format::Text => LogFormat::Text,
        Format::Json => LogFormat::Json,
    });
    // Evaluations and single runs have their own places; each must find a seat.
    let runner = runner::runner(Meter::Native, args.jobs() * 2)?;
    install_guests(args, &runner)?;
    serve_until_signal(args.config(), Arc::new(HostCompute(runner)), args.models(), |address| {
        say(format_args!("serving on http://{address}; Ctrl-C stops"));
    })
    .map_err(|error| match error {
        ServeError::Listen { .. } | ServeError::NoPage { .. } | ServeError::Problems(_) | ServeError::Model { .. } => {
            Failure::usage(error)
        }
        error => Failure::infrastructure(error),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Makes every guest of the folder ready, so that no request waits for a compilation.
fn install_guests(args: &ServeArgs, runner: &HostRunner) -> Result<(), Failure> {
    let folder = guests::folder(args.guests.as_deref())?;
    let manifest = read_manifest(&folder).map_err(Failure::usage)?;
    for language in [Language::Python, Language::JavaScript] {
        if manifest.find(language).is_some() {
            guests::install(runner, &folder, language)?;
        }
    }
    Ok(())
}

/// The native runner, stopped by the server's own flag.
struct HostCompute(HostRunner);

impl Runner for HostCompute {
    fn identity(&self) -> RunnerIdentity {
        self.0.identity()
    }

    fn guests(&self) -> Vec<Guest> {
        self.0.guests()
    }

    fn run(&self, job: &Job, limits: &Limits) -> Result<Measurement, RunError> {
        self.0.run(job, limits)
    }
}

impl Compute for HostCompute {
    fn run_until(&self, job: &Job, limits: &Limits, cancel: &Cancel) -> Result<Measurement, RunError> {
        self.0.run_cancellable(job, limits, &CancelToken::from(cancel.flag()))
    }
}
