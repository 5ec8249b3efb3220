//! `frugal guest`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use frugal_fuel::Language;
use frugal_guest_build::{Error, Recipe, Report};

use crate::failure::{Failure, print};
use crate::guests;

/// Arguments of `frugal guest`.
#[derive(Args)]
pub(crate) struct GuestArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Compare every guest with the digest it is named by.
    Verify {
        /// Folder of the language guests
        #[arg(long, value_name = "DIR")]
        guests: Option<PathBuf>,
    },
    /// Build a guest anew by its committed recipe: a new guest version, with fuel of its own.
    Rebuild {
        /// Which guest
        language: GuestName,
        /// Folder of the language guests, inside a clone of the project
        #[arg(long, value_name = "DIR")]
        guests: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum GuestName {
    Python,
    Javascript,
}

/// Looks after the guests.
pub(crate) fn run(args: &GuestArgs) -> Result<ExitCode, Failure> {
    match &args.action {
        Action::Verify { guests } => {
            let folder = guests::folder(guests.as_deref())?;
            for report in frugal_guest_build::verify(&folder).map_err(Failure::usage)? {
                show(report)?;
            }
        }
        Action::Rebuild { language, guests } => {
            let language = match language {
                GuestName::Python => Language::Python,
                GuestName::Javascript => Language::JavaScript,
            };
            let recipe = Recipe::of(language, &guests::folder(guests.as_deref())?).map_err(Failure::usage)?;
            eprintln!("running {}: it {}", recipe.script.display(), recipe.summary);
            show(recipe.run().map_err(rebuild_failure)?)?;
            eprintln!("the new guest replaces the old one, and its fuel is another: renew the golden fuels with");
            eprintln!("UPDATE_GOLDEN=1 cargo test -p frugal-tests golden, and read the difference");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(report: Report) -> Result<(), Failure> {
    let frugal_guests::Artefact { language, version, sha256, bytes, .. } = report.artefact;
    print(&format!("{language} {version}: {bytes} bytes, digest {sha256}\n"))
}

fn rebuild_failure(error: Error) -> Failure {
    let failure = Failure::infrastructure(&error);
    match error {
        Error::Needs { missing, .. } => {
            failure.hint(missing.iter().map(|need| need.install).collect::<Vec<_>>().join("; "))
        }
        _ => failure,
    }
}
