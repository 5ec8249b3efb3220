use serde_json::Value;

use super::{ChatTemplate, SOURCE_BYTES_MAX, TemplateError};
use crate::shown::shown;

/// Bytes of a `tokenizer_config.json`; some list every added token again.
const JSON_BYTES_MAX: usize = 4 << 20;

/// What `tokenizer_config.json` says that `tokenizer.json` does not: the chat template and the names of special tokens.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TokenizerConfig {
    /// Templates by name; a single one is called `default`.
    pub templates: Vec<(String, String)>,
    /// The token that begins a text.
    pub beginning_token: Option<String>,
    /// The token that ends one.
    pub end_token: Option<String>,
}

impl TokenizerConfig {
    /// Reads the file; keys that it does not know are left alone.
    ///
    /// # Errors
    /// [`TemplateError::Config`], [`TemplateError::TooLong`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TemplateError> {
        let fault = TemplateError::Config;
        if bytes.len() > JSON_BYTES_MAX {
            return Err(fault(format!("it has {} bytes, at most {JSON_BYTES_MAX} are read", bytes.len())));
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|error| fault(shown(&error.to_string())))?;
        let Value::Object(map) = &value else { return Err(fault("it is no object".into())) };
        let token = |key: &str| match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(token)) => Ok(Some(token.clone())),
            Some(Value::Object(token)) => match token.get("content") {
                Some(Value::String(token)) => Ok(Some(token.clone())),
                _ => Err(fault(format!("`{key}` has no `content`"))),
            },
            Some(_) => Err(fault(format!("`{key}` is no token"))),
        };
        let templates = match map.get("chat_template") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(source)) => vec![("default".to_owned(), source.clone())],
            Some(Value::Array(list)) => {
                let named = |entry: &Value| {
                    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
                    text("name").zip(text("template")).ok_or_else(|| fault("a chat template has no name".into()))
                };
                list.iter().map(named).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(fault("`chat_template` is no template".into())),
        };
        if let Some((_, source)) = templates.iter().find(|(_, source)| source.len() > SOURCE_BYTES_MAX) {
            return Err(TemplateError::TooLong { have_bytes: source.len(), limit_bytes: SOURCE_BYTES_MAX });
        }
        Ok(Self { templates, beginning_token: token("bos_token")?, end_token: token("eos_token")? })
    }

    /// The template called `default`, read.
    ///
    /// # Errors
    /// Those of [`ChatTemplate::new`]; [`TemplateError::Config`] where there is none.
    pub fn chat_template(&self) -> Result<ChatTemplate, TemplateError> {
        let found = self.templates.iter().find(|(name, _)| name == "default");
        let (_, source) = found.ok_or_else(|| TemplateError::Config("it has no default chat template".into()))?;
        ChatTemplate::new(source)
    }
}
