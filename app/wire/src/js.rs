//! Messages as JavaScript values, and starting the worker that takes them.

use js_sys::{Array, Object, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, Url, Worker, WorkerOptions};

/// A message or a worker that the browser refuses.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// A message of another shape.
    #[error("a message between page and worker is malformed ({0}); reload the page to get matching versions of both")]
    Message(String),
    /// No worker.
    #[error("the browser did not start a worker ({0}); allow workers for this page")]
    Worker(String),
}

/// Makes the JavaScript value of a message: every `u64` a BigInt, bytes a `Uint8Array`, absent fields `undefined`.
///
/// # Errors
/// [`WireError::Message`] for a value that JavaScript cannot hold.
pub fn encode(message: &impl Serialize) -> Result<JsValue, WireError> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(true);
    message.serialize(&serializer).map_err(|error| WireError::Message(error.to_string()))
}

/// Reads a message.
///
/// # Errors
/// [`WireError::Message`] when it has another shape.
pub fn decode<T: DeserializeOwned>(value: JsValue) -> Result<T, WireError> {
    serde_wasm_bindgen::from_value(value).map_err(|error| WireError::Message(error.to_string()))
}

/// Starts a worker. Messages may be posted to it at once: it takes them when its code is there.
///
/// `module_url` is the absolute address of its JavaScript module, `wasm` the absolute address of its
/// WebAssembly file or that file's compiled module, and `role` is `coordinator` for a page's worker.
///
/// # Errors
/// [`WireError::Worker`] when the browser refuses.
pub fn spawn_worker(module_url: &str, wasm: &JsValue, role: &str) -> Result<Worker, WireError> {
    try_spawn_worker(module_url, wasm, role).map_err(|error| WireError::Worker(format!("{error:?}")))
}

fn try_spawn_worker(module_url: &str, wasm: &JsValue, role: &str) -> Result<Worker, JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let parts = Array::of1(&include_str!("start.mjs").into());
    let blob = Blob::new_with_str_sequence_and_options(&parts, &kind)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    // A classic worker: Chromium starts no module worker from a blob in a frame without an origin.
    let options = WorkerOptions::new();
    options.set_name(&format!("frugal-{role}"));
    let worker = Worker::new_with_options(&address, &options)?;
    let first = Object::new();
    for (key, value) in [("module_url", &module_url.into()), ("wasm", wasm), ("role", &role.into())] {
        Reflect::set(&first, &key.into(), value)?;
    }
    worker.post_message(&first)?;
    Ok(worker)
}
