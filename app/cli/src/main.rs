//! The `frugal` command: data to standard output, everything else to standard error.

mod answer;
mod backend;
mod checkpoint;
mod command;
mod failure;
mod file;
mod guests;
mod limits;
mod model;
mod native;
mod parallel;
mod problem_set;
mod record;
mod runner;
mod scatter;
mod store;
mod suite;
mod time;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

const EXIT_CODES: &str = "Exit codes:
  0    finished: the program ended within its limits, or the evaluation is complete
  1    the program did not finish: out of fuel, an error, a trap, refused
  2    bad usage or input: the message says what to mend
  3    infrastructure: the machinery failed, or some results are missing because it did
  130  interrupted; finished results are kept";

/// Runs code and counts what it costs in fuel: one integer, the same on every machine.
#[derive(Parser)]
#[command(name = "frugal", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run one program and count its fuel.
    Run(command::run::RunArgs),
    /// Evaluate samples on a benchmark.
    Eval(command::eval::EvalArgs),
    /// Recompute the metrics of a stored result, running nothing.
    Score(command::score::ScoreArgs),
    /// Let a model improve programs, and measure what that gains.
    Optimize(Box<command::optimize::OptimizeArgs>),
    /// Print what a stored optimization asked and was answered.
    Trace(command::optimize::TraceArgs),
    /// Make and check problems.
    Problems(command::problems::ProblemsArgs),
    /// Say what fuel is worth as a measure, and what models write by it.
    Report(command::report::ReportArgs),
    /// Serve the API, and the built page, over HTTP.
    Serve(command::serve::ServeArgs),
    /// Look after the language guests.
    Guest(command::guest::GuestArgs),
    /// Continue a text with a model.
    Generate(command::generate::GenerateArgs),
    /// Talk with a model, line by line.
    Chat(command::chat::ChatArgs),
    /// Train or align a model as a recipe says.
    Train(command::train::TrainArgs),
    /// Look after models.
    Model(command::model::ModelCommand),
}

fn main() -> ExitCode {
    // The compiler's child, started by the runner: no command line is parsed for it.
    if std::env::args_os().nth(1).is_some_and(|verb| verb == runner::COMPILE_VERB) {
        return frugal_host::compile_child_main();
    }
    let result = match Cli::parse().verb {
        Verb::Run(args) => command::run::run(&args),
        Verb::Eval(args) => command::eval::run(args),
        Verb::Score(args) => command::score::run(&args),
        Verb::Optimize(args) => command::optimize::run(&args),
        Verb::Trace(args) => command::optimize::trace(&args),
        Verb::Problems(args) => command::problems::run(&args),
        Verb::Report(args) => command::report::run(&args),
        Verb::Serve(args) => command::serve::run(&args),
        Verb::Guest(args) => command::guest::run(&args),
        Verb::Generate(args) => command::generate::run(&args),
        Verb::Chat(args) => command::chat::run(&args),
        Verb::Train(args) => command::train::run(&args),
        Verb::Model(args) => command::model::run(&args),
    };
    result.unwrap_or_else(|failure: Failure| failure.report())
}
