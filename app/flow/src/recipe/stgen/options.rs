//! How much is asked for, and within what bounds.

use frugal_fuel::Limits;
use frugal_report::StressOptions;

use crate::limits_report;

/// Inputs looked at, as a multiple of those wanted.
const TRIES_PER_INPUT: u32 = 3;

/// Parameters of the two phases.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Contracts after which no more are asked for; 0 leaves the first phase out.
    pub contracts: u32,
    /// Most questions for contracts.
    pub contract_tries: u32,
    /// Inputs after which no more are asked for; three times as many are looked at.
    pub inputs: u32,
    /// Inputs asked for at once.
    pub inputs_per_question: u32,
    /// Inputs shown as examples.
    pub shown: u32,
    /// Costliest inputs that become tests.
    pub published: u32,
    /// Randomness of answers, for the report. Absent where the endpoint chooses.
    pub temperature: Option<f64>,
    /// Most tokens of one problem, both ways; questions after that are not asked. The last answer may exceed it.
    pub tokens_max: Option<u64>,
    /// Decides which inputs are shown.
    pub seed: u32,
    /// Of one run of an expression, a contract or the reference.
    pub limits: Limits,
}

impl Default for Options {
    /// COFFE's counts: 4 contracts in 20 tries, 20 inputs of which the 5 costliest stay, 5 shown.
    fn default() -> Self {
        Self {
            contracts: 4,
            contract_tries: 20,
            inputs: 20,
            inputs_per_question: 4,
            shown: 5,
            published: 5,
            temperature: Some(0.0),
            tokens_max: None,
            seed: 1024,
            limits: Limits::default(),
        }
    }
}

/// An option that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("option `{name}` {message}")]
pub struct OptionsError {
    name: &'static str,
    message: String,
}

impl Options {
    /// Checks ranges.
    ///
    /// # Errors
    /// [`OptionsError`] for the first option that does not fit.
    pub fn validate(&self) -> Result<(), OptionsError> {
        let wrong = |name, message: String| Err(OptionsError { name, message });
        for (name, value, least, most) in [
            ("contracts", self.contracts, 0, 20),
            ("contract_tries", self.contract_tries, 1, 100),
            ("inputs", self.inputs, 1, 200),
            ("inputs_per_question", self.inputs_per_question, 1, 20),
            ("shown", self.shown, 1, 20),
            ("published", self.published, 1, self.inputs),
        ] {
            if !(least..=most).contains(&value) {
                return wrong(name, format!("must lie between {least} and {most}"));
            }
        }
        if !(0.0..=2.0).contains(&self.temperature.unwrap_or_default()) {
            return wrong("temperature", "must lie between 0 and 2".to_owned());
        }
        if self.tokens_max == Some(0) {
            return wrong("tokens_max", "must be above 0".to_owned());
        }
        self.limits.validate().map_err(|error| OptionsError { name: "limits", message: error.to_string() })
    }

    /// Most inputs looked at.
    pub(super) fn input_tries(&self) -> u32 {
        self.inputs.saturating_mul(TRIES_PER_INPUT)
    }

    pub(super) fn report(&self) -> StressOptions {
        StressOptions {
            contracts: self.contracts,
            contract_tries: self.contract_tries,
            inputs: self.inputs,
            input_tries: self.input_tries(),
            published: self.published,
            temperature: self.temperature,
            tokens_max: self.tokens_max,
            seed: self.seed,
            limits: limits_report(&self.limits),
        }
    }
}
