//! Runs jobs natively, on wasmtime with Cranelift, whose own fuel is the canonical meter.
//!
//! [`HostRunner`] is the door: build one per process, install guests, and call
//! [`HostRunner::run_cancellable`] (or [`frugal_fuel::Runner::run`]) from as many threads as you like.
//!
//! ```no_run
//! use frugal_fuel::{Job, Limits, Runner};
//! use frugal_host::{Compilation, CompileCaps, CompilerCommand, HostRunner};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let job: Job = unimplemented!();
//! let compiler = CompilerCommand { program: "frugal-compiler".into(), args: Vec::new() };
//! let runner = HostRunner::builder()
//!     .compilation(Compilation::Child { command: compiler, caps: CompileCaps::default() })
//!     .cache_folder(frugal_host::default_cache_folder())
//!     .build()?;
//! let measurement = runner.run(&job, &Limits::default())?;
//! # Ok(()) }
//! ```
//!
//! What stands between a hostile module and the process: `frugal_instrument::prepare` (caps and
//! refusals), a killable child for compiling ([`Compilation::Child`]), a limiter on memory and tables,
//! fuel, a wall-clock deadline by epochs, and a stack of known size. A fresh instance serves each
//! measurement. The only `unsafe` code loads compiled modules that carry our own keyed hash.

mod builder;
mod cache;
mod cancel;
mod code;
mod compile;
mod compiled;
mod cost;
mod engine;
mod error;
mod guest;
mod module_run;
mod runner;
mod seats;
mod stop;
mod store;

pub use builder::Builder;
pub use cache::default_cache_folder;
pub use cancel::CancelToken;
pub use compile::{Compilation, CompileCaps, CompilerCommand, compile_child_main};
pub use error::{BuildError, InstallError};
pub use guest::Progress;
pub use runner::HostRunner;
