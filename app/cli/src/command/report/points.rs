//! The calls that a report measures, ready to run.

use std::path::{Path, PathBuf};

use frugal_bench::suite::frugal::{Point, PointSet, Problem, parse_points};
use frugal_flow::agreement::Source;
use frugal_fuel::{Guest, GuestJob, Job, Language, Limits, Meter, Outcome, Output, Runner};
use frugal_guests::sha256_hex;
use frugal_host::HostRunner;

use super::Common;
use crate::failure::{Failure, read};
use crate::{guests, problem_set, runner};

/// What runs calls.
pub(super) struct Machine {
    pub(super) runner: HostRunner,
    pub(super) guest: Guest,
    pub(super) limits: Limits,
}

impl Machine {
    /// Makes the guest ready for `parallel` runs at once.
    pub(super) fn open(common: &Common, parallel: usize) -> Result<Self, Failure> {
        let runner = runner::runner(Meter::Native, parallel)?;
        let guest = guests::install(&runner, &guests::folder(common.guests.as_deref())?, Language::Python)?;
        let limits = common.limits.over(Limits::default());
        limits.validate().map_err(Failure::usage)?;
        Ok(Self { runner, guest, limits })
    }

    /// The reply of a job that makes an input and must finish. The error is a sentence.
    pub(super) fn reply(&self, job: GuestJob) -> Result<Vec<u8>, String> {
        let measured = self.runner.run(&Job::Guest(job), &self.limits).map_err(|error| error.to_string())?;
        match (measured.outcome, measured.output) {
            (Outcome::Finished, Output::Guest(reply)) => Ok(reply),
            (outcome, _) => Err(format!("its input: {}", outcome.name())),
        }
    }

    pub(super) fn source(&self, content_sha256: &str) -> Source {
        let (identity, guest) = (self.runner.identity(), self.guest.clone());
        Source { identity, guest, content_sha256: content_sha256.to_owned() }
    }
}

/// The points of our own problems, on a machine.
pub(super) struct Ground {
    pub(super) machine: Machine,
    pub(super) set: PointSet,
    pub(super) set_name: String,
    pub(super) set_sha256: String,
    problems: Vec<Problem>,
}

/// One call: the job, and its arguments as tagged JSON.
pub(super) struct PointCall<'a> {
    pub(super) problem: &'a Problem,
    pub(super) source: &'a str,
    pub(super) arguments: String,
    pub(super) job: GuestJob,
}

impl Ground {
    /// Reads problems and points, and makes the guest ready for `parallel` runs at once.
    pub(super) fn open(common: &Common, parallel: usize) -> Result<Self, Failure> {
        let folder = match &common.problems {
            Some(folder) => folder.clone(),
            None => default_folder()?,
        };
        let problems = problem_set::problems(&folder)?;
        let file = common.points.clone().unwrap_or_else(|| folder.join("points.json"));
        let (bytes, name) = (read(&file)?, file.display().to_string());
        let mut set = parse_points(&bytes, &name).map_err(Failure::usage)?;
        set.points.truncate(common.limit.unwrap_or(usize::MAX));
        if let Some(unknown) = set.points.iter().find(|point| find(&problems, point).is_none()) {
            let message = format!("{name}: there is no Python solution {}/{}", unknown.problem, unknown.solution);
            return Err(Failure::usage(message).hint("points name folders and solutions below --problems"));
        }
        let machine = Machine::open(common, parallel)?;
        Ok(Self { machine, set, set_name: name, set_sha256: sha256_hex(&bytes), problems })
    }

    /// Generates a point's input and makes the call's job. The error is a sentence. Contracts are not asked: some cost more
    /// than the call at sizes beyond the levels.
    pub(super) fn call(&self, point: &Point) -> Result<PointCall<'_>, String> {
        let (problem, source) = find(&self.problems, point).ok_or("there is no such solution")?;
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let job = problem.generate_job(&self.machine.guest, point.size, &[point.seed]).map_err(|error| text(&error))?;
        let mut inputs = problem.inputs(&self.machine.reply(job)?, 1).map_err(|error| text(&error))?;
        let arguments = inputs.pop().ok_or("the generator gave no input")?;
        let job = problem.call_job(&self.machine.guest, source, &arguments).map_err(|error| text(&error))?;
        Ok(PointCall { problem, source, arguments, job })
    }
}

/// A point for people.
pub(super) fn name(point: &Point) -> String {
    format!("{}/{}, n = {}", point.problem, point.solution, point.size)
}

fn find<'a>(problems: &'a [Problem], point: &Point) -> Option<(&'a Problem, &'a str)> {
    let problem = problems.iter().find(|problem| problem.id == point.problem)?;
    let mut solutions = problem.solutions(Language::Python).into_iter();
    let (_, source) = solutions.find(|(solution, _)| solution.name == point.solution)?;
    Some((problem, source))
}

/// `public/problems/frugal` in a parent of the program's or the current folder.
fn default_folder() -> Result<PathBuf, Failure> {
    let places = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    let parents = places.iter().flatten().flat_map(|place| place.ancestors().map(Path::to_path_buf));
    parents
        .map(|parent| parent.join("public/problems/frugal"))
        .find(|folder| folder.is_dir())
        .ok_or_else(|| Failure::usage("the problems were not found").hint("name their folder with --problems DIR"))
}
