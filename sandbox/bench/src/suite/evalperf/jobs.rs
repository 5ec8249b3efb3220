//! The job of one task, and how its reply is read.

use frugal_fuel::{Guest, GuestJob};
use frugal_guests::python::function_job_raw;
use frugal_guests::{GuestReply, Integer, RequestError, Tagged};
use serde_json::value::RawValue;

use super::Task;
use crate::BenchError;
use crate::suite::coffe::values::from_json;

/// EvalPlus's tolerance of floats, relative to the expected one from 1 on and absolute below.
const TOLERANCE: f64 = 1e-6;

impl Task {
    /// The arguments in the form that jobs take: a tagged JSON array.
    ///
    /// # Errors
    /// [`BenchError::Reply`] for a number that is too large.
    pub fn arguments(&self) -> Result<String, BenchError> {
        // Without objects JSON and tagged JSON are the same text, so that an input of 64 MB is not taken apart.
        if !self.arguments_json.contains('{') {
            return Ok(self.arguments_json.clone());
        }
        let failed = |message: String| self.bad("`pe_input`", message);
        let raw: &RawValue = serde_json::from_str(&self.arguments_json).map_err(|error| failed(error.to_string()))?;
        from_json(raw).map(|arguments| arguments.to_json()).map_err(failed)
    }

    /// Calls the task's function of `source`; `None` where the task does not say which function that is.
    ///
    /// # Errors
    /// [`RequestError`] when the source is too long.
    pub fn call_job(&self, guest: &Guest, source: &str, arguments: &str) -> Option<Result<GuestJob, RequestError>> {
        let entry = self.entry_point.as_deref()?;
        Some(function_job_raw(guest, source, entry, arguments, &[]))
    }

    /// Whether an output is what a reference gave: values alike to EvalPlus's tolerance of floats, a tuple like a list.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when a reply holds no value, which only tampering can cause.
    pub fn is_right(&self, reference: &[u8], sample: &[u8]) -> Result<bool, BenchError> {
        let value = |reply: &[u8]| {
            GuestReply::from_json(reply)
                .map(|reply| reply.value)
                .map_err(|error| self.bad("the call", error.to_string()))
        };
        Ok(agree(&value(reference)?, &value(sample)?))
    }

    fn bad(&self, what: &'static str, message: String) -> BenchError {
        BenchError::Reply { what, task_id: self.task_id.clone(), message }
    }
}

fn agree(expected: &Tagged, output: &Tagged) -> bool {
    match (expected, output) {
        (Tagged::List(a) | Tagged::Tuple(a), Tagged::List(b) | Tagged::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b))
        }
        (Tagged::Dict(a), Tagged::Dict(b)) => {
            let found = |(key, value): &(Tagged, Tagged)| {
                b.iter().any(|(other_key, other)| key.same_value(other_key) && agree(value, other))
            };
            a.len() == b.len() && a.iter().all(found)
        }
        (Tagged::Float(a), Tagged::Float(b)) => close(*a, *b),
        (Tagged::Float(float), Tagged::Int(whole)) | (Tagged::Int(whole), Tagged::Float(float)) => {
            number(whole).is_some_and(|whole| close(*float, whole))
        }
        (a, b) => a.same_value(b),
    }
}

/// A whole number that a double holds without loss.
fn number(whole: &Integer) -> Option<f64> {
    let value = whole.to_i64()?;
    (value.unsigned_abs() <= 1 << 53).then_some(value as f64)
}

fn close(expected: f64, output: f64) -> bool {
    expected == output || (expected - output).abs() <= TOLERANCE * expected.abs().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_agree_as_evalplus_has_it() {
        let tagged = |text: &str| Tagged::from_json(text.as_bytes()).unwrap_or(Tagged::None);
        let same = [("[1,2]", "{\"t\":[1,2]}"), ("1.0", "1.0000005"), ("2", "2.0"), ("1e9", "1000000500.0")];
        for (a, b) in same {
            assert!(agree(&tagged(a), &tagged(b)) && agree(&tagged(b), &tagged(a)), "{a} {b}");
        }
        let different = [("[1,2]", "[2,1]"), ("1.0", "1.00001"), ("1", "2"), ("\"1\"", "1"), ("[1]", "[1,1]")];
        for (a, b) in different {
            assert!(!agree(&tagged(a), &tagged(b)), "{a} {b}");
        }
        assert!(!agree(&Tagged::Float(f64::NAN), &Tagged::Float(f64::NAN)));
    }
}
