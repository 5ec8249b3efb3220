//! `frugal problems validate`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use frugal_bench::suite::frugal::Problem;
use frugal_flow::problem_check::{Bench, check, findings};
use frugal_fuel::{Job, Language, Limits, Meter, Runner};

use crate::failure::{Failure, print, say};
use crate::parallel::parallel;
use crate::{guests, problem_set, runner};

/// Arguments of `frugal problems validate`.
#[derive(Args)]
pub(super) struct ValidateArgs {
    /// Folder of problems in Frugal's own form, such as public/problems/frugal
    folder: PathBuf,
    /// Only this problem; may be repeated
    #[arg(long = "problem", value_name = "ID")]
    problem: Vec<String>,
    /// Problems at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
    /// Folder of the language guests
    #[arg(long, value_name = "DIR")]
    guests: Option<PathBuf>,
}

pub(super) fn run(args: &ValidateArgs) -> Result<ExitCode, Failure> {
    let mut problems = problem_set::problems(&args.folder)?;
    if let Some(unknown) = args.problem.iter().find(|id| !problems.iter().any(|problem| problem.id == **id)) {
        return Err(Failure::usage(format!("{}: there is no problem `{unknown}`", args.folder.display())));
    }
    problems.retain(|problem| args.problem.is_empty() || args.problem.contains(&problem.id));
    let jobs = usize::from(args.jobs);
    let runner = runner::runner(Meter::Native, jobs)?;
    let folder = guests::folder(args.guests.as_deref())?;
    let python = guests::install(&runner, &folder, Language::Python)?;
    let javascript = guests::install(&runner, &folder, Language::JavaScript)?;
    let run = |job: &Job, limits: &Limits| runner.run(job, limits);
    let one = |problem: &Problem| check(problem, Bench { python: &python, javascript: &javascript, run: &run });
    let mut wrong = Vec::new();
    for checked in parallel(&problems, jobs, one) {
        print(&checked.to_string())?;
        wrong.extend(findings(&checked));
    }
    wrong.iter().for_each(say);
    say(format_args!("{} problems, {} findings", problems.len(), wrong.len()));
    Ok(ExitCode::from(u8::from(!wrong.is_empty())))
}
