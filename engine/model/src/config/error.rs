/// Why a configuration cannot be used. Each message names the key or the quantity.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No JSON object, or one that is too large to be a configuration.
    #[error("the configuration is no JSON object: {0}; is this config.json?")]
    Json(String),
    /// The architecture is not computed here.
    #[error("the architecture `{0}` is not supported; llama, qwen2 and gpt2 are")]
    Architecture(String),
    /// A key that has no default is absent.
    #[error("the key `{0}` is missing")]
    Missing(String),
    /// A key holds another kind of value than it should.
    #[error("`{key}` is {have}, but should be {want}")]
    Kind {
        /// Which key.
        key: String,
        /// What stands there.
        have: String,
        /// What should.
        want: &'static str,
    },
    /// A feature that changes the result and is not computed here.
    #[error("`{key}` is {have}: {feature} is not supported")]
    Unsupported {
        /// Which key asks for it.
        key: &'static str,
        /// Its value.
        have: String,
        /// The feature in words.
        feature: &'static str,
    },
    /// A count is zero or beyond any model.
    #[error("the {what} is {have}, it must be from 1 to {limit}")]
    Bound {
        /// Which count.
        what: &'static str,
        /// Its value.
        have: u64,
        /// The largest allowed.
        limit: u64,
    },
    /// One count does not divide another.
    #[error("the {what} {have} is no multiple of {by}, {divisor}")]
    Indivisible {
        /// What is divided.
        what: &'static str,
        /// Its value.
        have: usize,
        /// What divides.
        by: &'static str,
        /// Its value.
        divisor: usize,
    },
    /// A number is out of range.
    #[error("the {what} is {have}, it must be {range}")]
    Range {
        /// Which number.
        what: &'static str,
        /// Its value.
        have: f64,
        /// The range in words.
        range: &'static str,
    },
}
