/// Why a tokenizer cannot be read, or a text not be encoded. Each message names the part at fault.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizerError {
    /// No tokenizer of version 1.0, or too large to be one.
    #[error("tokenizer.json is invalid: {0}")]
    Json(String),
    /// A part that no causal model of ours uses.
    #[error("the {part} `{kind}` is not supported")]
    Unsupported {
        /// Which part: normalizer, pre-tokenizer, model, post-processor or decoder.
        part: &'static str,
        /// Its type, or the setting that is not supported.
        kind: String,
    },
    /// A part contradicts itself or the vocabulary.
    #[error("the {part} is invalid: {problem}")]
    Invalid {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A text grew beyond reason while it was normalised.
    #[error("the normalizer turns {have_bytes} bytes into more than {limit_bytes}")]
    Growth {
        /// Bytes of the text.
        have_bytes: usize,
        /// Bytes that it may take.
        limit_bytes: usize,
    },
    /// A pattern gave up on a text.
    #[error("the pattern `{pattern}` does not come to an end: {problem}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What the matcher says.
        problem: String,
    },
    /// A character has no token, and the vocabulary has none for the unknown.
    #[error("`{0}` has no token, and the vocabulary has none for unknown text")]
    NoToken(String),
    /// An id that the vocabulary lacks.
    #[error("the vocabulary has no token {0}")]
    UnknownId(u32),
}

impl TokenizerError {
    pub(super) fn invalid(part: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { part, problem: problem.into() }
    }

    pub(super) fn unsupported(part: &'static str, kind: impl Into<String>) -> Self {
        Self::Unsupported { part, kind: kind.into() }
    }
}
