//! Contracts: assertions on the arguments of a function, which its reference carries (COFFE's STGen, first phase).

use frugal_fuel::{Guest, GuestJob};
use frugal_guests::python::{function_job, function_job_raw};
use frugal_guests::{GuestReply, RequestError, Tagged};

use super::jobs::{HIDDEN, with_digits};
use super::{Problem, REFERENCE_ENTRY_POINT};
use crate::BenchError;

const CONTRACTS: &str = include_str!("contracts.py");

/// What contracts say of one list of arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractVerdict {
    /// Every contract holds.
    Holds,
    /// The first contract that does not.
    Broken {
        /// Which one, from 0.
        contract: usize,
        /// `AssertionError`, or what else it raised. Hostile text.
        failure: String,
    },
}

impl Problem {
    /// Asks whether arguments, tagged JSON arrays, meet contracts. Its reply is read by [`Problem::contract_verdicts`].
    ///
    /// A contract is the text of one `assert` about the parameters of the best solution. They are bound to copies of the
    /// arguments before the call, so that recursion is not asserted, and a contract that writes changes nothing. Contracts
    /// see what the best solution imports and defines. The run fails where a contract is no such statement: its message
    /// says which and why. Contracts may be hostile, so the instance holds nothing that they could give away.
    ///
    /// # Errors
    /// [`RequestError`] when the guest is not Python or the source is too long.
    pub fn contract_job<'a>(
        &self,
        guest: &Guest,
        contracts: &[String],
        cases: impl IntoIterator<Item = &'a str>,
    ) -> Result<GuestJob, RequestError> {
        let contracts = Tagged::List(contracts.iter().map(|text| Tagged::Str(text.clone())).collect()).to_json();
        let tuples: Vec<String> = cases.into_iter().map(|arguments| format!("{{\"t\":{arguments}}}")).collect();
        let arguments = format!("[{contracts},[{}],\"{REFERENCE_ENTRY_POINT}\"]", tuples.join(","));
        let source = format!("{}\n{CONTRACTS}", with_digits(&self.best_solution));
        function_job_raw(guest, &source, "__frugal_contracts", &arguments, &HIDDEN)
    }

    /// Reads what contracts said of `count` lists of arguments.
    ///
    /// # Errors
    /// [`BenchError::Reply`] when it is not `count` verdicts, which only tampering can cause.
    pub fn contract_verdicts(&self, reply: &[u8], count: usize) -> Result<Vec<ContractVerdict>, BenchError> {
        let failed = |message: String| self.bad_reply("a contract", message);
        let reply = GuestReply::from_json(reply).map_err(|error| failed(error.to_string()))?;
        let Tagged::List(said) = reply.value else { return Err(failed("it is no list".to_owned())) };
        if said.len() != count {
            return Err(failed(format!("{} verdicts instead of {count}", said.len())));
        }
        said.iter().map(|one| verdict(one).ok_or_else(|| failed("it is no verdict".to_owned()))).collect()
    }

    /// Runs the best solution on the `test`-th correctness test; its reply is judged by [`Problem::is_right`].
    ///
    /// # Errors
    /// [`RequestError`] when the source is too long.
    pub fn reference_correctness_job(&self, guest: &Guest, test: usize) -> Result<GuestJob, RequestError> {
        let arguments = self.tests.get(test).map_or(&[][..], |test| &test.arguments);
        function_job(guest, &with_digits(&self.best_solution), REFERENCE_ENTRY_POINT, arguments, &HIDDEN)
    }
}

fn verdict(said: &Tagged) -> Option<ContractVerdict> {
    match said {
        Tagged::Bool(true) => Some(ContractVerdict::Holds),
        Tagged::Tuple(pair) => match pair.as_slice() {
            [Tagged::Int(contract), Tagged::Str(failure)] => Some(ContractVerdict::Broken {
                contract: usize::try_from(contract.to_i64()?).ok()?,
                failure: failure.clone(),
            }),
            _ => None,
        },
        _ => None,
    }
}
