//! The server, where there is one: asks for its health, runs programs on it.
//!
//! JSON is read and written by the browser's own functions: a second JSON reader would cost the first load 10 kB.

use frugal_wire::{Code, Input, Limits, Program, RunView, decode};
use leptos::prelude::*;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::site;

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Health {
    status: String,
    /// Version of the server.
    #[serde(default)]
    pub(crate) version: String,
    /// Its engine and version.
    #[serde(default)]
    pub(crate) engine: String,
    /// Languages it runs.
    #[serde(default)]
    pub(crate) languages: Vec<String>,
}

/// A request that came to nothing: what went wrong, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} {hint}")]
pub(crate) struct ServerError {
    /// What went wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: String,
}

impl ServerError {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    fn unreachable(_: JsValue) -> Self {
        Self::new("The server did not answer.", "See that it runs, then try again.")
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorText,
}

#[derive(Deserialize)]
struct ErrorText {
    message: String,
    hint: Option<String>,
}

/// The server beside this page, if there is one that is well.
pub(crate) async fn health() -> Option<Health> {
    // A page without an origin of its own, as in a sandboxed frame, is a stranger to every server.
    if !window().navigator().on_line() || window().origin() == "null" {
        return None;
    }
    let address = site::base_url() + "api/health";
    let response: web_sys::Response = JsFuture::from(window().fetch_with_str(&address)).await.ok()?.unchecked_into();
    if !response.ok() {
        return None;
    }
    let text = text_of(&response).await?;
    decode::<Health>(site::parse_json(&text).ok()?).ok().filter(|health| health.status == "ok")
}

async fn text_of(response: &web_sys::Response) -> Option<String> {
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// Runs a program on the server. `stop` ends the run there too.
///
/// # Errors
/// [`ServerError`] when nothing was measured; outcomes such as out of fuel are no errors.
pub(crate) async fn run(
    program: &Program,
    limits: Limits,
    stop: &web_sys::AbortSignal,
) -> Result<(RunView, String), ServerError> {
    let body = body_of(program, limits)?;
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(&body));
    init.set_signal(Some(stop));
    let address = site::base_url() + "api/run";
    let request = web_sys::Request::new_with_str_and_init(&address, &init).map_err(ServerError::unreachable)?;
    request.headers().set("content-type", "application/json").map_err(ServerError::unreachable)?;
    let response: web_sys::Response =
        JsFuture::from(window().fetch_with_request(&request)).await.map_err(ServerError::unreachable)?.unchecked_into();
    let text = text_of(&response).await.unwrap_or_default();
    if !response.ok() {
        let said = site::parse_json(&text).ok().and_then(|body| decode::<ErrorBody>(body).ok());
        return Err(match said {
            Some(body) => ServerError::new(body.error.message, body.error.hint.unwrap_or_default()),
            None => ServerError::new(format!("The server answered {}.", response.status()), "Try again."),
        });
    }
    let view = site::view_of(&text).ok().and_then(|view| decode::<RunView>(view).ok());
    let hint = "Page and server may be of different versions; reload the page.";
    let view = view.ok_or_else(|| ServerError::new("The server's answer could not be read.", hint))?;
    Ok((view, text))
}

/// A text as JSON writes it.
fn quoted(text: &str) -> String {
    js_sys::JSON::stringify(&JsValue::from_str(text)).map(String::from).unwrap_or_default()
}

/// The body of `POST /api/run`. Arguments go in as they were typed: their integers have any length.
fn body_of(program: &Program, limits: Limits) -> Result<String, ServerError> {
    let Code::Text { language, text } = &program.code else {
        return Err(ServerError::new("Only text can be sent to the server from here.", "Use the command line."));
    };
    let input = match &program.input {
        Input::Call { entry, arguments_json } => {
            if site::parse_json(arguments_json).is_err() {
                return Err(ServerError::new("The arguments are not JSON.", "Write an array, such as [3]."));
            }
            format!(r#""entry":{},"arguments":{arguments_json}"#, quoted(entry))
        }
        Input::Stdin { text } => format!(r#""stdin":{}"#, quoted(text)),
    };
    let Limits { fuel, setup_fuel, memory_bytes, output_bytes, call_depth, wall_ms } = limits;
    Ok(format!(
        r#"{{"language":"{}","source":{},{input},"limits":{{"fuel":"{fuel}","setup_fuel":"{setup_fuel}","memory_bytes":{memory_bytes},"output_bytes":{output_bytes},"call_depth":{call_depth},"wall_ms":{wall_ms}}}}}"#,
        language.name(),
        quoted(text),
    ))
}
