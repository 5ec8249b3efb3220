//! What a task is made from: a pool of solutions, and what makes inputs for them.

use std::collections::HashSet;

use frugal_fuel::{Guest, GuestJob};
use frugal_guests::python::{function_job, function_job_raw};
use frugal_guests::{GuestReply, RawReply, RequestError, Tagged};
use serde::{Deserialize, Serialize};

use super::tasks::normal_id;
use crate::BenchError;
use crate::json::parse_text;

/// Name of the function that a generator defines: a scale in, a tuple of arguments out.
pub const GENERATOR_ENTRY_POINT: &str = "perf_input_gen";
/// Evaluates a known input. Numbers of any length may stand in it.
const EVALUATE: &str = include_str!("evaluate.py");

/// One task to be. Generators, contract, canonical solution and known inputs are trusted; solutions are not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Such as `HumanEval/9`.
    pub task_id: String,
    /// Name of the function that canonical solution and solutions define.
    pub entry_point: String,
    /// Source of a solution known to be right.
    pub canonical_solution: String,
    /// Source of `contract(*arguments)`, which returns whether arguments are allowed; everything is without one.
    pub contract: Option<String>,
    /// Sources that each define [`GENERATOR_ENTRY_POINT`], tried in order.
    #[serde(default)]
    pub generators: Vec<String>,
    /// Known inputs: Python expressions of the list or tuple of arguments.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Solutions, each a whole program.
    pub solutions: Vec<String>,
}

/// Reads pools: JSON lines, empty ones skipped.
///
/// # Errors
/// [`BenchError::Format`] with line and field, for a task that stands twice, and for a pool without any input.
pub fn parse_pools(bytes: &[u8], file: &str) -> Result<Vec<Pool>, BenchError> {
    let (mut pools, mut seen) = (Vec::new(), HashSet::new());
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let failed = |message: String| BenchError::format(file, Some(at as u64 + 1), message);
        let mut pool: Pool = parse_text(line).map_err(|fault| failed(fault.message))?;
        pool.task_id = normal_id(&pool.task_id).map_err(failed)?;
        if !seen.insert(pool.task_id.clone()) {
            return Err(failed(format!("`task_id` {} stands twice", pool.task_id)));
        }
        if pool.generators.is_empty() && pool.inputs.is_empty() {
            return Err(failed("`generators` and `inputs` are empty; give one at least".to_owned()));
        }
        if pool.solutions.is_empty() {
            return Err(failed("`solutions` is empty".to_owned()));
        }
        pools.push(pool);
    }
    if pools.is_empty() { Err(BenchError::format(file, None, "it holds no pools")) } else { Ok(pools) }
}

/// Arguments that a trusted instance made.
#[derive(Debug, Clone, PartialEq)]
pub struct Arguments {
    /// The tagged JSON array of them.
    pub tagged_json: String,
    /// False where an integer lies outside signed 64 bits.
    pub integers_fit: bool,
}

impl Pool {
    /// Runs a generator at a scale in a trusted instance. Its reply is read by [`Pool::arguments`].
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the source is too long.
    pub fn generate_job(&self, guest: &Guest, generator: &str, scale: u32) -> Result<GuestJob, RequestError> {
        function_job(guest, generator, GENERATOR_ENTRY_POINT, &[i64::from(scale).into()], &[])
    }

    /// Evaluates a known input in a trusted instance. Its reply is read by [`Pool::arguments`].
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the expression is too long.
    pub fn evaluate_job(&self, guest: &Guest, input: &str) -> Result<GuestJob, RequestError> {
        function_job(guest, EVALUATE, "__frugal_evaluate", &[input.trim().into()], &[])
    }

    /// Reads arguments that were generated or evaluated.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when they are no tuple, or hold what cannot be handed over exactly.
    pub fn arguments(&self, reply: &[u8]) -> Result<Arguments, BenchError> {
        let failed = |message: String| BenchError::Reply { what: "an input", task_id: self.task_id.clone(), message };
        let raw = RawReply::from_json(reply).map_err(|error| failed(error.to_string()))?;
        let whole = GuestReply::from_json(reply).map_err(|error| failed(error.to_string()))?;
        let Tagged::Tuple(arguments) = &whole.value else { return Err(failed("no tuple of arguments".to_owned())) };
        let mut integers_fit = true;
        for argument in arguments {
            survey(argument, &mut integers_fit).map_err(failed)?;
        }
        let tagged_json = raw.items().unwrap_or_default().to_owned();
        Ok(Arguments { tagged_json, integers_fit })
    }

