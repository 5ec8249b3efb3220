//! `cargo xtask`: everything a fresh machine needs to build, serve and judge Frugal.
//!
//! A fresh machine has rustup, a C compiler, Node with npm and nothing else. Each command says what it does, how long
//! each step took, and what to do when a step fails.
#![allow(clippy::print_stdout, reason = "a command line speaks on standard output")]

mod advisories;
mod bench;
mod browser;
mod libtest;
mod npm;
mod page;
mod python;
mod random;
mod run;
mod serve;
mod stages;
mod tally;
mod tools;
mod vulkan;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::run::Failure;
use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, serves and judges Frugal", version)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what is missing, builds page and server, and serves both.
    Serve {
        /// Address to listen on.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
        /// Folder that holds the server's database; made when it is missing.
        #[arg(long, default_value = "data")]
        data: PathBuf,
    },
    /// Installs what `serve` needs, and what the tests need with `--tests`.
    Setup {
        /// Also install what the browser specs need.
        #[arg(long)]
        tests: bool,
    },
    /// Builds the page into `dist` and the `frugal` command.
    Build,
    /// Runs every check and closes with `N passed, N failed, N skipped`.
    Test(stages::Selection),
    /// Runs the programs of tests/bench, all or by name.
    Bench {
        /// Which ones.
        names: Vec<String>,
        /// Name them and stop.
        #[arg(long)]
        list: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(arguments.command) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(task: Task) -> Result<ExitCode, Failure> {
    let workspace = Workspace::find()?;
    match task {
        Task::Serve { listen, data } => {
            serve::check_address(&listen)?;
            serve::setup(&workspace)?;
            serve::serve(&workspace, &listen, &data)?;
        }
        Task::Setup { tests } => {
            serve::setup(&workspace)?;
            if tests {
                browser::ensure_chromium()?;
            }
        }
        Task::Build => {
            serve::setup(&workspace)?;
            serve::build(&workspace)?;
        }
        Task::Test(selection) => return stages::test(&workspace, &selection),
        Task::Bench { list: true, .. } => bench::list(),
        Task::Bench { names, list: false } => bench::bench(&workspace, &names)?,
    }
    Ok(ExitCode::SUCCESS)
}
