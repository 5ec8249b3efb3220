//! The page's worker.
//!
//! One WebAssembly file plays two roles. The **coordinator** is the worker a page starts: it holds the
//! guests and the state of benchmarks and never blocks, so that Stop is heard at once. It starts
//! **runners**, nested workers that run one job at a time and block meanwhile; a job is stopped by
//! ending its runner, and a replacement gets the compiled guests and no download.
//!
//! Start at [`start`]: `app/wire/src/start.mjs` calls it in every worker.

#[cfg(target_arch = "wasm32")]
mod coordinator;
#[cfg(target_arch = "wasm32")]
mod guests;
#[cfg(target_arch = "wasm32")]
mod relay;
#[cfg(target_arch = "wasm32")]
mod runner;
#[cfg(target_arch = "wasm32")]
mod scope;

#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub)] // what JavaScript imports must be `pub`, though no Rust crate sees it
mod entry {
    use std::cell::RefCell;

    use js_sys::Function;
    use wasm_bindgen::JsValue;
    use wasm_bindgen::prelude::wasm_bindgen;

    use crate::coordinator::Coordinator;
    use crate::runner::RunnerWorker;

    enum Role {
        Coordinator(Coordinator),
        Runner(RunnerWorker),
    }

    thread_local! {
        static ROLE: RefCell<Option<Role>> = const { RefCell::new(None) };
    }

    /// Takes up a role. `module_url` is the address of this module's script, and `import` imports a
    /// script by its address, which only JavaScript can.
    #[wasm_bindgen]
    pub fn start(role: &str, module_url: String, import: Function) {
        console_error_panic_hook::set_once();
        let role = match role {
            "runner" => Role::Runner(RunnerWorker::new(import)),
            _ => Role::Coordinator(Coordinator::new(module_url)),
        };
        ROLE.with(|cell| cell.replace(Some(role)));
    }

    /// Takes one message.
    #[wasm_bindgen]
    pub fn receive(message: JsValue) {
        ROLE.with_borrow(|role| match role {
            Some(Role::Coordinator(coordinator)) => coordinator.receive(message),
            Some(Role::Runner(runner)) => runner.receive(message),
            None => {}
        });
    }
}

fn main() {}
