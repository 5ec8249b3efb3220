//! The native runner as this command uses it.

use frugal_fuel::Meter;
use frugal_host::{Compilation, CompileCaps, CompilerCommand, HostRunner, default_cache_folder};

use crate::failure::Failure;

/// The hidden verb that compiles one module in a child of its own.
pub(crate) const COMPILE_VERB: &str = "compile-child";

/// A runner for `parallel` runs at once that compiles submitted modules in a killable child.
pub(crate) fn runner(meter: Meter, parallel: usize) -> Result<HostRunner, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure::infrastructure(format!("own program: {error}")))?;
    let command = CompilerCommand { program, args: vec![COMPILE_VERB.into()] };
    HostRunner::builder()
        .meter(meter)
        .compilation(Compilation::Child { command, caps: CompileCaps::default() })
        .cache_folder(default_cache_folder())
        .parallel_runs(parallel)
        .build()
        .map_err(Failure::infrastructure)
}
