//! What clients of the OpenAI interface send.

use frugal_session::{Prompt, Request, Sampling};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::ApiError;

/// Most stop strings of a request, as the interface says.
const STOP_MAX: usize = 4;
/// Most likely tokens told beside each, as the interface says.
const TOP_LOGPROBS_MAX: usize = 20;
/// Tokens of a completion that does not say how many.
const COMPLETION_TOKENS: usize = 16;

/// The body of `/v1/chat/completions` and of `/v1/completions`. Fields that would change an answer and that this server does
/// not know are refused; those that change none are taken and left.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenAiBody {
    pub(super) model: String,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    // Of conversations.
    messages: Option<Vec<Value>>,
    max_completion_tokens: Option<usize>,
    top_logprobs: Option<usize>,
    response_format: Option<ResponseFormat>,
    // Of completions.
    prompt: Option<TextOrTokens>,
    echo: Option<bool>,
    best_of: Option<u32>,
    // Of both.
    max_tokens: Option<usize>,
    logprobs: Option<Logprobs>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<usize>,
    min_p: Option<f64>,
    repetition_penalty: Option<f64>,
    seed: Option<i64>,
    stop: Option<OneOrMany>,
    n: Option<u32>,
    presence_penalty: Option<f64>,
    frequency_penalty: Option<f64>,
    #[serde(rename = "user")]
    _user: Option<IgnoredAny>,
    #[serde(rename = "metadata")]
    _metadata: Option<IgnoredAny>,
    #[serde(rename = "store")]
    _store: Option<IgnoredAny>,
}

/// Conversations say whether, completions how many.
#[derive(Deserialize)]
#[serde(untagged)]
enum Logprobs {
    Whether(bool),
    Count(usize),
}

/// One string or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
    #[serde(default, rename = "include_obfuscation")]
    _include_obfuscation: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct ResponseFormat {
    #[serde(rename = "type")]
    kind: String,
}

/// The prompt of a completion.
#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrTokens {
    Text(String),
    Tokens(Vec<u32>),
    Texts(Vec<String>),
}

fn refuse<T>(place: &'static str, message: impl Into<String>) -> Result<T, ApiError> {
    Err(ApiError::invalid(place, message))
}

impl OpenAiBody {
    /// Whether the answer is to come in parts.
    pub(super) fn streams(&self) -> bool {
        self.stream == Some(true)
    }

