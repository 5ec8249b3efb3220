//! The server, where there is one: asks for its health, runs programs on it.

use frugal_report::{FuelUnits, RunReport};
use frugal_wire::{Code, Input, Limits, Program, RunView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
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

#[derive(Serialize)]
struct RunBody<'a> {
    language: &'a str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdin: Option<&'a str>,
    limits: LimitsBody,
}

#[derive(Serialize)]
struct LimitsBody {
    fuel: FuelUnits,
    setup_fuel: FuelUnits,
    memory_bytes: u64,
    output_bytes: u64,
    call_depth: u32,
    wall_ms: u64,
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
    let address = site::base_url() + "api/health";
    let response: web_sys::Response = JsFuture::from(window().fetch_with_str(&address)).await.ok()?.unchecked_into();
    if !response.ok() {
        return None;
    }
    let text = text_of(&response).await?;
    serde_json::from_str::<Health>(&text).ok().filter(|health| health.status == "ok")
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
        return Err(match serde_json::from_str::<ErrorBody>(&text) {
            Ok(body) => ServerError::new(body.error.message, body.error.hint.unwrap_or_default()),
            Err(_) => ServerError::new(format!("The server answered {}.", response.status()), "Try again."),
        });
    }
    let report = RunReport::from_json(&text).map_err(|error| ServerError::new(error.to_string(), ""))?;
    Ok((RunView::from(&report), text))
}

fn body_of(program: &Program, limits: Limits) -> Result<String, ServerError> {
    let Code::Text { language, text } = &program.code else {
        return Err(ServerError::new("Only text can be sent to the server from here.", "Use the command line."));
    };
    let (entry, arguments, stdin) = match &program.input {
        Input::Call { entry, arguments_json } => {
            let arguments = serde_json::from_str::<&RawValue>(arguments_json).map_err(|error| {
                ServerError::new(format!("The arguments are not JSON: {error}."), "Write an array, such as [3].")
            })?;
            (Some(entry.as_str()), Some(arguments), None)
        }
        Input::Stdin { text } => (None, None, Some(text.as_str())),
    };
    let limits = LimitsBody {
        fuel: limits.fuel.into(),
        setup_fuel: limits.setup_fuel.into(),
        memory_bytes: limits.memory_bytes,
        output_bytes: limits.output_bytes,
        call_depth: limits.call_depth,
        wall_ms: limits.wall_ms,
    };
    let body = RunBody { language: language.name(), source: text, entry, arguments, stdin, limits };
    serde_json::to_string(&body).map_err(|error| ServerError::new(error.to_string(), ""))
}
