//! Answers from bytes: one JSON object, or a stream of server-sent events.

use serde::Deserialize;

use crate::key::redact;
use crate::{ChatError, Finish, Key, Reply, Usage};

/// Characters of an endpoint's own words that are worth showing.
const SHOWN_MAX: usize = 300;

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Counts>,
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Choice {
    /// Of a whole answer.
    message: Option<Part>,
    /// Of one event of a stream.
    delta: Option<Part>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Part {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

fn usage(counts: &Counts) -> Usage {
    Usage { prompt_tokens: counts.prompt_tokens, completion_tokens: counts.completion_tokens }
}

fn finish(reason: Option<&str>, key: Option<&Key>) -> Finish {
    match reason {
        None | Some("stop") => Finish::Stop,
        Some("length") => Finish::Length,
        Some(other) => Finish::Other(shown(other, key)),
    }
}

/// A whole answer.
pub(crate) fn whole(body: &[u8], key: Option<&Key>) -> Result<Reply, ChatError> {
    let completion = completion(body, key)?;
    let Some(choice) = completion.choices.into_iter().next() else {
        return Err(garbage("it has no `choices`", key));
    };
    let Some(part) = choice.message else { return Err(garbage("its first choice has no `message`", key)) };
    Ok(Reply {
        text: redact(key, &part.content.unwrap_or_default()),
        finish: finish(choice.finish_reason.as_deref(), key),
        usage: completion.usage.as_ref().map(usage),
        attempts: 0,
        wall_ms: 0,
    })
}

fn completion(json: &[u8], key: Option<&Key>) -> Result<Completion, ChatError> {
    let completion: Completion = serde_json::from_slice(json).map_err(|error| {
        if error.is_eof() && !json.is_empty() { ChatError::Cut } else { garbage(&error.to_string(), key) }
    })?;
    match completion.error {
        Some(error) if !error.is_null() => Err(ChatError::Broken { status: 200, message: said(&error, key) }),
        _ => Ok(completion),
    }
}

/// A stream, read to its end. It is whole once a choice gave its reason to finish or `[DONE]` came.
pub(crate) fn stream(body: &[u8], key: Option<&Key>) -> Result<Reply, ChatError> {
    let text = std::str::from_utf8(body).map_err(|_| garbage("it is not UTF-8", key))?;
    let (mut said, mut reason, mut counts, mut is_done, mut events) = (String::new(), None, None, false, 0_u64);
    for line in text.lines() {
        let Some(data) = line.strip_prefix("data:").map(str::trim) else { continue };
        if data == "[DONE]" {
            is_done = true;
            break;
        }
        events += 1;
        let event = completion(data.as_bytes(), key)?;
        counts = event.usage.as_ref().map(usage).or(counts);
        if let Some(choice) = event.choices.into_iter().next() {
            said.push_str(choice.delta.or(choice.message).and_then(|part| part.content).as_deref().unwrap_or_default());
            reason = choice.finish_reason.or(reason);
        }
    }
    if events == 0 && !is_done {
        return Err(if body.is_empty() { ChatError::Cut } else { garbage("the stream holds no event", key) });
    }
    if !is_done && reason.is_none() {
        return Err(ChatError::Cut);
    }
    // A key cut in two by the stream is whole again here.
    let text = redact(key, &said);
    Ok(Reply { text, finish: finish(reason.as_deref(), key), usage: counts, attempts: 0, wall_ms: 0 })
}

/// An endpoint's own words about what is wrong: the `message` of its `error` object, or the body's beginning.
pub(crate) fn complaint(body: &[u8], key: Option<&Key>) -> String {
    let text = String::from_utf8_lossy(body);
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(value) => said(value.get("error").unwrap_or(&value), key),
        Err(_) => shown(&text, key),
    }
}

fn said(error: &serde_json::Value, key: Option<&Key>) -> String {
    match error.get("message").unwrap_or(error) {
        serde_json::Value::String(message) => shown(message, key),
        other => shown(&other.to_string(), key),
    }
}

/// The beginning of an endpoint's words on one line, without the key: taken out first, or a cut could leave half of it.
pub(crate) fn shown(text: &str, key: Option<&Key>) -> String {
    let flat = redact(key, text).split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.is_empty() { "it says nothing".to_owned() } else { flat.chars().take(SHOWN_MAX).collect() }
}

fn garbage(message: &str, key: Option<&Key>) -> ChatError {
    ChatError::Garbage { message: shown(message, key) }
}