    /// Whether the last event of a stream tells the counts.
    pub(super) fn includes_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|options| options.include_usage)
    }

    /// The answer to a conversation. `random_seed`: for a request that names none.
    ///
    /// # Errors
    /// Names the field.
    pub(super) fn chat(self, random_seed: u64) -> Result<Request, ApiError> {
        only("prompt", self.prompt.is_none(), "/v1/completions")?;
        only("echo", self.echo.is_none(), "/v1/completions")?;
        only("best_of", self.best_of.is_none(), "/v1/completions")?;
        let (sampling, stop) = self.sampling(random_seed)?;
        let mut messages = self.messages.unwrap_or_default();
        if messages.is_empty() {
            return refuse("messages", "a conversation has at least one message");
        }
        for (at, message) in messages.iter_mut().enumerate() {
            flatten(at, message)?;
        }
        let max_tokens = match (self.max_tokens, self.max_completion_tokens) {
            (Some(_), Some(_)) => return refuse("max_tokens", "give max_completion_tokens or max_tokens, not both"),
            (one, other) => one.or(other).unwrap_or(usize::MAX),
        };
        if let Some(format) = self.response_format.filter(|format| format.kind != "text") {
            return refuse("response_format", format!("only `text` is supported, not `{}`", format.kind));
        }
        let logprobs = match (self.logprobs, self.top_logprobs) {
            (Some(Logprobs::Count(_)), _) => return refuse("logprobs", "true or false; top_logprobs says how many"),
            (Some(Logprobs::Whether(true)), top) => Some(top.unwrap_or(0)),
            (_, Some(_)) => return refuse("top_logprobs", "set logprobs to true with it"),
            (_, None) => None,
        };
        check_logprobs("top_logprobs", logprobs)?;
        Ok(Request { prompt: Prompt::Chat(messages), max_tokens, sampling, stop, logprobs })
    }

    /// What continues a text. `random_seed`: for a request that names none.
    ///
    /// # Errors
    /// Names the field.
    pub(super) fn completion(self, random_seed: u64) -> Result<Request, ApiError> {
        only("messages", self.messages.is_none(), "/v1/chat/completions")?;
        only("max_completion_tokens", self.max_completion_tokens.is_none(), "/v1/chat/completions")?;
        only("top_logprobs", self.top_logprobs.is_none(), "/v1/chat/completions")?;
        only("response_format", self.response_format.is_none(), "/v1/chat/completions")?;
        if self.echo == Some(true) {
            return refuse("echo", "the prompt is not repeated: leave echo out");
        }
        if self.best_of.is_some_and(|count| count != 1) {
            return refuse("best_of", "one answer is made for a request: leave best_of out");
        }
        let (sampling, stop) = self.sampling(random_seed)?;
        let prompt = match self.prompt {
            None => return refuse("prompt", "there is nothing to go on from"),
            Some(TextOrTokens::Text(text)) => Prompt::Text { text, special: true },
            Some(TextOrTokens::Tokens(tokens)) => Prompt::Tokens(tokens),
            Some(TextOrTokens::Texts(texts)) => match <[String; 1]>::try_from(texts) {
                Ok([text]) => Prompt::Text { text, special: true },
                Err(texts) => {
                    return refuse("prompt", format!("{} prompts: one is continued for a request", texts.len()));
                }
            },
        };
        let logprobs = match self.logprobs {
            Some(Logprobs::Whether(_)) => return refuse("logprobs", "how many, as a number"),
            Some(Logprobs::Count(count)) => Some(count),
            None => None,
        };
        check_logprobs("logprobs", logprobs)?;
        let max_tokens = self.max_tokens.unwrap_or(COMPLETION_TOKENS);
        Ok(Request { prompt, max_tokens, sampling, stop, logprobs })
    }

    /// How tokens are drawn, and what ends the answer.
    fn sampling(&self, random_seed: u64) -> Result<(Sampling, Vec<String>), ApiError> {
        if self.n.is_some_and(|n| n != 1) {
            return refuse("n", "one answer is given for a request: leave n out and ask again for more");
        }
        for (place, penalty) in
            [("presence_penalty", self.presence_penalty), ("frequency_penalty", self.frequency_penalty)]
        {
            if penalty.is_some_and(|penalty| penalty != 0.0) {
                return refuse(place, "only 0 is supported; repetition_penalty does a similar thing");
            }
        }
        let stop = match &self.stop {
            None => Vec::new(),
            Some(OneOrMany::One(text)) => vec![text.clone()],
            Some(OneOrMany::Many(texts)) => texts.clone(),
        };
        if stop.len() > STOP_MAX || stop.iter().any(String::is_empty) {
            return refuse("stop", format!("at most {STOP_MAX} strings, none of them empty"));
        }
        let plain = Sampling::GREEDY;
        let sampling = Sampling {
            temperature: self.temperature.unwrap_or(1.0),
            top_k: self.top_k,
            top_p: self.top_p.unwrap_or(plain.top_p),
            min_p: self.min_p.unwrap_or(plain.min_p),
            repetition_penalty: self.repetition_penalty.unwrap_or(plain.repetition_penalty),
            seed: self.seed.map_or(random_seed, i64::cast_unsigned),
        };
        Ok((sampling, stop))
    }
}

/// Refuses a field of the other interface.
fn only(place: &'static str, absent: bool, of: &str) -> Result<(), ApiError> {
    if absent { Ok(()) } else { refuse(place, format!("this is a field of {of}")) }
}

/// Templates expect a message's content as one text; clients may send it in parts.
fn flatten(at: usize, message: &mut Value) -> Result<(), ApiError> {
    let place = |field: &str| format!("messages[{at}].{field}");
    let Some(fields) = message.as_object_mut() else {
        return Err(ApiError::invalid(format!("messages[{at}]"), "a message is an object with role and content"));
    };
    if !fields.get("role").is_some_and(Value::is_string) {
        return Err(ApiError::invalid(place("role"), "a message has a role, such as `user`"));
    }
    let text = match fields.get("content") {
        Some(Value::String(_)) => return Ok(()),
        Some(Value::Array(parts)) => {
            let texts: Option<Vec<&str>> =
                parts.iter().map(|part| if part["type"] == "text" { part["text"].as_str() } else { None }).collect();
            let Some(texts) = texts else {
                return Err(ApiError::invalid(place("content"), "only parts of type `text` can be read"));
            };
            texts.concat()
        }
        _ => return Err(ApiError::invalid(place("content"), "a message's content is a text")),
    };
    fields.insert("content".to_owned(), Value::String(text));
    Ok(())
}

fn check_logprobs(place: &'static str, logprobs: Option<usize>) -> Result<(), ApiError> {
    match logprobs {
        Some(count) if count > TOP_LOGPROBS_MAX => refuse(place, format!("at most {TOP_LOGPROBS_MAX}")),
        _ => Ok(()),
    }
}
