//! The Model page: a module of its own, which the page fetches when a person goes there.
//!
//! Start at [`entry::mount`]: `app/web/boot/start.js` calls it with the element to draw in.

#![allow(unreachable_pub, reason = "the component macro writes `pub` for components that a binary cannot export")]

#[cfg(target_arch = "wasm32")]
mod model_page;
#[cfg(target_arch = "wasm32")]
#[expect(dead_code, reason = "shared with the page itself; each uses some of it")]
mod site;

#[cfg(target_arch = "wasm32")]
mod entry {
    use std::any::Any;
    use std::cell::RefCell;

    use wasm_bindgen::prelude::wasm_bindgen;
    use web_sys::HtmlElement;

    use crate::model_page;

    thread_local! {
        static SHOWN: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
    }

    /// Draws the page in an element of its own.
    #[wasm_bindgen]
    pub fn mount(element: HtmlElement) {
        let shown = leptos::mount::mount_to(element, model_page::Model);
        SHOWN.with(|cell| cell.replace(Some(Box::new(shown))));
    }

    /// Takes it away, and ends its worker.
    #[wasm_bindgen]
    pub fn unmount() {
        SHOWN.with(|cell| cell.replace(None));
    }
}

fn main() {}
