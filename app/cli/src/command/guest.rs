//! `frugal guest`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

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
}

/// Looks after the guests.
pub(crate) fn run(args: &GuestArgs) -> Result<ExitCode, Failure> {
    match &args.action {
        Action::Verify { guests } => {
            let folder = guests::folder(guests.as_deref())?;
            let reports = frugal_guest_build::verify(&folder).map_err(Failure::usage)?;
            for report in reports {
                let frugal_guests::Artefact { language, version, sha256, bytes, .. } = report.artefact;
                print(&format!("{language} {version}: {bytes} bytes, digest {sha256}\n"))?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}
