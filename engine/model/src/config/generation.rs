use super::ConfigError;
use super::hugging_face::Keys;

/// `generation_config.json`: how a model's makers suggest to sample from it. Absent keys are `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GenerationConfig {
    /// Token that begins a text.
    pub beginning: Option<u32>,
    /// Tokens that end one.
    pub end: Vec<u32>,
    /// Whether to sample at all; otherwise the largest logit wins.
    pub sample: Option<bool>,
    /// Divides logits.
    pub temperature: Option<f64>,
    /// How many of the largest logits may be drawn.
    pub top_k: Option<usize>,
    /// Probability mass that may be drawn.
    pub top_p: Option<f64>,
    /// Smallest probability, relative to the largest, that may be drawn.
    pub min_p: Option<f64>,
    /// Divides logits of tokens that came before.
    pub repetition_penalty: Option<f64>,
}

impl GenerationConfig {
    /// Reads the file; keys that it does not know are left alone.
    ///
    /// # Errors
    /// [`ConfigError`], for a key of another kind or a number out of range.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ConfigError> {
        let keys = Keys::read(bytes)?;
        let ranged = |key: &'static str, low: f64, high: f64, range: &'static str| match keys.number(key)? {
            Some(have) if !(low..=high).contains(&have) => Err(ConfigError::Range { what: key, have, range }),
            number => Ok(number),
        };
        Ok(Self {
            beginning: keys.tokens("bos_token_id")?.first().copied(),
            end: keys.tokens("eos_token_id")?,
            sample: keys.truth("do_sample")?,
            temperature: ranged("temperature", 0.0, 1e6, "from 0 to a million")?,
            top_k: keys.count("top_k")?,
            top_p: ranged("top_p", 0.0, 1.0, "from 0 to 1")?,
            min_p: ranged("min_p", 0.0, 1.0, "from 0 to 1")?,
            repetition_penalty: ranged("repetition_penalty", 1e-6, 1e6, "positive, up to a million")?,
        })
    }
}
