//! `vectors [--strict] [--adapters] DIR...`: checks golden numbers and says which files it does not know.
#![allow(clippy::print_stdout)] // its output is its result

use std::path::PathBuf;
use std::process::ExitCode;

use frugal_tests::vectors::{Verdict, check_folder, use_adapters};

const USAGE: &str = "usage: vectors [--strict] [--adapters] DIR...\n\
    Checks every *.json below each DIR whose name it knows, lists the others.\n\
    --strict    an unknown file is a failure too\n\
    --adapters  the engine's vectors are also computed on every Vulkan adapter\n\
    exit 0: all known files passed; 1: a failure; 2: bad usage or an unreadable folder";

fn main() -> ExitCode {
    let (mut strict, mut folders) = (false, Vec::new());
    for argument in std::env::args_os().skip(1) {
        match argument.to_str() {
            Some("--strict") => strict = true,
            Some("--adapters") => use_adapters(),
            Some("--help" | "-h") => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            Some(flag) if flag.starts_with('-') => return usage(&format!("unknown flag `{flag}`")),
            _ => folders.push(PathBuf::from(argument)),
        }
    }
    if folders.is_empty() {
        return usage("no folder given");
    }
    let (mut passed, mut failed, mut unknown) = (0_u32, 0_u32, 0_u32);
    for folder in &folders {
        let results = match check_folder(folder) {
            Ok(results) => results,
            Err(error) => return usage(&error.to_string()),
        };
        for (path, verdict) in results {
            println!("{}", verdict.line(&path));
            match verdict {
                Verdict::Passed { .. } => passed += 1,
                Verdict::Failed { .. } => failed += 1,
                Verdict::Unknown => unknown += 1,
            }
        }
    }
    println!("{passed} passed, {failed} failed, {unknown} unknown");
    if failed > 0 || (strict && unknown > 0) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn usage(message: &str) -> ExitCode {
    eprintln!("error: {message}\n{USAGE}");
    ExitCode::from(2)
}
