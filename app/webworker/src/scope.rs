//! Small doors to the worker's global scope.

use js_sys::{Error, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::DedicatedWorkerGlobalScope;

/// The global scope of this worker.
pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Posts a message to whoever started this worker.
pub(crate) fn post(message: &impl Serialize) {
    let posted = frugal_wire::encode(message)
        .map_err(|error| error.to_string())
        .and_then(|value| scope().post_message(&value).map_err(|error| text(&error)));
    if let Err(message) = posted {
        // Nobody can be told otherwise: the channel itself failed.
        wasm_bindgen::throw_str(&message);
    }
}

/// The message of what JavaScript threw.
pub(crate) fn text(error: &JsValue) -> String {
    match error.dyn_ref::<Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}

/// Waits for a promise and reads its value as `T`.
pub(crate) async fn wait<T: JsCast>(promise: Promise) -> Result<T, JsValue> {
    JsFuture::from(promise).await?.dyn_into()
}

/// A property of `object`, absent when it is missing, null, or its getter throws (as storage does in
/// frames without an origin).
pub(crate) fn property(object: &JsValue, key: &str) -> Option<JsValue> {
    Reflect::get(object, &key.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

/// Milliseconds since some fixed moment.
pub(crate) fn now_ms() -> f64 {
    scope().performance().map_or(0.0, |performance| performance.now())
}

/// The time of day: RFC 3339, UTC.
pub(crate) fn now_utc() -> String {
    String::from(js_sys::Date::new_0().to_iso_string())
}

/// A timer that is called off when dropped.
pub(crate) struct Timer {
    handle: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls `then` once after `delay_ms`.
    pub(crate) fn after(delay_ms: u64, then: impl FnMut() + 'static) -> Option<Self> {
        let callback: Closure<dyn FnMut()> = Closure::new(then);
        let delay = i32::try_from(delay_ms).unwrap_or(i32::MAX);
        let function = callback.as_ref().unchecked_ref();
        let handle = scope().set_timeout_with_callback_and_timeout_and_arguments_0(function, delay).ok()?;
        Some(Self { handle, _callback: callback })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        scope().clear_timeout_with_handle(self.handle);
    }
}

/// The browser's engine by name and major version, such as `Chromium 156`.
pub(crate) fn engine() -> String {
    let agent = scope().navigator().user_agent().unwrap_or_default();
    let version = |token: &str| -> Option<String> {
        let rest = &agent[agent.find(token)? + token.len()..];
        let major: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (!major.is_empty()).then_some(major)
    };
    for (token, name) in
        [("Firefox/", "Firefox"), ("Chrome/", "Chromium"), ("Chromium/", "Chromium"), ("Version/", "Safari")]
    {
        if let Some(major) = version(token) {
            return format!("{name} {major}");
        }
    }
    "browser of unknown name".to_owned()
}
