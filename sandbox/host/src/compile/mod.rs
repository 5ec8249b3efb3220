//! Compiling submitted modules, outside this process.
//!
//! Compile time is not metered and a small module can be made slow to compile (an 894 KB function took
//! 12.9 s), so a submitted module is compiled by a child with caps of its own, which can be killed.

mod child;
mod parent;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use frugal_fuel::{Meter, Rejection, RunError};

use crate::CancelToken;

pub use child::compile_child_main;

/// How submitted modules are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compilation {
    /// In a child process with caps. The choice for everything that comes from outside.
    Child {
        /// How to start the child.
        command: CompilerCommand,
        /// What it may use.
        caps: CompileCaps,
    },
    /// In this process and without caps: for trusted modules and tests only.
    InProcess,
}

/// A program that calls [`compile_child_main`] when started with these arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompilerCommand {
    /// The program, usually the running one (`std::env::current_exe`).
    pub program: PathBuf,
    /// Its arguments, usually one hidden verb.
    pub args: Vec<OsString>,
}

/// What compiling one module may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileCaps {
    /// Wall-clock time from starting the child to its last byte.
    pub time: Duration,
    /// Address space of the child, in bytes.
    pub memory_bytes: u64,
}

impl Default for CompileCaps {
    /// Twenty seconds, 2 GiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(20), memory_bytes: 2 << 30 }
    }
}

/// Why there is no compiled code.
#[derive(Debug)]
pub(crate) enum CompileError {
    /// The module's fault.
    Rejected(Rejection),
    /// The machinery's fault, or the caller cancelled.
    Failed(RunError),
}

impl From<RunError> for CompileError {
    fn from(error: RunError) -> Self {
        Self::Failed(error)
    }
}

/// Compiles a prepared module for the engine behind `meter`.
pub(crate) fn compile(
    compilation: &Compilation,
    engine: &wasmtime::Engine,
    meter: Meter,
    module: &[u8],
    cancel: &CancelToken,
) -> Result<Vec<u8>, CompileError> {
    match compilation {
        Compilation::Child { command, caps } => parent::compile(command, *caps, meter, module, cancel),
        Compilation::InProcess => {
            engine.precompile_module(module).map_err(|error| CompileError::Rejected(invalid(format!("{error:#}"))))
        }
    }
}

/// A module that passed validation but that the compiler refuses, such as one over its implementation limits.
fn invalid(message: String) -> Rejection {
    Rejection::Invalid { offset: 0, message }
}
