//! `frugal report`: what fuel is worth as a measure, and what models write by it.

mod clusters;
mod points;
mod stability;
mod validity;
mod writers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::failure::{Failure, INFRASTRUCTURE, print};
use crate::limits::LimitArgs;

/// Arguments of `frugal report`.
#[derive(Args)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// Run calls many times: how much fuel varies (not at all), and how much time does.
    Stability(stability::StabilityArgs),
    /// Hold fuel against the instructions of a native interpreter.
    Validity(validity::ValidityArgs),
    /// Hold fuel against the clusters that EvalPerf's results give for the same solutions.
    Clusters(Box<clusters::ClustersArgs>),
    /// Hold models against each other by the programs that they write for small tasks.
    Writers(writers::WritersArgs),
}

/// What every report is asked for.
#[derive(Args)]
struct Common {
    /// Folder of the problems; public/problems/frugal, found like the guests, unless said
    #[arg(long, value_name = "DIR")]
    problems: Option<PathBuf>,
    /// Calls to measure; points.json in the folder of the problems unless said
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,
    /// Only the first N points
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// File for the report, as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// File for a scatter plot, as SVG
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Print the whole report as JSON
    #[arg(long)]
    json: bool,
    /// Folder of the language guests
    #[arg(long, value_name = "DIR")]
    guests: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Makes a report.
pub(crate) fn run(args: &ReportArgs) -> Result<ExitCode, Failure> {
    match &args.kind {
        Kind::Stability(args) => stability::run(args),
        Kind::Validity(args) => validity::run(args),
        Kind::Clusters(args) => clusters::run(args),
        Kind::Writers(args) => writers::run(args),
    }
}

/// Writes and prints a report. What could not be measured is a failure of the machinery, since every call is known to
/// finish.
fn finish(common: &Common, json: String, table: String, unmeasured: usize) -> Result<ExitCode, Failure> {
    let json = json + "\n";
    if let Some(out) = &common.out {
        std::fs::write(out, &json).map_err(|error| Failure::infrastructure(format!("{}: {error}", out.display())))?;
    }
    print(if common.json { &json } else { &table })?;
    Ok(if unmeasured > 0 { ExitCode::from(INFRASTRUCTURE) } else { ExitCode::SUCCESS })
}
