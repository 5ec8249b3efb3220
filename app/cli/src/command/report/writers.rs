//! `frugal report writers`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use clap::{Args, ValueEnum};
use frugal_flow::training::writers::{Asked, MeasuredTask, writers_report};
use frugal_guests::sha256_hex;
use frugal_report::writers_table;
use frugal_session::training::corpus::Split;
use frugal_session::training::corpus::python::tasks;

use crate::answer::Interrupt;
use crate::failure::{Failure, print, read};
use crate::train::rollouts::{Asking, Judge, Written};

/// Arguments of `frugal report writers`.
#[derive(Args)]
pub(super) struct WritersArgs {
    /// Folder of a model; repeat it to compare. The first is what the others are held against
    #[arg(long = "model", value_name = "DIR", required = true)]
    models: Vec<PathBuf>,
    /// Which tasks
    #[arg(long, value_enum, default_value = "validation")]
    split: SplitName,
    /// Programs of each model for each task
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    samples: u32,
    /// Divides logits; 0 always takes the likeliest token
    #[arg(long, value_name = "T", default_value_t = 0.8)]
    temperature: f64,
    /// Of programs and inputs
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Size of the inputs
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    input_size: u32,
    /// Calls by which a program is judged
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    calls: u32,
    /// Runs at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
    /// File for the report, as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the whole report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum SplitName {
    Train,
    Validation,
    Test,
}

impl SplitName {
    fn split(self) -> (&'static str, Split) {
        match self {
            Self::Train => ("train", Split::Train),
            Self::Validation => ("validation", Split::Validation),
            Self::Test => ("test", Split::Test),
        }
    }
}

/// Measures what each model writes.
pub(super) fn run(args: &WritersArgs) -> Result<ExitCode, Failure> {
    if !(args.temperature >= 0.0 && args.temperature.is_finite()) {
        return Err(Failure::usage(format!("--temperature is {}, it must be at least 0", args.temperature)));
    }
    let interrupt = Interrupt::install()?;
    let (split_name, split) = args.split.split();
    let asking = Asking {
        samples: args.samples as usize,
        temperature: args.temperature,
        seed: args.seed,
        size: args.input_size as usize,
        calls: args.calls as usize,
        jobs: args.jobs.into(),
    };
    let wanted: Vec<_> = tasks().into_iter().filter(|task| task.split() == split).collect();
    let judge = Judge::open(asking.jobs)?;
    let mut all: Vec<Vec<Written>> = Vec::new();
    for model in &args.models {
        if interrupt.stop.load(Ordering::Relaxed) {
            return Err(Failure::interrupted());
        }
        all.push(judge.written(model, wanted.clone(), asking, &interrupt.stop)?);
    }
    let measured: Vec<MeasuredTask> = wanted
        .iter()
        .enumerate()
        .map(|(at, task)| MeasuredTask {
            name: task.name.clone(),
            family: task.family.to_owned(),
            solutions: all[0][at].solutions.to_vec(),
            worths: all.iter().map(|model| model[at].answers.iter().map(|(_, worth)| *worth).collect()).collect(),
        })
        .collect();
    let asked = Asked {
        split: split_name.to_owned(),
        samples: args.samples,
        temperature: args.temperature,
        seed: args.seed,
        input_size: args.input_size,
        calls: args.calls,
    };
    let models = args.models.iter().map(|model| Ok((model.display().to_string(), digest(model)?)));
    let models = models.collect::<Result<Vec<_>, Failure>>()?;
    // Models and questions decide the programs; guest and cost table what they cost.
    let digests: Vec<&str> = models.iter().map(|(_, digest)| digest.as_str()).collect();
    let provenance = judge.provenance(sha256_hex(format!("{} {asked:?}", digests.join(" ")).as_bytes()));
    let report = writers_report(&asked, &models, &measured, provenance).map_err(Failure::infrastructure)?;
    let json = serde_json::to_string_pretty(&report).map_err(Failure::infrastructure)? + "\n";
    if let Some(out) = &args.out {
        std::fs::write(out, &json).map_err(|error| Failure::infrastructure(format!("{}: {error}", out.display())))?;
    }
    print(&if args.json { json } else { writers_table(&report) })?;
    Ok(ExitCode::SUCCESS)
}

fn digest(model: &Path) -> Result<String, Failure> {
    Ok(sha256_hex(&read(&model.join("model.safetensors"))?))
}
