//! Chat templates: a conversation becomes the text that a model was trained to continue.
//!
//! The template language is Jinja, with the functions and filters that Hugging Face's `apply_chat_template` offers. A
//! template is foreign code, so it runs on fuel and to a limit of output.

mod date;
mod error;
mod guard;
mod json;
#[cfg(test)]
mod tests;
mod text;
mod tokenizer_config;

use std::collections::BTreeMap;

use minijinja::machinery::{eval, make_string_output};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value as Any};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State};
use serde_json::Value;

pub use date::Date;
pub use error::TemplateError;
pub use tokenizer_config::TokenizerConfig;

/// Bytes of a template; the longest published ones have 20 000.
const SOURCE_BYTES_MAX: usize = 256 << 10;
/// Bytes that a template may write.
const OUTPUT_BYTES_MAX: usize = 4 << 20;
/// Instructions that a rendering may take; 64 bytes that it makes count as one, so it never makes more than 64 MiB.
const FUEL: u64 = 1 << 20;
/// Nested calls and expressions.
const RECURSION_MAX: usize = 64;
const NAME: &str = "chat template";

/// A template that was read. What a rendering allocates is bounded by its fuel: everything that a template makes is paid
/// for before it is walked or shown.
#[derive(Debug, Clone)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    source: String,
}

/// What a template may ask for.
#[derive(Debug, Clone, Default)]
pub struct Conversation<'a> {
    /// Objects with `role` and `content`, and whatever else a template knows, such as `tool_calls`.
    pub messages: &'a [Value],
    /// Descriptions of tools; most templates take none.
    pub tools: Option<&'a [Value]>,
    /// Whether the text ends where the model's answer begins.
    pub add_generation_prompt: bool,
    /// The token that begins a text.
    pub beginning_token: &'a str,
    /// The token that ends one.
    pub end_token: &'a str,
    /// What `strftime_now` says; without it, a template that asks for the date is an error.
    pub today: Option<Date>,
    /// Further names that a template may know, such as `enable_thinking`.
    pub more: &'a [(&'a str, Value)],
}

/// What a template raised on purpose.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Raised(String);

impl ChatTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError::TooLong`], [`TemplateError::Syntax`].
    pub fn new(source: &str) -> Result<Self, TemplateError> {
        if source.len() > SOURCE_BYTES_MAX {
            return Err(TemplateError::TooLong { have_bytes: source.len(), limit_bytes: SOURCE_BYTES_MAX });
        }
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(RECURSION_MAX);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_unknown_method_callback(text::call);
        environment.set_formatter(text::print);
        environment.add_filter("string", text::string);
        environment.add_filter("tojson", json::filter);
        environment.add_function("raise_exception", |message: String| -> Result<Any, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, "raised").with_source(Raised(message)))
        });
        guard::install(&mut environment);
        guard::compile(NAME, source, syntax()?).map_err(|error| TemplateError::of(&error))?;
        Ok(Self { environment, source: source.to_owned() })
    }

    /// The text of a conversation.
    ///
    /// # Errors
    /// [`TemplateError::Raised`] with the template's own words, where it refuses the conversation;
    /// [`TemplateError::OutOfFuel`] and [`TemplateError::TooMuchOutput`] where it does not come to an end;
    /// [`TemplateError::Failed`] with the line, for anything else.
    pub fn render(&self, conversation: &Conversation<'_>) -> Result<String, TemplateError> {
        let mut environment = self.environment.clone();
        let today = conversation.today;
        environment.add_function("strftime_now", move |format: String| date::now(today, &format));
        let fault = |error: Error| TemplateError::of(&error);
        let template = guard::compile(NAME, &self.source, syntax()?).map_err(fault)?;
        let list = |values: &[Value]| Any::from(values.iter().map(any).collect::<Vec<_>>());
        let mut names: Vec<(&str, Any)> = vec![
            ("messages", list(conversation.messages)),
            ("tools", conversation.tools.map_or(Any::from(()), list)),
            ("documents", Any::from(())),
            ("add_generation_prompt", Any::from(conversation.add_generation_prompt)),
            ("bos_token", Any::from(conversation.beginning_token)),
            ("eos_token", Any::from(conversation.end_token)),
        ];
        names.extend(conversation.more.iter().map(|(name, value)| (*name, any(value))));
        let mut text = String::new();
        let mut output = make_string_output(&mut text);
        let (root, blocks) = (Any::from_pairs(names), BTreeMap::new());
        eval(&environment, &template, root, &blocks, &mut output, AutoEscape::None).map_err(fault)?;
        if text.len() > OUTPUT_BYTES_MAX {
            return Err(TemplateError::TooMuchOutput { limit_bytes: OUTPUT_BYTES_MAX });
        }
        Ok(text)
    }
}

/// As transformers sets Jinja up.
fn syntax() -> Result<SyntaxConfig, TemplateError> {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).build().map_err(|error| TemplateError::of(&error))
}

/// JSON as the template language has it; keys keep their order.
fn any(value: &Value) -> Any {
    match value {
        Value::Null => Any::from(()),
        Value::Bool(truth) => Any::from(*truth),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Any::from(number),
            (_, Some(number)) => Any::from(number),
            _ => Any::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Any::from(text.as_str()),
        Value::Array(list) => Any::from(list.iter().map(any).collect::<Vec<_>>()),
        Value::Object(map) => Any::from_pairs(map.iter().map(|(key, value)| (key.as_str(), any(value)))),
    }
}

/// Fuel for bytes that a filter of ours makes, at the engine's own price.
fn charge(state: &State<'_, '_>, bytes: usize) -> Result<(), Error> {
    state.consume_fuel(bytes as u64 / 64 + 1)
}

/// Arguments of `tojson` that Hugging Face's has; those that would change the text in ways not done here are refused.
fn refuse(arguments: &Kwargs, names: &[&str]) -> Result<(), Error> {
    for name in names {
        let value: Option<Any> = arguments.get(name)?;
        if value.is_some_and(|value| value.is_true()) {
            return Err(Error::new(ErrorKind::InvalidOperation, format!("tojson takes no `{name}` here")));
        }
    }
    Ok(())
}
