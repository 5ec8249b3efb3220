//! Jobs for the JavaScript guest.

use frugal_fuel::{Guest, GuestJob, Language};

use crate::request::{Draft, arguments, arguments_raw, stdin};
use crate::{RequestError, Tagged};

/// Name of the submitted file in stack traces.
pub const FILENAME: &str = "main.js";

/// A job that calls `entry(...arguments)` after executing the source's top level, unmeasured.
///
/// `hide` names globals that the source shall see as `undefined`.
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
/// Values of the Python guest are read too: a tuple becomes an array, a long integer a `BigInt`.
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

/// A job that runs the source as a script with `input` as `stdin` and behind `readline()`; all of it is measured.
///
/// # Errors
/// As [`function_job`].
pub fn program_job(guest: &Guest, source: &str, input: &str) -> Result<GuestJob, RequestError> {
    draft(guest, source, None, &[]).job(stdin(input))
}

fn draft<'a>(guest: &'a Guest, source: &'a str, entry: Option<&'a str>, hide: &'a [&'a str]) -> Draft<'a> {
    Draft { guest, language: Language::JavaScript, source, entry, filename: FILENAME, hide }
}