    /// Asks the contract about arguments in a trusted instance; `None` without a contract. [`allows`] reads its reply.
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the source is too long.
    pub fn contract_job(&self, guest: &Guest, arguments: &Arguments) -> Option<Result<GuestJob, RequestError>> {
        let contract = self.contract.as_ref()?;
        Some(function_job_raw(guest, contract, "contract", &arguments.tagged_json, &[]))
    }

    /// Calls a solution. Nothing of contract, generators or other solutions is in it.
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the source is too long.
    pub fn call_job(&self, guest: &Guest, source: &str, arguments: &Arguments) -> Result<GuestJob, RequestError> {
        function_job_raw(guest, source, &self.entry_point, &arguments.tagged_json, &[])
    }

    /// The task as a line of a task file, which [`super::parse_tasks`] reads. Tuples and sets become lists, as in the
    /// published file.
    ///
    /// # Errors
    /// A sentence when an argument has no form in JSON.
    pub fn task_line(&self, arguments: &Arguments, references: &[&str], scores: &[f64]) -> Result<String, String> {
        #[derive(Serialize)]
        struct Row<'a> {
            task_id: &'a str,
            entry_point: &'a str,
            reference: &'a [&'a str],
            scores: &'a [f64],
            pe_input: [serde_json::Value; 1],
        }
        let reply = format!("{{\"value\":{},\"stdout\":\"\",\"stderr\":\"\"}}", arguments.tagged_json);
        let value = GuestReply::from_json(reply.as_bytes()).map_err(|error| error.to_string())?.value;
        let pe_input = [plain(&value)?];
        let row =
            Row { task_id: &self.task_id, entry_point: &self.entry_point, reference: references, scores, pe_input };
        serde_json::to_string(&row).map_err(|error| error.to_string())
    }
}

/// Whether a contract's reply says yes.
pub fn allows(reply: &[u8]) -> bool {
    GuestReply::from_json(reply).is_ok_and(|reply| reply.value == Tagged::Bool(true))
}

/// Looks for integers above 64 bits, and for values that cannot be handed over.
fn survey(value: &Tagged, integers_fit: &mut bool) -> Result<(), String> {
    match value {
        Tagged::Int(integer) => *integers_fit &= integer.to_i64().is_some(),
        Tagged::List(items) | Tagged::Tuple(items) | Tagged::Set(items) | Tagged::FrozenSet(items) => {
            items.iter().try_for_each(|item| survey(item, integers_fit))?;
        }
        Tagged::Dict(pairs) => {
            for (key, value) in pairs {
                survey(key, integers_fit)?;
                survey(value, integers_fit)?;
            }
        }
        Tagged::Opaque { type_name, .. } => return Err(format!("an argument holds a `{type_name}`")),
        _ => {}
    }
    Ok(())
}

fn plain(value: &Tagged) -> Result<serde_json::Value, String> {
    use serde_json::{Map, Number, Value};
    Ok(match value {
        Tagged::None => Value::Null,
        Tagged::Bool(truth) => (*truth).into(),
        Tagged::Int(integer) => integer.to_i64().ok_or("an integer lies outside signed 64 bits")?.into(),
        Tagged::Float(float) => Number::from_f64(*float).ok_or("a float is not finite")?.into(),
        Tagged::Str(text) => text.as_str().into(),
        Tagged::List(items) | Tagged::Tuple(items) | Tagged::Set(items) | Tagged::FrozenSet(items) => {
            items.iter().map(plain).collect::<Result<Vec<_>, _>>()?.into()
        }
        Tagged::Dict(pairs) => {
            let mut map = Map::new();
            for (key, value) in pairs {
                let Tagged::Str(key) = key else { return Err("a dict has a key that is no text".to_owned()) };
                map.insert(key.clone(), plain(value)?);
            }
            map.into()
        }
        _ => return Err("an argument has no form in JSON".to_owned()),
    })
}
