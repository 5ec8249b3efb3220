//! How much is asked for, and within what bounds.

use frugal_fuel::Limits;

/// Parameters of the synthesis.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Answers asked for.
    pub samples: u32,
    /// Most tokens of one task, both ways; questions after that are not asked. Answers under way may exceed it.
    pub tokens_max: Option<u64>,
    /// Randomness of answers, for the report. Absent where the endpoint chooses.
    pub temperature: Option<f64>,
    /// Of one run of a generator.
    pub limits: Limits,
}

impl Default for Options {
    /// The source's 16 answers at temperature 0.2.
    fn default() -> Self {
        Self { samples: 16, tokens_max: None, temperature: Some(0.2), limits: Limits::default() }
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
        let wrong = |name, message: &str| Err(OptionsError { name, message: message.to_owned() });
        if !(1..=100).contains(&self.samples) {
            return wrong("samples", "must lie between 1 and 100");
        }
        if !(0.0..=2.0).contains(&self.temperature.unwrap_or_default()) {
            return wrong("temperature", "must lie between 0 and 2");
        }
        if self.tokens_max == Some(0) {
            return wrong("tokens_max", "must be above 0");
        }
        self.limits.validate().map_err(|error| OptionsError { name: "limits", message: error.to_string() })
    }
}
