//! Exceptions as replies.

use boa_engine::{Context, JsError, JsValue, js_string};
use serde_json::{Value, json};

const MESSAGE_MAX: usize = 2_000;
const TRACE_LINES_MAX: usize = 16;

/// The reply to a request that ended in an exception.
pub(crate) fn reply(error: &JsError, phase: &str, context: &mut Context) -> Vec<u8> {
    let (name, message) = name_and_message(error, context);
    let (name, message) = (shorten(&name, 200), shorten(&message, MESSAGE_MAX));
    let mut trace = if message.is_empty() { name.clone() } else { format!("{name}: {message}") };
    let shown = error.to_string();
    let places: Vec<_> = shown.lines().filter(|line| line.starts_with("    at ")).collect();
    for place in places.iter().take(TRACE_LINES_MAX) {
        trace.push('\n');
        trace.push_str(&shorten(place, 200));
    }
    if places.len() > TRACE_LINES_MAX {
        trace.push_str(&format!("\n    ... {} more", places.len() - TRACE_LINES_MAX));
    }
    text(&name, &message, &trace, phase)
}

/// The reply to a request that cannot be served, or whose result has no form.
pub(crate) fn text(name: &str, message: &str, trace: &str, phase: &str) -> Vec<u8> {
    let body = json!({"type": name, "message": message, "traceback": trace, "phase": phase});
    with_status(1, &body)
}

/// A status byte and JSON.
pub(crate) fn with_status(status: u8, body: &Value) -> Vec<u8> {
    let mut bytes = vec![status];
    bytes.extend_from_slice(body.to_string().as_bytes());
    bytes
}

fn name_and_message(error: &JsError, context: &mut Context) -> (String, String) {
    if let Some(engine) = error.as_engine() {
        return ("RangeError".to_owned(), engine.to_string());
    }
    let Ok(value) = error.clone().into_opaque(context) else {
        return ("Error".to_owned(), "(the exception cannot be read)".to_owned());
    };
    let Some(object) = value.as_object() else {
        return ("Uncaught".to_owned(), value.display().to_string());
    };
    let mut property = |name| match object.get(name, context) {
        Ok(value) => value.as_string().map(|text| text.to_std_string_lossy()),
        Err(_) => None,
    };
    let message = property(js_string!("message"));
    let name = property(js_string!("name")).unwrap_or_else(|| "Error".to_owned());
    (name, message.unwrap_or_else(|| JsValue::from(object.clone()).display().to_string()))
}

fn shorten(text: &str, max: usize) -> String {
    let count = text.chars().count();
    if count <= max {
        return text.to_owned();
    }
    let start: String = text.chars().take(max).collect();
    format!("{start}... ({count} characters)")
}
