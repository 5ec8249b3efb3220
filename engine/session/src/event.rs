use frugal_decode::{Sampling, Timeline, TokenLogprob};

use crate::SessionError;

/// Names a request; never used twice by one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// What an answer goes on from.
#[derive(Debug, Clone, PartialEq)]
pub enum Prompt {
    /// A text to be continued.
    Text {
        /// The text.
        text: String,
        /// Whether to add the tokens that a model expects around a text.
        special: bool,
    },
    /// A conversation to be answered: objects with `role` and `content`, and whatever else the model's chat template knows.
    Chat(Vec<serde_json::Value>),
    /// Tokens as they are.
    Tokens(Vec<u32>),
}

/// What to generate.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What to go on from.
    pub prompt: Prompt,
    /// Tokens after which to end; at least one.
    pub max_tokens: usize,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// Strings that end the answer; they are not part of it.
    pub stop: Vec<String>,
    /// How many of the likeliest tokens to report beside each; `None` reports no log-probabilities.
    pub logprobs: Option<usize>,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended it.
    End,
    /// A stop string came.
    StopString,
    /// As many tokens as asked for.
    Length,
    /// The context is full.
    ContextFull,
    /// Its owner ended it.
    Cancelled,
}

impl FinishReason {
    /// The name in files, messages and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::StopString => "stop_string",
            Self::Length => "length",
            Self::ContextFull => "context_full",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What happened to a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Its prompt is being read.
    Prefill {
        /// Prompt tokens read so far.
        done: usize,
        /// Prompt tokens.
        of: usize,
    },
    /// A token came. Its text may be empty: a part of a character, or of what may become a stop string, waits.
    Token {
        /// The token.
        token: u32,
        /// What may be shown now.
        text: String,
        /// Log-probability of the token, and of the likeliest, if asked for.
        logprobs: Option<(TokenLogprob, Vec<TokenLogprob>)>,
    },
    /// It ended. Nothing follows.
    Finished {
        /// Why.
        reason: FinishReason,
        /// Text that waited for more.
        text: String,
        /// What it took; absent when it never ran.
        timeline: Option<Timeline>,
    },
    /// It failed. Nothing follows.
    Failed(SessionError),
}
