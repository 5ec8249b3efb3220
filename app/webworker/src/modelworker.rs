//! The page's worker for models: it fetches one, holds it, and generates text.
//!
//! A WebAssembly file of its own, so that whoever only runs code never fetches the engine. Start at [`start`]:
//! `app/wire/src/start.mjs` calls it.

#[cfg(target_arch = "wasm32")]
mod model;
#[cfg(target_arch = "wasm32")]
#[expect(dead_code, reason = "shared with the worker that runs code; each uses some of it")]
mod scope;
#[cfg(target_arch = "wasm32")]
#[expect(dead_code, reason = "shared with the worker that runs code; each uses some of it")]
#[path = "guests/storage.rs"]
mod storage;

#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub)] // what JavaScript imports must be `pub`, though no Rust crate sees it
mod entry {
    use std::cell::RefCell;

    use js_sys::Function;
    use wasm_bindgen::JsValue;
    use wasm_bindgen::prelude::wasm_bindgen;

    use crate::model::ModelWorker;

    thread_local! {
        static WORKER: RefCell<Option<ModelWorker>> = const { RefCell::new(None) };
    }

    /// Takes up its work; it has one role and imports nothing.
    #[wasm_bindgen]
    pub fn start(_role: &str, _module_url: String, _import: Function) {
        console_error_panic_hook::set_once();
        WORKER.with(|cell| cell.replace(Some(ModelWorker::new())));
    }

    /// Takes one message.
    #[wasm_bindgen]
    pub fn receive(message: JsValue) {
        WORKER.with_borrow(|worker| {
            if let Some(worker) = worker {
                worker.receive(message);
            }
        });
    }
}

fn main() {}
