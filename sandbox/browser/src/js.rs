//! Small doors to JavaScript.

use js_sys::{BigInt, Error, Object, RangeError, Reflect, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};

use frugal_fuel::RunError;

/// What JavaScript threw, as a failure of the machinery.
pub(crate) fn failed(doing: &str, error: &JsValue) -> RunError {
    RunError::Engine { message: format!("{doing}: {}", text(error)) }
}

/// The message of what JavaScript threw.
pub(crate) fn text(error: &JsValue) -> String {
    match error.dyn_ref::<Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}

/// Whether a run overflowed the engine's own stack, or the engine could not find memory.
pub(crate) fn is_range_error(error: &JsValue) -> bool {
    // SpiderMonkey throws its own InternalError for too much recursion.
    error.is_instance_of::<RangeError>() || text(error).contains("too much recursion")
}

/// Whether WebAssembly trapped.
pub(crate) fn is_trap(error: &JsValue) -> bool {
    error.is_instance_of::<WebAssembly::RuntimeError>()
}

/// Reads a property.
pub(crate) fn get(object: &JsValue, key: &str) -> Result<JsValue, RunError> {
    Reflect::get(object, &key.into()).map_err(|error| failed(key, &error))
}

/// Sets a property.
pub(crate) fn set(object: &Object, key: &str, value: &JsValue) -> Result<(), RunError> {
    Reflect::set(object, &key.into(), value).map_err(|error| failed(key, &error))?;
    Ok(())
}

/// Reads a property of a certain class.
pub(crate) fn get_as<T: JsCast>(object: &JsValue, key: &str) -> Result<T, RunError> {
    let message = || RunError::Engine { message: format!("`{key}` is missing or of another kind") };
    get(object, key)?.dyn_into().map_err(|_| message())
}

/// Makes a WebAssembly global.
pub(crate) fn global(kind: &str, mutable: bool, value: &JsValue) -> Result<WebAssembly::Global, RunError> {
    let descriptor = Object::new();
    set(&descriptor, "value", &kind.into())?;
    set(&descriptor, "mutable", &mutable.into())?;
    WebAssembly::Global::new(&descriptor, value).map_err(|error| failed("a new global", &error))
}

/// The value of an `i64` global.
pub(crate) fn read_i64(global: &WebAssembly::Global) -> i64 {
    as_i64(&global.value()).unwrap_or_default()
}

/// An `i64` that came from WebAssembly.
pub(crate) fn as_i64(value: &JsValue) -> Option<i64> {
    value.clone().dyn_into::<BigInt>().ok().and_then(|value| i64::try_from(value).ok())
}

/// The value of an `i32` global.
pub(crate) fn read_i32(global: &WebAssembly::Global) -> i32 {
    as_i32(&global.value()).unwrap_or_default()
}

/// An `i32` that came from WebAssembly.
#[allow(clippy::cast_possible_truncation)] // WebAssembly hands out i32 as a number that fits by definition
pub(crate) fn as_i32(value: &JsValue) -> Option<i32> {
    value.as_f64().map(|number| number as i32)
}
