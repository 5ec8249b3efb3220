//! Lines of JSON as examples.

use std::fmt;

use serde_json::{Map, Value};

use super::dialogue::{ASSISTANT, HUMAN, Message};

/// A text, or the turns of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turns {
    /// As it stands.
    Text(String),
    /// To be put into text by a [`Dialogue`](super::Dialogue).
    Messages(Vec<Message>),
}

/// A prompt with a better and a worse response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is answered.
    pub prompt: Turns,
    /// The better response.
    pub chosen: Turns,
    /// The worse response.
    pub rejected: Turns,
}

/// A prompt with its answer, which is learnt or verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is answered.
    pub prompt: Turns,
    /// The answer.
    pub answer: Turns,
}

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong, and how to mend it.
    pub reason: String,
}

impl fmt::Display for LineError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.reason)
    }
}

/// Lines of a message about a file.
const SHOWN: usize = 10;

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// Nothing in it.
    #[error("there is no example: every line is empty")]
    Empty,
    /// Not text.
    #[error("line {line}: it is not UTF-8; save the file as UTF-8")]
    Encoding {
        /// The line, from 1.
        line: usize,
    },
    /// Lines that are no examples.
    #[error("{} of the lines are no examples\n{}", .0.len(), shown(.0))]
    Lines(Vec<LineError>),
}

fn shown(errors: &[LineError]) -> String {
    let mut lines: Vec<String> = errors.iter().take(SHOWN).map(LineError::to_string).collect();
    if errors.len() > SHOWN {
        lines.push(format!("and {} more", errors.len() - SHOWN));
    }
    lines.join("\n")
}

/// Documents of a plain text file, which lines that hold only `separator` part. Empty ones are left out.
///
/// # Errors
/// [`DataError`] when the bytes are no UTF-8 or hold no document.
pub fn documents(bytes: &[u8], separator: &str) -> Result<Vec<String>, DataError> {
    let (mut all, mut open) = (Vec::new(), Vec::new());
    let text = utf8(bytes)?;
    for line in text.lines().chain([separator]) {
        if line.trim_end() == separator {
            all.push(open.join("\n"));
            open.clear();
        } else {
            open.push(line);
        }
    }
    all.retain(|document| !document.trim().is_empty());
    if all.is_empty() { Err(DataError::Empty) } else { Ok(all) }
}

/// Prompts with answers: `prompt` and `answer`, each a text or a list of messages.
///
/// # Errors
/// [`DataError`] names every line that is no example.
pub fn answers(bytes: &[u8]) -> Result<Vec<Answer>, DataError> {
    examples(bytes, |line, object| {
        Ok(Answer { line, prompt: turns(object, "prompt")?, answer: turns(object, "answer")? })
    })
}

/// Preference pairs: `prompt`, `chosen` and `rejected`, each a text or a list of messages; or `chosen` and `rejected` alone,
/// whole conversations that are the same up to the last turn of the assistant.
///
/// # Errors
/// [`DataError`] names every line that is no example.
pub fn pairs(bytes: &[u8]) -> Result<Vec<Pair>, DataError> {
    examples(bytes, |line, object| {
        let (chosen, rejected) = (turns(object, "chosen")?, turns(object, "rejected")?);
        if object.contains_key("prompt") {
            return Ok(Pair { line, prompt: turns(object, "prompt")?, chosen, rejected });
        }
        let ((prompt, chosen), (of_rejected, rejected)) = (split(chosen, "chosen")?, split(rejected, "rejected")?);
        if prompt != of_rejected {
            let reason =
                "`chosen` and `rejected` part before the last turn of the assistant; give the `prompt` they share";
            return Err(reason.to_owned());
        }
        Ok(Pair { line, prompt, chosen, rejected })
    })
}

fn utf8(bytes: &[u8]) -> Result<&str, DataError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        DataError::Encoding { line }
    })
}

fn examples<T>(
    bytes: &[u8],
    read: impl Fn(usize, &Map<String, Value>) -> Result<T, String>,
) -> Result<Vec<T>, DataError> {
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    for (line, text) in (1..).zip(utf8(bytes)?.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let example = match serde_json::from_str(text) {
            Ok(Value::Object(object)) => read(line, &object),
            Ok(other) => Err(format!("it is {}, and an example is an object", kind(&other))),
            Err(error) => Err(format!("it is no JSON: {error}")),
        };
        match example {
            Ok(example) => all.push(example),
            Err(reason) => errors.push(LineError { line, reason }),
        }
    }
    match (errors.is_empty(), all.is_empty()) {
        (false, _) => Err(DataError::Lines(errors)),
        (true, true) => Err(DataError::Empty),
        (true, false) => Ok(all),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn turns(object: &Map<String, Value>, name: &str) -> Result<Turns, String> {
    match object.get(name) {
        None => Err(format!("`{name}` is missing; there {}", names(object))),
        Some(Value::String(text)) => Ok(Turns::Text(text.clone())),
        Some(Value::Array(items)) if items.is_empty() => Err(format!("`{name}` has no message")),
        Some(Value::Array(items)) => {
            let message = |(at, item): (usize, &Value)| {
                let part = |part: &str| item.get(part).and_then(Value::as_str).map(str::to_owned);
                let (role, content) = (part("role"), part("content"));
                role.zip(content)
                    .map(|(role, content)| Message { role, content })
                    .ok_or_else(|| format!("message {} of `{name}` needs `role` and `content`, both texts", at + 1))
            };
            Ok(Turns::Messages(items.iter().enumerate().map(message).collect::<Result<_, String>>()?))
        }
        Some(other) => Err(format!("`{name}` is {}; it must be a text or a list of messages", kind(other))),
    }
}

fn names(object: &Map<String, Value>) -> String {
    let names: Vec<String> = object.keys().take(SHOWN).map(|name| format!("`{}`", shortened(name))).collect();
    if names.is_empty() { "is nothing else".to_owned() } else { format!("is {}", names.join(", ")) }
}

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

/// A whole conversation as prompt and response.
fn split(turns: Turns, name: &str) -> Result<(Turns, Turns), String> {
    match turns {
        Turns::Text(text) => {
            let cut = text.rfind(ASSISTANT).filter(|_| text.contains(HUMAN)).ok_or_else(|| {
                format!("`prompt` is missing, and `{name}` has no turns that begin with `Human:` and `Assistant:`")
            })?;
            let (prompt, response) = text.split_at(cut + ASSISTANT.len());
            Ok((Turns::Text(prompt.to_owned()), Turns::Text(response.to_owned())))
        }
        Turns::Messages(mut messages) => match messages.pop() {
            Some(last) if last.role == "assistant" && !messages.is_empty() => {
                Ok((Turns::Messages(messages), Turns::Messages(vec![last])))
            }
            _ => {
                Err(format!("`prompt` is missing, and `{name}` does not end with a turn of the assistant after others"))
            }
        },
    }
}
