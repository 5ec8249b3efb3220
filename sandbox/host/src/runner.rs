//! The native runner.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use frugal_fuel::{
    CostTable, Guest, GuestJob, Job, Limits, Measurement, Meter, ModuleJob, Rejection, RunError, Runner, RunnerIdentity,
};
use wasmtime::Engine;

use crate::cache::Cache;
use crate::compile::CompileError;
use crate::compiled::CompiledModules;
use crate::engine::{ENGINE_NAME, WASM_STACK_BYTES, engine};
use crate::guest::{Installed, Protocol, install, measure};
use crate::module_run::rejected;
use crate::seats::{Seat, Seats};
use crate::{BuildError, Builder, CancelToken, Compilation, InstallError, Progress, module_run};

/// Stack of a thread that runs WebAssembly, in bytes: the engine's share and room for the host around
/// it. Pages are committed only when touched.
const RUN_STACK_BYTES: usize = WASM_STACK_BYTES + (4 << 20);

/// Runs jobs on wasmtime. Share one per process; every method may be called from many threads at once.
pub struct HostRunner {
    meter: Meter,
    engine: Engine,
    cache: Option<Arc<Cache>>,
    modules: CompiledModules,
    guests: RwLock<BTreeMap<String, Arc<Installed>>>,
    installing: Mutex<()>,
    seats: Seats,
}

impl HostRunner {
    /// Starts to build a runner.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn start(
        meter: Meter,
        compilation: Compilation,
        cache: Option<Arc<Cache>>,
        parallel_runs: usize,
    ) -> Result<Self, BuildError> {
        let engine = engine(meter).map_err(|error| BuildError::Engine(format!("{error:#}")))?;
        let seats = Seats::open(engine.clone(), parallel_runs).map_err(BuildError::Thread)?;
        let modules = CompiledModules::new(engine.clone(), meter, compilation, cache.clone());
        Ok(Self { meter, engine, cache, modules, guests: RwLock::default(), installing: Mutex::default(), seats })
    }

    /// Makes `guest` ready to run from its uncompressed artefact, which must have the guest's digest.
    ///
    /// The first time on a machine this compiles (about 30 s for CPython on two cores); later it loads
    /// compiled code from the cache in about 0.1 s. A guest already installed is left as it is. `report`
    /// is called on the caller's thread.
    ///
    /// # Errors
    /// [`InstallError`] when the bytes are not this guest or cannot be used.
    pub fn install(
        &self,
        guest: &Guest,
        artefact: &[u8],
        report: &mut dyn FnMut(Progress),
    ) -> Result<(), InstallError> {
        if self.meter != Meter::Native {
            return Err(InstallError::NativeMeterOnly);
        }
        let _one_at_a_time = self.installing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.installed(&guest.sha256).is_some() {
            report(Progress::Ready);
            return Ok(());
        }
        let installed = install(&self.engine, self.cache.as_deref(), guest, artefact, report)?;
        let mut guests = self.guests.write().unwrap_or_else(PoisonError::into_inner);
        guests.insert(guest.sha256.clone(), Arc::new(installed));
        Ok(())
    }

    /// [`Runner::run`] that `cancel` can end from another thread.
    ///
    /// # Errors
    /// [`RunError::Cancelled`] then; otherwise as [`Runner::run`].
    pub fn run_cancellable(&self, job: &Job, limits: &Limits, cancel: &CancelToken) -> Result<Measurement, RunError> {
        let _seat = self.seat(limits, cancel)?;
        match job {
            Job::Module(job) => self.run_module(job, limits, cancel),
            Job::Guest(job) => Ok(self.run_guest(job, Protocol::Measure, limits, cancel)?.0),
            Job::Profile(job) => Ok(self.run_guest(job, Protocol::Profile, limits, cancel)?.0),
        }
    }

    /// Runs a guest's job and also says how long the measured call took by the wall clock: between its fuel marks, so
    /// neither instantiation nor the transfer of values is in it. `None` for a run that did not finish.
    ///
    /// Trap: time varies from run to run and from machine to machine; fuel does not.
    ///
    /// # Errors
    /// As [`HostRunner::run_cancellable`].
    pub fn run_timed(
        &self,
        job: &GuestJob,
        limits: &Limits,
        cancel: &CancelToken,
    ) -> Result<(Measurement, Option<Duration>), RunError> {
        let _seat = self.seat(limits, cancel)?;
        self.run_guest(job, Protocol::Measure, limits, cancel)
    }

    fn seat(&self, limits: &Limits, cancel: &CancelToken) -> Result<Seat<'_>, RunError> {
        limits.validate()?;
        if cancel.is_cancelled() {
            return Err(RunError::Cancelled);
        }
        self.seats.take(cancel)
    }

    fn run_module(&self, job: &ModuleJob, limits: &Limits, cancel: &CancelToken) -> Result<Measurement, RunError> {
        let module = match self.modules.ready(&job.bytes, limits, cancel) {
            Ok(module) => module,
            Err(CompileError::Rejected(reason)) => return Ok(rejected(reason)),
            Err(CompileError::Failed(error)) => return Err(error),
        };
        on_deep_stack(|| module_run::measure(&self.engine, self.meter, &module, job, limits, cancel))
    }

    fn run_guest(
        &self,
        job: &GuestJob,
        protocol: Protocol,
        limits: &Limits,
        cancel: &CancelToken,
    ) -> Result<(Measurement, Option<Duration>), RunError> {
        if self.meter != Meter::Native {
            let message = "guests are measured by the native meter; choose it for this job".to_owned();
            return Ok((rejected(Rejection::Request { message }), None));
        }
        let unknown =
            || RunError::UnknownGuest { language: job.guest.language.to_string(), sha256: job.guest.sha256.clone() };
        let installed = self.installed(&job.guest.sha256).ok_or_else(unknown)?;
        if installed.guest != job.guest {
            return Err(unknown());
        }
        on_deep_stack(|| measure(&self.engine, &installed, job, protocol, limits, cancel))
    }

    fn installed(&self, sha256: &str) -> Option<Arc<Installed>> {
        self.guests.read().unwrap_or_else(PoisonError::into_inner).get(sha256).cloned()
    }
}

impl Runner for HostRunner {
    fn identity(&self) -> RunnerIdentity {
        RunnerIdentity { engine: ENGINE_NAME.to_owned(), meter: self.meter, cost_table: CostTable::FUEL_1.name }
    }

    fn guests(&self) -> Vec<Guest> {
        let guests = self.guests.read().unwrap_or_else(PoisonError::into_inner);
        guests.values().map(|installed| installed.guest.clone()).collect()
    }

    fn run(&self, job: &Job, limits: &Limits) -> Result<Measurement, RunError> {
        self.run_cancellable(job, limits, &CancelToken::new())
    }
}

/// Runs `work` on a thread of its own, whose stack holds the deepest run the engine allows.
fn on_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, RunError> + Send) -> Result<T, RunError> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("frugal-run".into()).stack_size(RUN_STACK_BYTES);
        let thread = builder
            .spawn_scoped(scope, work)
            .map_err(|error| RunError::Engine { message: format!("cannot start a thread: {error}") })?;
        thread.join().unwrap_or_else(|_| Err(RunError::Engine { message: "the run panicked".to_owned() }))
    })
}
