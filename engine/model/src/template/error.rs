use std::error::Error as _;

use minijinja::ErrorKind;

use super::Raised;
use crate::shown::shown;

/// Why a chat template gives no text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// Longer than any template.
    #[error("the chat template has {have_bytes} bytes, at most {limit_bytes} are read")]
    TooLong {
        /// Bytes that it has.
        have_bytes: usize,
        /// Bytes that are read.
        limit_bytes: usize,
    },
    /// No template.
    #[error("the chat template is invalid in line {line}: {problem}")]
    Syntax {
        /// Line, from 1; 0 where none is known.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// The template refuses the conversation, in its own words.
    #[error("the chat template refuses this conversation: {0}")]
    Raised(String),
    /// It takes too many steps, or makes too much text on the way.
    #[error("the chat template does not come to an end; use another one")]
    OutOfFuel,
    /// It writes too much.
    #[error("the chat template writes more than {limit_bytes} bytes; use another one, or a shorter conversation")]
    TooMuchOutput {
        /// Bytes that it may write.
        limit_bytes: usize,
    },
    /// It fails while it runs.
    #[error("the chat template fails in line {line}: {problem}")]
    Failed {
        /// Line, from 1; 0 where none is known.
        line: usize,
        /// What fails there.
        problem: String,
    },
    /// `tokenizer_config.json` holds none, or none of that name.
    #[error("tokenizer_config.json is invalid: {0}")]
    Config(String),
}

impl TemplateError {
    pub(super) fn of(error: &minijinja::Error) -> Self {
        let line = error.line().unwrap_or(0);
        let mut source = error.source();
        while let Some(inner) = source {
            if let Some(Raised(message)) = inner.downcast_ref() {
                return Self::Raised(shown(message));
            }
            source = inner.source();
        }
        let problem = shown(error.detail().unwrap_or(&error.to_string()));
        match error.kind() {
            ErrorKind::OutOfFuel => Self::OutOfFuel,
            ErrorKind::SyntaxError => Self::Syntax { line, problem },
            _ => Self::Failed { line, problem },
        }
    }
}
