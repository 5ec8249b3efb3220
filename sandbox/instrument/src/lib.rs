//! WebAssembly in, WebAssembly out: the same program, made to count its own fuel.
//!
//! Two steps, both pure functions over bytes:
//!
//! 1. [`prepare`] refuses what no runner may run (with the reason) and caps memory and tables, so that
//!    growing them succeeds or fails alike everywhere. Every runner calls it on every submitted module.
//! 2. [`instrument`] weaves in counting code, so that any engine counts exactly what the native engine's
//!    own fuel counts. Runners without a fuel meter of their own, such as a browser, need it.
//!
//! The rules of *when* a charge is made are those of crate wasmtime-internal-cranelift 48.0.8
//! (`func_environ.rs`, `translate/code_translator.rs`); the prices are
//! [`frugal_fuel::CostTable::FUEL_1`]. For every run that finishes, both meters give one integer.

mod instrument;
mod operators;
mod prepare;
mod sections;

pub use instrument::{
    Carrier, FLAG_MEMORY_DENIED, FLAG_OUT_OF_DEPTH, Globals, Options, cell_for, consumed, instrument, names,
};
pub use prepare::{
    ACCEPTED_FEATURES, Facts, FunctionExport, PrepareLimits, Prepared, Signature, TABLE_ELEMENTS_MAX, check_call,
    prepare,
};
