//! The browser around the page: addresses, storage, keyboard, files. Everything here may be denied and copes.

use frugal_wire::GuestStatus;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Lets the waiting version of the page take over.
    #[wasm_bindgen(js_namespace = frugal, js_name = switchVersion)]
    pub(crate) fn switch_version();
    /// Whether another version of the page waits.
    #[wasm_bindgen(js_namespace = frugal, js_name = versionReady)]
    pub(crate) fn version_ready() -> bool;
    /// The guests that were shipped with the page.
    #[wasm_bindgen(js_namespace = frugal, js_name = guests)]
    fn guests() -> JsValue;
    /// The value of a JSON text.
    #[wasm_bindgen(js_namespace = frugal, js_name = parse, catch)]
    pub(crate) fn parse_json(text: &str) -> Result<JsValue, JsValue>;
    /// A server's run report in the shape of a `RunView`.
    #[wasm_bindgen(js_namespace = frugal, js_name = viewOf, catch)]
    pub(crate) fn view_of(report_json: &str) -> Result<JsValue, JsValue>;
    /// Absolute address of the worker's module.
    #[wasm_bindgen(js_namespace = frugal, js_name = workerModule)]
    pub(crate) fn worker_module() -> String;
    /// Absolute address of the module of the worker that runs models.
    #[wasm_bindgen(js_namespace = frugal, js_name = modelWorkerModule)]
    pub(crate) fn model_worker_module() -> String;
    /// Absolute address of that worker's WebAssembly.
    #[wasm_bindgen(js_namespace = frugal, js_name = modelWorkerWasm)]
    pub(crate) fn model_worker_wasm() -> String;
    /// The module of a page that comes late, a promise.
    #[wasm_bindgen(js_namespace = frugal, js_name = page)]
    pub(crate) fn page_module(name: &str) -> js_sys::Promise;
    /// Absolute address of the worker's WebAssembly.
    #[wasm_bindgen(js_namespace = frugal, js_name = workerWasm)]
    pub(crate) fn worker_wasm() -> String;
}

/// Absolute address of the folder that the page is served from, with a slash at its end.
pub(crate) fn base_url() -> String {
    document().base_uri().ok().flatten().unwrap_or_else(|| "/".into())
}

/// The guests that were shipped with the page.
pub(crate) fn offered_guests() -> Vec<GuestStatus> {
    frugal_wire::decode(guests()).unwrap_or_default()
}

/// The path of [`base_url`] without its last slash: what the router puts before every route.
pub(crate) fn base_path() -> String {
    let path = web_sys::Url::new(&base_url()).map(|url| url.pathname()).unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}

/// The fragment of the address without `#`; empty when there is none.
pub(crate) fn fragment() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// Where a link says that a stored result is: `#open=ADDRESS`, absolute or below the page's folder.
pub(crate) fn linked_result() -> Option<String> {
    let address = fragment().strip_prefix("open=")?.to_owned();
    js_sys::decode_uri_component(&address).ok().map(String::from)
}

/// Takes the fragment out of the address without a navigation.
pub(crate) fn clear_fragment() {
    let location = window().location();
    let address = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    if let Ok(history) = window().history() {
        let state = history.state().unwrap_or(JsValue::NULL);
        // A sandboxed frame may refuse; then the fragment stays, which harms nothing.
        let _ = history.replace_state_with_url(&state, "", Some(&address));
    }
}

/// The address of the Code page with a fragment.
pub(crate) fn share_url(fragment: &str) -> String {
    format!("{}code/#{fragment}", base_url())
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// A kept text; `None` when there is none or storage is denied.
pub(crate) fn load(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps a text where storage is allowed and has room.
pub(crate) fn store(key: &str, text: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, text);
    }
}

/// Forgets a text.
pub(crate) fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// Calls `act` for each key pressed anywhere, until the component is gone.
pub(crate) fn on_key(act: impl Fn(KeyboardEvent) + 'static) {
    let handle = window_event_listener(leptos::ev::keydown, act);
    on_cleanup(move || handle.remove());
}

/// Calls `act` when a person first moves, touches or types.
pub(crate) fn on_first_sign(act: impl Fn() + Clone + 'static) {
    for name in ["pointermove", "pointerdown", "keydown", "focusin"] {
        let act = act.clone();
        let handle = window_event_listener_untyped(name, move |_| act());
        on_cleanup(move || handle.remove());
    }
}

/// Puts text on the clipboard.
///
/// # Errors
/// When the browser refuses; the text can still be selected and copied by hand.
pub(crate) async fn copy(text: &str) -> Result<(), JsValue> {
    if !window().is_secure_context() {
        return Err(JsValue::NULL);
    }
    wasm_bindgen_futures::JsFuture::from(window().navigator().clipboard().write_text(text)).await.map(|_| ())
}

/// Hands a text to the person as a file.
pub(crate) fn save(name: &str, media_type: &str, text: &str) {
    let make = || -> Result<(), JsValue> {
        let options = web_sys::BlobPropertyBag::new();
        options.set_type(media_type);
        let parts = js_sys::Array::of1(&JsValue::from_str(text));
        let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
        let address = web_sys::Url::create_object_url_with_blob(&blob)?;
        let link: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
        web_sys::Url::revoke_object_url(&address)
    };
    // Refused downloads are the browser's own message to give.
    let _ = make();
}

/// The content of a file of the person's.
///
/// # Errors
/// What the browser says, such as when the file is gone.
pub(crate) async fn read(file: &web_sys::File) -> Result<Vec<u8>, JsValue> {
    let buffer = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// A file at an absolute address, or below the page's folder. `None` when it does not come.
pub(crate) async fn fetch_bytes(address: &str) -> Option<Vec<u8>> {
    let answer = window().fetch_with_str(address);
    let response: web_sys::Response = wasm_bindgen_futures::JsFuture::from(answer).await.ok()?.unchecked_into();
    if !response.ok() {
        return None;
    }
    let buffer = wasm_bindgen_futures::JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Moves the keyboard focus to the main content.
pub(crate) fn focus_main() {
    if let Some(main) = document().get_element_by_id("main") {
        let _ = main.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}
