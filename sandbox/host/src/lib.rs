//! placeholder
pub use wasmtime as _w;
