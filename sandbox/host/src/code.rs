//! Compiled code that may be loaded.

use wasmtime::component::Component;
use wasmtime::{Engine, Module};

/// Machine code that this crate made, or made earlier and recognised by its own keyed hash.
///
/// Only the two places that may vouch for code build one: the compiler and the cache.
#[derive(Debug)]
pub(crate) struct Code {
    bytes: Vec<u8>,
    start: usize,
}

impl Code {
    /// Vouches for `bytes[start..]`: either straight from our compiler or checked against our keyed hash.
    pub(crate) fn trusted(bytes: Vec<u8>, start: usize) -> Self {
        Self { bytes, start }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Loads a module compiled for `engine`; another version or configuration is an error.
    #[allow(unsafe_code)]
    pub(crate) fn module(&self, engine: &Engine) -> wasmtime::Result<Module> {
        // SAFETY: the bytes come from `Engine::precompile_module` of this very engine version, either
        // directly or through the cache, whose keyed hash was verified over exactly these bytes, which
        // nobody else can reach since. The engine itself checks version and configuration.
        unsafe { Module::deserialize(engine, self.bytes()) }
    }

    /// Loads a component compiled for `engine`; another version or configuration is an error.
    #[allow(unsafe_code)]
    pub(crate) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: as for `module`, with `Engine::precompile_component`.
        unsafe { Component::deserialize(engine, self.bytes()) }
    }
}
