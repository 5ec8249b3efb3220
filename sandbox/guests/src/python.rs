//! Jobs for the Python guest.

use frugal_fuel::{Guest, GuestJob, Language};

use crate::request::{Draft, arguments, arguments_raw, stdin};
use crate::{RequestError, Tagged};

/// Name of the submitted file in tracebacks.
pub const FILENAME: &str = "main.py";

/// A job that calls `entry(*arguments)` after executing the source's top level, unmeasured.
///
/// `hide` names builtins that the source shall see as `None`, such as `print`.
///
/// # Errors
/// [`RequestError`] for another language's guest, a source that is too long, or a bad name.
pub fn function_job(
    guest: &Guest,
    source: &str,
    entry: &str,
    values: &[Tagged],
    hide: &[&str],
) -> Result<GuestJob, RequestError> {
    draft(guest, source, Some(entry), hide).job(arguments(values))
}

/// The same with the arguments as the JSON array of tagged values that another instance handed back.
///
/// `values` is copied as it is: it must be JSON from a trusted instance, such as [`crate::RawReply::value`].
///
/// # Errors
/// As [`function_job`].
pub fn function_job_raw(
    guest: &Guest,
    source: &str,
    entry: &str,
    values: &str,
    hide: &[&str],
) -> Result<GuestJob, RequestError> {
    draft(guest, source, Some(entry), hide).job(arguments_raw(values))
}

/// A job that executes the source as `__main__` with `input` on standard input; all of it is measured.
///
/// # Errors
/// As [`function_job`].
pub fn program_job(guest: &Guest, source: &str, input: &str) -> Result<GuestJob, RequestError> {
    draft(guest, source, None, &[]).job(stdin(input))
}

fn draft<'a>(guest: &'a Guest, source: &'a str, entry: Option<&'a str>, hide: &'a [&'a str]) -> Draft<'a> {
    Draft { guest, language: Language::Python, source, entry, filename: FILENAME, hide }
}
