//! `frugal problems`: making and checking problems.

pub(crate) mod curate;
mod sas;
mod stgen;
mod validate;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::failure::Failure;

/// Arguments of `frugal problems`.
#[derive(Args)]
pub(crate) struct ProblemsArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make tasks of pools of solutions: inputs, filters, references, scores.
    Curate(Box<curate::CurateArgs>),
    /// Run every solution of Frugal's own problems, and compare what it costs with what is declared.
    Validate(validate::ValidateArgs),
    /// Let a model write generators of dear inputs.
    Sas(Box<sas::SasArgs>),
    /// Let a model write stressful tests, held to contracts that it writes too.
    Stgen(Box<stgen::StgenArgs>),
}

/// Does what the verb says.
pub(crate) fn run(args: &ProblemsArgs) -> Result<ExitCode, Failure> {
    match &args.verb {
        Verb::Curate(args) => curate::run(args),
        Verb::Validate(args) => validate::run(args),
        Verb::Sas(args) => sas::run(args),
        Verb::Stgen(args) => stgen::run(args),
    }
}
