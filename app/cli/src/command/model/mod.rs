//! `frugal model`.

mod bench;
mod info;
mod list;
mod quantize;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::answer::Interrupt;
use crate::checkpoint::Model;
use crate::failure::{Failure, print, say};
use crate::store::{StoreArgs, add};

/// Arguments of `frugal model`.
#[derive(Args)]
pub(crate) struct ModelCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Put a model where --model NAME finds it: from a folder, a .gguf file or an address in a hub's layout
    Add {
        /// Folder with config.json, tokenizer.json and weights, a .gguf file, or the http(s) address of one
        #[arg(value_name = "SOURCE")]
        source: String,
        /// Its name from now on [default: the last part of the source]
        #[arg(long, value_name = "N")]
        name: Option<String>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Name the models that were added
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Remove an added model, or what an interrupted download left of one
    Rm {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Say what a model is made of, from its headers alone, and which adapters could compute it
    Info {
        /// Name of an added model, folder with config.json and *.safetensors, or a .gguf file
        #[arg(value_name = "NAME|DIR")]
        model: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Measure how fast a model reads and writes, and what it takes in memory, on each backend
    Bench(bench::BenchArgs),
    /// Write a model's weights in fewer bits, as one GGUF file with the model's settings beside it
    Quantize(quantize::QuantizeArgs),
}

/// Looks after models.
pub(crate) fn run(args: &ModelCommand) -> Result<ExitCode, Failure> {
    match &args.verb {
        Verb::Add { source, name, store } => {
            let interrupt = Interrupt::install()?;
            let (name, folder) = add(&store.store()?, source, name.as_deref(), &interrupt.stop)?;
            say(format_args!("added as {name}, in {}", folder.display()));
            print(&format!("{name}\n"))?;
        }
        Verb::List { json, store } => list::list(&store.store()?, *json)?,
        Verb::Rm { name, store } => {
            let bytes = store.store()?.remove(name)?;
            say(format_args!("removed {name}, {bytes} bytes"));
        }
        Verb::Info { model, json, store } => info::info(&Model::find(&store.resolve(model)?)?, *json)?,
        Verb::Bench(args) => bench::bench(args)?,
        Verb::Quantize(args) => quantize::quantize(args)?,
    }
    Ok(ExitCode::SUCCESS)
}
