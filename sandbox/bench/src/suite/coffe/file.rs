//! COFFE's file level: whole programs, from standard input to standard output.

use std::collections::HashMap;

use frugal_fuel::{Guest, GuestJob};
use frugal_guests::python::{function_job, program_job};
use frugal_guests::{GuestReply, RawReply, RequestError, Tagged};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::extract::extract_program;
use super::jobs::{SEED, with_digits};
use super::predictions::Asked;
use super::{NotExtracted, Prediction};
use crate::BenchError;
use crate::json::{Entries, parse, shortened};

const GENERATE: &str = include_str!("generate.py");

/// Whether samples are functions or whole programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A function is called.
    Function,
    /// A program reads standard input and writes standard output.
    File,
}

/// Tells a folder's level by the flag beside each solution of `best_solutions.json`: whether it reads standard input.
///
/// # Errors
/// [`BenchError::Format`] with line and field, and when the flags differ.
pub fn level(best_solutions: &[u8], file: &str) -> Result<Level, BenchError> {
    let entries: Entries<(IgnoredAny, bool)> = parse(best_solutions, file)?;
    let reading = entries.0.iter().filter(|(_, (_, reads_stdin))| *reads_stdin).count();
    match reading {
        0 => Ok(Level::Function),
        all if all == entries.0.len() => Ok(Level::File),
        _ => {
            let message =
                format!("{reading} of {} solutions read standard input; a folder has one level", entries.0.len());
            Err(BenchError::format(file, None, message))
        }
    }
}

/// Contents of the folder `file`, by file.
#[derive(Debug, Clone, Copy)]
pub struct ProgramFiles<'a> {
    /// `data.json`: `task_id`, `dataset` and `final_prompt` of each problem.
    pub data: &'a [u8],
    /// `testcases.json`: what is read and what must be written, by prompt.
    pub testcases: &'a [u8],
    /// `stressful_testcases.json`: sources of generators, by prompt.
    pub stressful_testcases: &'a [u8],
    /// `best_solutions.json`: the cheapest ground truth and `true`, by prompt.
    pub best_solutions: &'a [u8],
}

/// One problem. Its Python sources are trusted: they come with the benchmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramProblem {
    /// Such as `frugal_file/0`.
    pub task_id: String,
    /// The text that models were given, by which all other files are keyed.
    pub prompt: String,
    /// Ordinary tests, which alone judge correctness.
    pub tests: Vec<ProgramTest>,
    /// Sources that each define `generate_input()`, which returns a text. Costs are measured on these texts.
    pub generators: Vec<String>,
    /// The cheapest ground truth.
    pub best_solution: String,
}

/// What a program reads and what it must write.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProgramTest {
    /// Standard input.
    pub input: String,
    /// Standard output; see [`ProgramProblem::is_right`].
    pub output: String,
}

#[derive(Deserialize)]
struct Row {
    task_id: String,
    final_prompt: String,
}

