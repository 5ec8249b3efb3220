//! Runs jobs on the browser's own WebAssembly and counts the same fuel as the native runner.
//!
//! [`BrowserRunner`] is the [`frugal_fuel::Runner`] of a tab. Its calls block, so it lives in a dedicated
//! worker, and whoever owns that worker stops a run with `terminate()`: the wall-clock limit and the Stop
//! button are the owner's. Nothing here needs shared memory, storage or an origin.
//!
//! A submitted module is prepared and instrumented by `sandbox/instrument` for each run. A guest arrives
//! compiled ([`GuestCode`]), its modules instrumented when the page was built; all of them charge one
//! shared counter. [`bundle`] reads the file that a page fetches for it.
//!
//! Natively only the parts without a browser exist: the bundle reader, the reading of error messages and
//! the judgement of an overflowed stack.

pub mod bundle;
mod stack;
mod trap;

#[cfg(target_arch = "wasm32")]
mod abi_component;
#[cfg(target_arch = "wasm32")]
mod abi_module;
#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(target_arch = "wasm32")]
mod js;
#[cfg(target_arch = "wasm32")]
mod module;
#[cfg(target_arch = "wasm32")]
mod runner;

#[cfg(target_arch = "wasm32")]
pub use guest::GuestCode;
#[cfg(target_arch = "wasm32")]
pub use runner::BrowserRunner;
