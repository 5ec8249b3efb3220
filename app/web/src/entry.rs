//! The door of a page that is a module of its own: `app/web/src/page/room.rs` opens it.

use std::any::Any;
use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlElement;

thread_local! {
    static SHOWN: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// Draws the page in an element of its own.
#[wasm_bindgen]
pub fn mount(element: HtmlElement) {
    let shown = leptos::mount::mount_to(element, crate::Page);
    SHOWN.with(|cell| cell.replace(Some(Box::new(shown))));
}

/// Takes it away, and ends its worker.
#[wasm_bindgen]
pub fn unmount() {
    SHOWN.with(|cell| cell.replace(None));
}
