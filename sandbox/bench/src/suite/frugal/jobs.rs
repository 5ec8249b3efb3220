//! The jobs of one problem, and how their replies are read.

use frugal_fuel::{Guest, GuestJob, Language};
use frugal_guests::{RawReply, RequestError, javascript, python};

use super::Problem;
use crate::BenchError;
use crate::suite::trusted::{self, CaseVerdict};

const HARNESS: &str = include_str!("harness.py");

impl Problem {
    /// Generates one input of `size` for each seed in a trusted instance. Its reply is read by [`Problem::inputs`].
    ///
    /// Equal sizes and seeds give equal inputs, as long as the guest is the same.
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the problem's own code is too long.
    pub fn generate_job(&self, guest: &Guest, size: u32, seeds: &[u32]) -> Result<GuestJob, RequestError> {
        self.trusted_job(guest, "__frugal_generate", &format!("[{size},{seeds:?}]"))
    }

    /// Reads generated inputs: for each seed the tagged JSON array of the arguments.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when it is not a list of `count` tuples.
    pub fn inputs(&self, reply: &[u8], count: usize) -> Result<Vec<String>, BenchError> {
        trusted::tuples(reply, count).map_err(|message| self.bad_reply("the input generator", message))
    }

    /// Asks in a trusted instance whether inputs meet the contract. Its reply is read by [`Problem::verdicts`].
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the problem's own code is too long.
    pub fn contract_job<'a>(
        &self,
        guest: &Guest,
        inputs: impl IntoIterator<Item = &'a str>,
    ) -> Result<GuestJob, RequestError> {
        let tuples: Vec<String> = inputs.into_iter().map(|input| format!("{{\"t\":{input}}}")).collect();
        self.trusted_job(guest, "__frugal_contract", &format!("[[{}]]", tuples.join(",")))
    }

    /// Runs `source` on one input, in the language of `guest`. Nothing of checker or reference is in it.
    ///
    /// # Errors
    /// [`RequestError`] when the source is too long.
    pub fn call_job(&self, guest: &Guest, source: &str, arguments_json: &str) -> Result<GuestJob, RequestError> {
        let entry = &self.description.entry_point;
        match guest.language {
            Language::JavaScript => javascript::function_job_raw(guest, source, entry, arguments_json, &[]),
            _ => python::function_job_raw(guest, source, entry, arguments_json, &[]),
        }
    }

    /// What a call returned, as tagged JSON.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when the reply holds no value, which only tampering can cause.
    pub fn output(&self, reply: &[u8]) -> Result<String, BenchError> {
        let reply = RawReply::from_json(reply).map_err(|error| self.bad_reply("the call", error.to_string()))?;
        Ok(reply.value.to_owned())
    }

    /// Checks `(arguments, answer, output)` triples in a trusted instance that runs no solution: by the problem's
    /// own `check`, else by type and equality. Its reply is read by [`Problem::verdicts`].
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the problem's own code is too long.
    pub fn check_job<'a>(
        &self,
        guest: &Guest,
        cases: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
    ) -> Result<GuestJob, RequestError> {
        self.trusted_job(guest, "__frugal_check", &trusted::triples(cases))
    }

    /// Reads what contract or checker said of each of `count` cases.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when it is not a list of `count` verdicts.
    pub fn verdicts(&self, reply: &[u8], count: usize) -> Result<Vec<CaseVerdict>, BenchError> {
        trusted::verdicts(reply, count).map_err(|message| self.bad_reply("problem.py", message))
    }

    fn trusted_job(&self, guest: &Guest, entry: &str, arguments: &str) -> Result<GuestJob, RequestError> {
        python::function_job_raw(guest, &format!("{}{HARNESS}", self.support), entry, arguments, &[])
    }

    fn bad_reply(&self, what: &'static str, message: String) -> BenchError {
        BenchError::Reply { what, task_id: self.id.clone(), message }
    }
}
