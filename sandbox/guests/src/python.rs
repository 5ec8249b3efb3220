//! Jobs for the Python guest.

use std::fmt::Write as _;

use frugal_fuel::{CODE_STEP_FUEL, CODES_MAX, Guest, GuestJob, Language, REHEARSAL_ROUNDS, WARM_UP_EVENTS};

use crate::json::write_string;
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

/// The woven job that tells where the fuel of [`function_job`] goes. It is for [`frugal_fuel::Job::Profile`].
///
/// What it returns is a tuple: the value; for each function its name and line; for each code its line.
///
/// # Errors
/// As [`function_job`].
pub fn profile_function_job(
    guest: &Guest,
    source: &str,
    entry: &str,
    values: &[Tagged],
) -> Result<GuestJob, RequestError> {
    draft(guest, &woven(source, Some(entry)), Some(PROFILE_ENTRY), &[]).job(arguments(values))
}

/// The same for [`program_job`], whose value is `None`.
///
/// # Errors
/// As [`function_job`].
pub fn profile_program_job(guest: &Guest, source: &str, input: &str) -> Result<GuestJob, RequestError> {
    draft(guest, &woven(source, None), Some(PROFILE_ENTRY), &[]).job(stdin(input))
}

/// What `run.py` leaves in the program's scope to be called.
const PROFILE_ENTRY: &str = "__frugal_profile__";

/// A program that weaves `source`. What it brings has scopes of its own, so that no name meets one of `source`.
fn woven(source: &str, entry: Option<&str>) -> String {
    let mut out = String::from("(lambda names, run, *program: exec(run, names) or names['profile'](*program))(");
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{{'STEP_BYTES': {CODE_STEP_FUEL}, 'ROUNDS': {REHEARSAL_ROUNDS}, 'WARM_UP_EVENTS': {WARM_UP_EVENTS}, 'CODES_MAX': {CODES_MAX}}}, "
    );
    // A string of JSON is one of Python, as long as it holds no escaped surrogates.
    write_string(&mut out, include_str!("../python/profile/run.py"));
    out.push_str(", ");
    write_string(&mut out, include_str!("../python/profile/weave.py"));
    out.push_str(", globals(), ");
    write_string(&mut out, source);
    out.push_str(", ");
    match entry {
        Some(entry) => write_string(&mut out, entry),
        None => out.push_str("None"),
    }
    out.push_str(")\n");
    out
}

fn draft<'a>(guest: &'a Guest, source: &'a str, entry: Option<&'a str>, hide: &'a [&'a str]) -> Draft<'a> {
    Draft { guest, language: Language::Python, source, entry, filename: FILENAME, hide }
}
