//! Conversations as text.

use frugal_model::template::{ChatTemplate, Conversation};
use serde_json::json;

/// One turn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    /// Who speaks, such as `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
}

/// How turns become the text that a model sees.
pub trait Dialogue {
    /// The text up to where the model's answer begins.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    fn prompt(&self, messages: &[Message]) -> Result<String, String>;

    /// The text with the answer in it. It begins with what [`Dialogue::prompt`] gives for the turns before.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    fn whole(&self, messages: &[Message]) -> Result<String, String>;
}

/// Turns as `Human:` and `Assistant:`, for models without a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plain;

/// What begins a turn of a person.
pub(super) const HUMAN: &str = "\n\nHuman:";
/// What begins a turn of the model.
pub(super) const ASSISTANT: &str = "\n\nAssistant:";

impl Dialogue for Plain {
    fn prompt(&self, messages: &[Message]) -> Result<String, String> {
        Ok(self.whole(messages)? + ASSISTANT)
    }

    fn whole(&self, messages: &[Message]) -> Result<String, String> {
        let turn = |message: &Message| match message.role.as_str() {
            "user" | "human" => Ok(format!("{HUMAN} {}", message.content)),
            "assistant" => Ok(format!("{ASSISTANT} {}", message.content)),
            "system" => Ok(message.content.clone()),
            other => Err(format!("the role `{other}` is none of system, user and assistant")),
        };
        messages.iter().map(turn).collect()
    }
}

/// A model's own chat template.
#[derive(Debug, Clone)]
pub struct Templated {
    /// The template.
    pub template: ChatTemplate,
    /// The token that begins a text.
    pub beginning: String,
    /// The token that ends one.
    pub end: String,
}

impl Templated {
    fn render(&self, messages: &[Message], add_generation_prompt: bool) -> Result<String, String> {
        let messages: Vec<_> =
            messages.iter().map(|message| json!({ "role": message.role, "content": message.content })).collect();
        let conversation = Conversation {
            messages: &messages,
            add_generation_prompt,
            beginning_token: &self.beginning,
            end_token: &self.end,
            ..Conversation::default()
        };
        self.template.render(&conversation).map_err(|error| error.to_string())
    }
}

impl Dialogue for Templated {
    fn prompt(&self, messages: &[Message]) -> Result<String, String> {
        self.render(messages, true)
    }

    fn whole(&self, messages: &[Message]) -> Result<String, String> {
        self.render(messages, false)
    }
}
