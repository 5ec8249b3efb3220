use frugal_fuel::{Guest, Job, Language, Limits, ModuleJob};
use frugal_guests::{javascript, job_key, parse_arguments, python, sha256_hex};

use super::arguments::module_arguments;

/// What a person asks to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRequest {
    /// The program.
    pub code: Code,
    /// What it is given.
    pub input: Input,
    /// What it may use.
    pub limits: Limits,
}

/// A program in one of the forms people have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// A binary WebAssembly module.
    Module(Vec<u8>),
    /// A module in the text format.
    Wat(String),
    /// Source text for a guest.
    Source {
        /// Which guest.
        language: Language,
        /// The text.
        text: String,
    },
}

/// How a program is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Call a function (of a module: an export).
    Call {
        /// Its name.
        entry: String,
        /// A list of arguments in JSON or Python notation.
        arguments: String,
    },
    /// Run a whole program with this standard input. Not for modules.
    Stdin(String),
}

/// A request that no job can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct RequestError {
    /// Which part of the request, such as `arguments` or `limits.fuel`.
    pub place: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to mend.
    pub hint: Option<String>,
}

/// A job ready for a runner.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// What to run.
    pub job: Job,
    /// Within these limits.
    pub limits: Limits,
    /// Equal keys mean equal results. 64 hexadecimal digits.
    pub key: String,
    /// SHA-256 of the program as given, hexadecimal.
    pub program_sha256: String,
}

/// Makes the job of a request. `guests` are those the runner has; `cost_table` is its table's name.
///
/// # Errors
/// [`RequestError`] with the place and what to mend.
pub fn plan(request: &RunRequest, guests: &[Guest], cost_table: &str) -> Result<Planned, RequestError> {
    request.limits.validate().map_err(|error| at("limits", &error, None))?;
    let (job, program): (Job, &[u8]) = match &request.code {
        Code::Module(bytes) => (module_job(bytes.clone(), &request.input)?, bytes),
        Code::Wat(text) => {
            let hint = "write a module in the WebAssembly text format, such as (module (func (export \"f\")))";
            let bytes = wat::parse_str(text).map_err(|error| at("source", &error, Some(hint)))?;
            (module_job(bytes, &request.input)?, text.as_bytes())
        }
        Code::Source { language, text } => (guest_job(*language, text, &request.input, guests)?, text.as_bytes()),
    };
    let key = job_key(&job, &request.limits, cost_table);
    Ok(Planned { job, limits: request.limits, key, program_sha256: sha256_hex(program) })
}

fn module_job(bytes: Vec<u8>, input: &Input) -> Result<Job, RequestError> {
    let Input::Call { entry, arguments } = input else {
        let hint = "name an export to call; whole programs with standard input are for Python and JavaScript";
        return Err(at("stdin", &"a WebAssembly module has no standard input", Some(hint)));
    };
    let values = parse_arguments(arguments).map_err(|error| at("arguments", &error, None))?;
    let arguments = module_arguments(&bytes, entry, &values)?;
    Ok(Job::Module(ModuleJob { bytes, export: entry.clone(), arguments }))
}

fn guest_job(language: Language, text: &str, input: &Input, guests: &[Guest]) -> Result<Job, RequestError> {
    let guest = guests.iter().find(|guest| guest.language == language).ok_or_else(|| {
        let hint = "run `frugal guest verify` to see which guests are here";
        at("language", &format!("there is no guest for {language} here"), Some(hint))
    })?;
    let job = match input {
        Input::Call { entry, arguments } => {
            let values = parse_arguments(arguments).map_err(|error| at("arguments", &error, None))?;
            match language {
                Language::Python => python::function_job(guest, text, entry, &values, &[]),
                Language::JavaScript => javascript::function_job(guest, text, entry, &values, &[]),
                _ => return Err(at("language", &format!("{language} cannot be run"), None)),
            }
        }
        Input::Stdin(stdin) => match language {
            Language::Python => python::program_job(guest, text, stdin),
            Language::JavaScript => javascript::program_job(guest, text, stdin),
            _ => return Err(at("language", &format!("{language} cannot be run"), None)),
        },
    };
    job.map(Job::Guest).map_err(|error| at("source", &error, None))
}

pub(super) fn at(place: &'static str, message: &dyn std::fmt::Display, hint: Option<&str>) -> RequestError {
    // A parser's sentence may quote the source, with whatever steers terminals or lines.
    RequestError { place, message: frugal_report::printable(&message.to_string()), hint: hint.map(String::from) }
}
