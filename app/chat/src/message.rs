//! What goes to an endpoint, and what comes back.

use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Rules for the whole conversation.
    System,
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// One thing to ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The conversation so far.
    pub messages: Vec<Message>,
    /// Randomness of the answer, from 0; absent leaves it to the endpoint, as models that refuse the field need.
    pub temperature: Option<f64>,
    /// Most tokens of the answer; absent leaves it to the endpoint.
    pub reply_tokens_max: Option<u32>,
    /// Seed of the answer, where the endpoint heeds one.
    pub seed: Option<u64>,
}

/// Why an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// The model was done.
    Stop,
    /// It came to the most tokens that it may write.
    Length,
    /// Anything else that the endpoint says, such as `content_filter`. Hostile text.
    Other(String),
}

/// Tokens that an endpoint counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Of the conversation sent.
    pub prompt_tokens: u64,
    /// Of the answer.
    pub completion_tokens: u64,
}

/// An answer. Its text is hostile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What the model said, with the key blotted out.
    pub text: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens, where the endpoint counts them.
    pub usage: Option<Usage>,
    /// Requests that it took, at least 1.
    pub attempts: u32,
    /// From the first request to the last byte, waiting between attempts included, in milliseconds.
    pub wall_ms: u64,
}
