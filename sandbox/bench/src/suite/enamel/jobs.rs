//! The jobs of one problem, and how their replies are read.

use frugal_fuel::{Guest, GuestJob};
use frugal_guests::python::function_job_raw;
use frugal_guests::{RawReply, RequestError};

use super::Problem;
use crate::BenchError;
use crate::suite::trusted::{self, CaseVerdict};

const HELPERS: &str = include_str!("helpers.py");
const GENERATE: &str = include_str!("generate.py");
const CHECK: &str = include_str!("check.py");
/// Bound to `None` where a sample or the reference runs.
const HIDDEN: [&str; 2] = ["print", "input"];

/// The checker of most problems.
const EQUALITY_CHECKER: &str =
    "def __check(input, answer, output):\n    return type(output) == type(answer) and output == answer";

/// Seeds of a problem's inputs: case m of level l of problem i gets `seed ^ i ^ (cases in earlier levels + m)`.
#[derive(Debug, Clone, Copy)]
pub struct Seeding<'a> {
    /// The evaluation's seed.
    pub seed: u32,
    /// Cases of every level.
    pub tests_per_level: &'a [u32],
}

/// The text that is executed for `code`: prompt, newline, code.
///
/// A sample may be a function's body or whole text. One that repeats the prompt is cut to what follows it,
/// so that the same solution is the same text, and the same fuel, in either form.
pub fn call_source(prompt: &str, code: &str) -> String {
    let repeats_prompt = |rest: &&str| rest.is_empty() || prompt.ends_with('\n') || rest.starts_with('\n');
    let code = code.strip_prefix(prompt).filter(repeats_prompt).unwrap_or(code);
    format!("{}\n{}\n", prompt.trim_matches('\n'), code.trim_matches('\n'))
}

impl Problem {
    /// Generates the inputs of one level in a trusted instance. Its reply is read by [`Problem::inputs`].
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the problem's own source is too long.
    pub fn generate_job(&self, guest: &Guest, level: usize, seeding: Seeding<'_>) -> Result<GuestJob, RequestError> {
        let source = format!("{HELPERS}\n\n{}\n{}\n{GENERATE}", self.prompt, self.generator);
        let before: u32 = seeding.tests_per_level[..level].iter().sum();
        let seeds: Vec<String> = (0..seeding.tests_per_level[level])
            .map(|case| (seeding.seed ^ self.number ^ (before + case)).to_string())
            .collect();
        let arguments = format!("[{},{level},[{}]]", self.level_sizes[level], seeds.join(","));
        function_job_raw(guest, &source, "__frugal_generate", &arguments, &[])
    }

    /// Source of a generator of one input by its size alone, called `entry`: that of the last level, seeded by the
    /// problem's number.
    pub fn generator_by_size(&self, entry: &str) -> String {
        let (level, number) = (self.level_sizes.len() - 1, self.number);
        format!(
            "{HELPERS}\n\n{}\n{}\n\n\ndef {entry}(size):\n    random.seed({number})\n    return tuple(generate_input(size, {level}, 0))\n",
            self.prompt, self.generator
        )
    }

    /// Reads the inputs of a level: for each case the tagged JSON array of its arguments.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when it is not a list of `cases` tuples.
    pub fn inputs(&self, reply: &[u8], cases: u32) -> Result<Vec<String>, BenchError> {
        trusted::tuples(reply, cases as usize).map_err(|message| self.bad_reply("the input generator", message))
    }

    /// Runs `source` (see [`call_source`]) on one input. Nothing of checker or reference is in it.
    ///
    /// # Errors
    /// [`RequestError`] when the source is too long.
    pub fn call_job(&self, guest: &Guest, source: &str, arguments_json: &str) -> Result<GuestJob, RequestError> {
        function_job_raw(guest, source, &self.entry_point, arguments_json, &HIDDEN)
    }

    /// The text executed for the reference.
    pub fn reference_source(&self) -> String {
        call_source(&self.prompt, &self.reference)
    }

    /// What a call returned, as tagged JSON.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when the reply holds no value, which only tampering can cause.
    pub fn output(&self, reply: &[u8]) -> Result<String, BenchError> {
        let reply = RawReply::from_json(reply).map_err(|error| self.bad_reply("the call", error.to_string()))?;
        Ok(reply.value.to_owned())
    }

    /// Whether an output is right beyond doubt, so that no checker need run: the checker asks for type and
    /// equality alone, and output and answer are the same text with nothing in it that is unequal to itself.
    ///
    /// The texts are canonical, so most right outputs are told so; `false` only means that the checker decides.
    pub fn is_evidently_right(&self, answer: &str, output: &str) -> bool {
        let unequal_to_itself = |text: &str| ["{\"n\":", "{\"o\":", "{\"c\":"].iter().any(|tag| text.contains(tag));
        self.checker.trim() == EQUALITY_CHECKER && output == answer && !unequal_to_itself(answer)
    }

    /// Checks `(arguments, answer, output)` triples of one sample in a trusted instance that runs no sample.
    /// Its reply is read by [`Problem::verdicts`].
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the problem's own source is too long.
    pub fn check_job<'a>(
        &self,
        guest: &Guest,
        cases: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
    ) -> Result<GuestJob, RequestError> {
        let source = format!("{HELPERS}\n\n{}\n{}\n{CHECK}", self.prompt, self.checker);
        let arguments = trusted::triples(cases);
        function_job_raw(guest, &source, "__frugal_check", &arguments, &[])
    }

    /// Reads what the checker said of each case.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when it is not a list of `cases` verdicts.
    pub fn verdicts(&self, reply: &[u8], cases: usize) -> Result<Vec<CaseVerdict>, BenchError> {
        trusted::verdicts(reply, cases).map_err(|message| self.bad_reply("the checker", message))
    }

    fn bad_reply(&self, what: &'static str, message: String) -> BenchError {
        BenchError::Reply { what, task_id: self.task_id.clone(), message }
    }
}
