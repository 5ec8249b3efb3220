//! First phase: contracts.

use frugal_bench::suite::coffe::{ContractVerdict, Problem};
use frugal_report::ContractReport;

use super::prompts;
use super::work::{Walk, failed};
use crate::recipe::desk::{Halt, Ran};
use crate::recipe::reply::data_lines;

/// Longest contract, in bytes.
const CONTRACT_MAX_BYTES: usize = 500;
/// What an answer says when there is nothing left to assert.
const NONE: &str = "NONE";

impl Walk<'_> {
    /// Contracts in the order written, kept ones and others.
    pub(super) fn contracts(&mut self, problem: &Problem) -> Result<Vec<ContractReport>, Halt> {
        let mut written: Vec<ContractReport> = Vec::new();
        for attempt in 1..=self.options.contract_tries {
            let of = |is_kept: bool| written.iter().filter(move |contract| contract.is_kept == is_kept);
            let kept: Vec<String> = of(true).map(|contract| contract.text.clone()).collect();
            if kept.len() >= self.options.contracts as usize || self.desk.is_short_of_budget() {
                break;
            }
            let refused: Vec<String> = of(false)
                .map(|contract| format!("{}  # {}", contract.text, contract.reason.as_deref().unwrap_or_default()))
                .collect();
            let known: Vec<String> = self.examples(problem, &[], attempt);
            let name = format!("contract {attempt}");
            let turns = prompts::contract(problem, &known, &kept, &refused);
            let Some((answer, _)) = self.desk.ask("contracts", &name, turns)? else { continue };
            let text = data_lines(&answer).join("\n");
            if text == NONE {
                self.desk.note(&name, "nothing left to assert");
                break;
            }
            let reason = self.against(problem, &text, &written)?;
            self.desk
                .note(&name, reason.as_ref().map_or_else(|| "kept".to_owned(), |reason| format!("not kept: {reason}")));
            written.push(ContractReport { text, is_kept: reason.is_none(), reason });
        }
        Ok(written)
    }

    /// What speaks against a contract; `None` where it is new and holds on every known test.
    fn against(&mut self, problem: &Problem, text: &str, written: &[ContractReport]) -> Result<Option<String>, Halt> {
        if !text.starts_with("assert") {
            return Ok(Some("it is no assertion".to_owned()));
        }
        if text.len() > CONTRACT_MAX_BYTES {
            return Ok(Some(format!("it has more than {CONTRACT_MAX_BYTES} bytes")));
        }
        if written.iter().any(|before| before.text == text) {
            return Ok(Some("it was written before".to_owned()));
        }
        let known = super::work::known(problem);
        let job =
            problem.contract_job(self.guest, &[text.to_owned()], known.iter().map(String::as_str)).map_err(failed)?;
        let reply = match self.desk.run(job, self.options.limits)? {
            Ran::Returned { reply, .. } => reply,
            Ran::Stopped { message, .. } => return Ok(Some(message)),
        };
        // A contract may tamper with what is said of it; then nothing is said.
        let Ok(verdicts) = problem.contract_verdicts(&reply, known.len()) else {
            return Ok(Some("it meddles with its own check".to_owned()));
        };
        let broken = verdicts.iter().zip(&problem.tests).find_map(|(verdict, test)| match verdict {
            ContractVerdict::Holds => None,
            ContractVerdict::Broken { failure, .. } => Some((failure, test)),
        });
        Ok(broken.map(|(failure, test)| {
            let arguments = frugal_guests::Tagged::List(test.arguments.clone()).to_python();
            let shown: String = arguments.chars().take(super::work::SHOWN_MAX).collect();
            format!("{failure} on the known test {shown}")
        }))
    }
}
