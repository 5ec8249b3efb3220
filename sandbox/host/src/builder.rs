//! Building a runner.

use std::path::PathBuf;
use std::sync::Arc;

use frugal_fuel::Meter;

use crate::cache::Cache;
use crate::{BuildError, Compilation, HostRunner};

/// Options of a [`HostRunner`].
#[derive(Debug, Clone)]
pub struct Builder {
    pub(crate) meter: Meter,
    compilation: Option<Compilation>,
    cache_folder: Option<PathBuf>,
    parallel_runs: Option<usize>,
}

impl Default for Builder {
    fn default() -> Self {
        Self { meter: Meter::Native, compilation: None, cache_folder: None, parallel_runs: None }
    }
}

impl Builder {
    /// Which meter counts; the native one unless said. The instrumented one runs core modules only.
    #[must_use]
    pub fn meter(mut self, meter: Meter) -> Self {
        self.meter = meter;
        self
    }

    /// How submitted modules are compiled. There is no default.
    #[must_use]
    pub fn compilation(mut self, compilation: Compilation) -> Self {
        self.compilation = Some(compilation);
        self
    }

    /// Folder for compiled code, made when missing; `None` keeps it in memory only, and each process
    /// then compiles its guests again.
    #[must_use]
    pub fn cache_folder(mut self, folder: Option<PathBuf>) -> Self {
        self.cache_folder = folder;
        self
    }

    /// Runs at the same time, at least 1; further callers wait, outside their wall-clock limit. One per
    /// processor unless said.
    #[must_use]
    pub fn parallel_runs(mut self, runs: usize) -> Self {
        self.parallel_runs = Some(runs.max(1));
        self
    }

    /// Starts the engine and its clock.
    ///
    /// # Errors
    /// [`BuildError`] when no compilation was chosen, or when the engine, the folder or the clock's thread fails.
    pub fn build(self) -> Result<HostRunner, BuildError> {
        let compilation = self.compilation.ok_or(BuildError::NoCompilation)?;
        let cache = self.cache_folder.map(|folder| Cache::open(&folder)).transpose()?.map(Arc::new);
        let runs = self.parallel_runs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        HostRunner::start(self.meter, compilation, cache, runs)
    }
}
