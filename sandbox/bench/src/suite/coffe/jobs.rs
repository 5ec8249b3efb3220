//! The jobs of one problem, and how their replies are read.

use frugal_fuel::{Guest, GuestJob};
use frugal_guests::python::{function_job, function_job_raw};
use frugal_guests::{GuestReply, RawReply, RequestError, Tagged};

use super::extract::after_future_imports;
use super::values::same_json;
use super::{Problem, REFERENCE_ENTRY_POINT};
use crate::BenchError;

const EVALUATE: &str = include_str!("evaluate.py");
/// Seeds `random` before an expression is evaluated or a generator called.
pub(super) const SEED: i64 = 1024;
/// Bound to `None` where a sample or the reference runs.
pub(super) const HIDDEN: [&str; 2] = ["print", "input"];
/// Lets code turn integers of up to a million digits into text and back, as COFFE does: some stressful tests hold such.
const DIGITS: &str = "import sys as __sys; __sys.set_int_max_str_digits(1000000); del __sys\n";

impl Problem {
    /// Evaluates the `test`-th stressful test in a trusted instance. Its reply is read by
    /// [`Problem::stressful_arguments`].
    ///
    /// Trap: values pass through the codec, so parts that an expression shares (`[[0] * 3] * 3`) are shared no longer.
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the expression is too long.
    pub fn evaluate_job(&self, guest: &Guest, test: usize) -> Result<GuestJob, RequestError> {
        self.expression_job(guest, self.stressful_tests.get(test).map_or("", String::as_str))
    }

    /// The same for an expression that is no test yet. A model may have written it: nothing else is in its instance.
    ///
    /// # Errors
    /// As [`Problem::evaluate_job`].
    pub fn expression_job(&self, guest: &Guest, expression: &str) -> Result<GuestJob, RequestError> {
        let arguments = [Tagged::Str(expression.trim().to_owned()), SEED.into()];
        function_job(guest, EVALUATE, "__frugal_evaluate", &arguments, &[])
    }

    /// Reads the arguments of a stressful test: a tagged JSON array.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when it is no tuple.
    pub fn stressful_arguments(&self, reply: &[u8]) -> Result<String, BenchError> {
        let failed = |message: String| self.bad_reply("a stressful test", message);
        let reply = RawReply::from_json(reply).map_err(|error| failed(error.to_string()))?;
        reply.items().map(str::to_owned).ok_or_else(|| failed("no list of arguments".to_owned()))
    }

    /// Runs `source` on one stressful test, whose cost counts. The instance holds no expected answer, since there is none.
    ///
    /// # Errors
    /// [`RequestError`] when the source is too long.
    pub fn stressful_job(&self, guest: &Guest, source: &str, arguments_json: &str) -> Result<GuestJob, RequestError> {
        function_job_raw(guest, &with_digits(source), &self.entry_point, arguments_json, &HIDDEN)
    }

    /// The same for a ground truth, which calls its function [`REFERENCE_ENTRY_POINT`].
    ///
    /// Where the problem's own name does not stand in it yet, that name takes the place of the other: the length of a
    /// name moves the heap, and fuel with it by millionths, so a copy of the ground truth must be the same text.
    ///
    /// # Errors
    /// [`RequestError`] when the source is too long.
    pub fn reference_job(&self, guest: &Guest, source: &str, arguments_json: &str) -> Result<GuestJob, RequestError> {
        let name = self.entry_point.as_str();
        let (source, entry) = match has_word(source, name) {
            true => (source.to_owned(), REFERENCE_ENTRY_POINT),
            false => (renamed(source, REFERENCE_ENTRY_POINT, name), name),
        };
        function_job_raw(guest, &with_digits(&source), entry, arguments_json, &HIDDEN)
    }

    /// Runs `source` on the `test`-th correctness test. The instance is handed the arguments alone, never the answer:
    /// [`Problem::is_right`] compares outside of any guest.
    ///
    /// # Errors
    /// [`RequestError`] when the source is too long.
    pub fn correctness_job(&self, guest: &Guest, source: &str, test: usize) -> Result<GuestJob, RequestError> {
        let arguments = self.tests.get(test).map_or(&[][..], |test| &test.arguments);
        function_job(guest, &with_digits(source), &self.entry_point, arguments, &HIDDEN)
    }

    /// Whether the reply of a correctness job holds the expected answer: Python's `==` after a trip through JSON, so that
    /// a tuple may stand for a list and 2 for 2.0.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when the reply holds no value, which only tampering can cause.
    pub fn is_right(&self, reply: &[u8], test: usize) -> Result<bool, BenchError> {
        let reply = GuestReply::from_json(reply).map_err(|error| self.bad_reply("the call", error.to_string()))?;
        Ok(self.tests.get(test).is_some_and(|test| same_json(&reply.value, &test.output)))
    }

    pub(super) fn bad_reply(&self, what: &'static str, message: String) -> BenchError {
        BenchError::Reply { what, task_id: self.task_id.clone(), message }
    }
}

/// The source with longer integers allowed, which happens where it is defined and costs it nothing.
pub(super) fn with_digits(source: &str) -> String {
    let (head, rest) = source.split_at(after_future_imports(source));
    format!("{head}{DIGITS}{rest}")
}

fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn has_word(source: &str, word: &str) -> bool {
    source.split(|c| !is_word_part(c)).any(|other| other == word)
}

/// The source with one whole word for another, wherever it stands.
fn renamed(source: &str, from: &str, to: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find(from) {
        let (before, after) = (&rest[..at], &rest[at + from.len()..]);
        let is_whole = !before.ends_with(is_word_part) && !after.starts_with(is_word_part);
        text.push_str(before);
        text.push_str(if is_whole { to } else { from });
        rest = after;
    }
    text + rest
}