/// Reads the problems that `data.json` lists, in its order. `folder` is what the files stand in, for messages.
///
/// # Errors
/// [`BenchError::Format`] with file, line and field, or the problem that a file lacks.
pub fn parse_programs(files: ProgramFiles<'_>, folder: &str) -> Result<Vec<ProgramProblem>, BenchError> {
    let name = |file: &str| format!("{folder}/{file}");
    let data = name("data.json");
    let rows: Vec<Row> = parse(files.data, &data)?;
    let tests: HashMap<String, Vec<ProgramTest>> = by_prompt(files.testcases, &name("testcases.json"))?;
    let generators: HashMap<String, Vec<String>> =
        by_prompt(files.stressful_testcases, &name("stressful_testcases.json"))?;
    let best: HashMap<String, (String, bool)> = by_prompt(files.best_solutions, &name("best_solutions.json"))?;
    let (mut problems, mut seen) = (Vec::<ProgramProblem>::new(), HashMap::new());
    for (at, Row { task_id, final_prompt: prompt }) in rows.into_iter().enumerate() {
        let lacking = |file: &str| {
            BenchError::format(&name(file), None, format!("`{}` has no entry, or an empty one", shortened(&prompt)))
        };
        let tests = tests.get(&prompt).filter(|tests| !tests.is_empty());
        let generators = generators.get(&prompt).filter(|generators| !generators.is_empty());
        let best = best.get(&prompt).filter(|(code, _)| !code.trim().is_empty());
        let problem = ProgramProblem {
            tests: tests.ok_or_else(|| lacking("testcases.json"))?.clone(),
            generators: generators.ok_or_else(|| lacking("stressful_testcases.json"))?.clone(),
            best_solution: best.ok_or_else(|| lacking("best_solutions.json"))?.0.clone(),
            task_id,
            prompt: prompt.clone(),
        };
        for unique in [problem.task_id.clone(), prompt] {
            if let Some(first) = seen.insert(unique, at) {
                let message = format!("`[{at}]`: {} has the task or prompt of `[{first}]`", problem.task_id);
                return Err(BenchError::format(&data, None, message));
            }
        }
        problems.push(problem);
    }
    if problems.is_empty() { Err(BenchError::format(&data, None, "it holds no problems")) } else { Ok(problems) }
}

fn by_prompt<'a, T: Deserialize<'a>>(bytes: &'a [u8], file: &str) -> Result<HashMap<String, T>, BenchError> {
    let entries: Entries<T> = parse(bytes, file)?;
    Ok(entries.0.into_iter().collect())
}

impl Asked for ProgramProblem {
    fn task_id(&self) -> &str {
        &self.task_id
    }

    fn prompt(&self) -> &str {
        &self.prompt
    }
}

impl Prediction {
    /// The program of an answer at file level.
    ///
    /// # Errors
    /// [`NotExtracted`] when a reply holds no code.
    pub fn program(&self) -> Result<String, NotExtracted> {
        match self {
            Self::Response(text) => extract_program(text),
            Self::Solution(code) => Ok(code.clone()),
        }
    }
}

impl ProgramProblem {
    /// Runs the `test`-th generator in a trusted instance, `random` seeded. Its reply is read by
    /// [`ProgramProblem::generated`].
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the source is too long.
    pub fn generate_job(&self, guest: &Guest, test: usize) -> Result<GuestJob, RequestError> {
        let source = format!("{}\n\n\n{GENERATE}", self.generators.get(test).map_or("", String::as_str));
        function_job(guest, &source, "__frugal_generate", &[SEED.into()], &[])
    }

    /// Reads the text that a generator made.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when it is no text.
    pub fn generated(&self, reply: &[u8]) -> Result<String, BenchError> {
        let failed = |message: String| self.bad_reply("a generator", message);
        match GuestReply::from_json(reply).map_err(|error| failed(error.to_string()))?.value {
            Tagged::Str(text) => Ok(text),
            _ => Err(failed("it made no text".to_owned())),
        }
    }

    /// Runs a whole program on a text; the cost is that of all of it. Sample and ground truth run alike, and neither's
    /// instance holds an expected output.
    ///
    /// # Errors
    /// [`RequestError`] when the source is too long.
    pub fn program_job(&self, guest: &Guest, source: &str, stdin: &str) -> Result<GuestJob, RequestError> {
        program_job(guest, &with_digits(source), stdin)
    }

    /// Whether the reply of a program holds the output of the `test`-th test: line by line, spaces at the end of a line
    /// and empty lines at the end of the text left aside.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when the reply cannot be read, which only tampering can cause.
    pub fn is_right(&self, reply: &[u8], test: usize) -> Result<bool, BenchError> {
        let reply = RawReply::from_json(reply).map_err(|error| self.bad_reply("the program", error.to_string()))?;
        let is_same = |wanted: &str| lines(wanted).eq(lines(&reply.stdout));
        Ok(self.tests.get(test).is_some_and(|test| is_same(&test.output)))
    }

    fn bad_reply(&self, what: &'static str, message: String) -> BenchError {
        BenchError::Reply { what, task_id: self.task_id.clone(), message }
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end().lines().map(str::trim_end)
}
