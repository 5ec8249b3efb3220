//! `frugal-guest-build verify` and `frugal-guest-build tab --out DIR`, from the root of the project.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use frugal_guest_build::{Error, tab, verify};

const USAGE: &str = "usage: frugal-guest-build [--root DIR] verify
       frugal-guest-build [--root DIR] tab --out DIR

verify  checks the artefacts under public/guests against their manifest
tab     writes the metered guests that the page loads into DIR";

enum Command {
    Verify,
    Tab { out: PathBuf },
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((root, command)) = parse(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let done = match command {
        Command::Verify => run_verify(&root),
        Command::Tab { out } => run_tab(&root, out),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Option<(PathBuf, Command)> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (root, rest) = match arguments.as_slice() {
        ["--root", root, rest @ ..] => (PathBuf::from(root), rest),
        rest => (PathBuf::from("."), rest),
    };
    match rest {
        ["verify"] => Some((root, Command::Verify)),
        ["tab", "--out", out] => Some((root, Command::Tab { out: PathBuf::from(out) })),
        _ => None,
    }
}

fn run_verify(root: &Path) -> Result<(), Error> {
    for report in verify(&root.join("public/guests"))? {
        let artefact = report.artefact;
        println!("{} {}: {} bytes, digest {}", artefact.language, artefact.version, artefact.bytes, artefact.sha256);
    }
    Ok(())
}

fn run_tab(root: &Path, out: PathBuf) -> Result<(), Error> {
    let start = Instant::now();
    for guest in tab::prepare(&tab::Folders::of_project(root, out))? {
        let how = if guest.cached { "from the cache" } else { "made" };
        println!("{} guest for the tab: {} bytes, {how}", guest.artefact.language, guest.bundle_bytes);
    }
    println!("guests ready after {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
