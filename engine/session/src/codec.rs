use std::sync::Arc;

use frugal_model::template::{ChatTemplate, Conversation, Date};
use frugal_model::tokenizer::{TextStream, Tokenizer, TokenizerError};
use serde_json::Value;

/// Text to tokens and back, and conversations to text.
pub trait Codec {
    /// Tokens of a text; `special`: with those that a model expects around one.
    ///
    /// # Errors
    /// A sentence for the caller.
    fn encode(&self, text: &str, special: bool) -> Result<Vec<u32>, String>;

    /// Text that grows token by token.
    fn text(&self) -> Box<dyn TextParts>;

    /// A token by itself, for people: where it is a part of a character, with a replacement character.
    fn piece(&self, token: u32) -> String {
        let mut text = self.text();
        let mut piece = text.push(token).unwrap_or_default();
        piece.push_str(&text.finish());
        piece
    }

    /// The text of a conversation, up to where the model's answer begins. It holds the tokens that a model expects around
    /// a text.
    ///
    /// # Errors
    /// A sentence for the caller.
    fn chat(&self, messages: &[Value]) -> Result<String, String> {
        let _ = messages;
        Err("the model has no chat template: ask for the continuation of a text instead".to_owned())
    }
}

/// Text that grows token by token, in whole characters.
pub trait TextParts {
    /// The characters that a token completes.
    ///
    /// # Errors
    /// A sentence for the caller.
    fn push(&mut self, token: u32) -> Result<String, String>;

    /// What waited for more.
    fn finish(&mut self) -> String;
}

/// A model's tokenizer and chat template.
pub struct TokenizerCodec {
    pub(crate) tokenizer: Arc<Tokenizer>,
    pub(crate) template: Option<ChatTemplate>,
    pub(crate) beginning_token: String,
    pub(crate) end_token: String,
    /// What the template's clock says.
    pub(crate) today: Option<Date>,
}

impl Codec for TokenizerCodec {
    fn encode(&self, text: &str, special: bool) -> Result<Vec<u32>, String> {
        self.tokenizer.encode(text, special).map_err(|error| error.to_string())
    }

    fn text(&self) -> Box<dyn TextParts> {
        Box::new(Text(Some(TextStream::new(Arc::clone(&self.tokenizer), false))))
    }

    fn piece(&self, token: u32) -> String {
        self.tokenizer.decode(&[token], true).unwrap_or_default()
    }

    fn chat(&self, messages: &[Value]) -> Result<String, String> {
        let Some(template) = &self.template else {
            return Err("the model has no chat template: ask for the continuation of a text instead".to_owned());
        };
        let conversation = Conversation {
            messages,
            add_generation_prompt: true,
            beginning_token: &self.beginning_token,
            end_token: &self.end_token,
            today: self.today,
            ..Conversation::default()
        };
        template.render(&conversation).map_err(|error| error.to_string())
    }
}

/// Empty once it is finished.
struct Text(Option<TextStream<Arc<Tokenizer>>>);

impl TextParts for Text {
    fn push(&mut self, token: u32) -> Result<String, String> {
        match &mut self.0 {
            Some(stream) => match stream.push(token) {
                // Embeddings are often padded to a round number of rows: such a token has no text, as in other programs.
                Err(TokenizerError::UnknownId(_)) => Ok(String::new()),
                pushed => pushed.map_err(|error| error.to_string()),
            },
            None => Ok(String::new()),
        }
    }

    fn finish(&mut self) -> String {
        self.0.take().map_or_else(String::new, TextStream::finish)
    }
}
