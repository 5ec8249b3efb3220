//! Language guests: trusted artefacts that run untrusted source.

mod component;
mod core;
mod install;

use std::time::{Duration, Instant};

use frugal_fuel::{Guest, GuestInstance, GuestJob, Limits, Marks, Measurement, Outcome, Rejection, RunError, Stop};
use wasmtime::{AsContextMut, Engine, Store};

use crate::CancelToken;
use crate::module_run::rejected;
use crate::stop::EngineStop;
use crate::store::{Ground, new_store};

pub use install::Progress;
pub(crate) use install::install;

/// A guest that can be instantiated at once.
pub(crate) struct Installed {
    pub(crate) guest: Guest,
    form: Form,
}

enum Form {
    Component(component::Form),
    Core(core::Form),
}

/// Code under test reached the fuel marks.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a fuel mark outside its place")]
struct UnexpectedMark;

/// The one import of every guest: reads the fuel left and sets the next budget.
///
/// The engine saves its counter before it calls out and loads it again after, so this is exact.
fn mark(mut store: impl AsContextMut<Data = Ground>) -> wasmtime::Result<()> {
    let mut store = store.as_context_mut();
    let remaining = store.get_fuel()?;
    let passed = &mut store.data_mut().passed;
    *passed = [passed[1], Some(Instant::now())];
    match store.data_mut().marks.on_mark(remaining) {
        Some(units) => store.set_fuel(units),
        None => Err(UnexpectedMark.into()),
    }
}

/// What is done with a fresh instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The call's fuel.
    Measure,
    /// Where it went.
    Profile,
}

impl Protocol {
    fn run(self, instance: &mut impl GuestInstance, job: &GuestJob, limits: &Limits) -> Result<Measurement, RunError> {
        match self {
            Self::Measure => frugal_fuel::measure_guest(instance, job, limits),
            Self::Profile => frugal_fuel::profile_guest(instance, job, limits),
        }
    }
}

/// Measures `job` in a fresh instance. The caller's stack must exceed the engine's. The time is that between the marks
/// of the call, when it finished.
pub(crate) fn measure(
    engine: &Engine,
    installed: &Installed,
    job: &GuestJob,
    protocol: Protocol,
    limits: &Limits,
    cancel: &CancelToken,
) -> Result<(Measurement, Option<Duration>), RunError> {
    let mut store = new_store(engine, limits, cancel);
    set_budget(&mut store, Limits::FUEL_MAX);
    let measured = match &installed.form {
        Form::Component(form) => match form.instantiate(&mut store) {
            Ok(mut instance) => protocol.run(&mut instance, job, limits),
            Err(error) => not_instantiated(&store, &error, limits),
        },
        Form::Core(form) => match form.instantiate(&mut store) {
            Ok(mut instance) => protocol.run(&mut instance, job, limits),
            Err(error) => not_instantiated(&store, &error, limits),
        },
    }?;
    let time = match (&measured.outcome, store.data().passed) {
        (Outcome::Finished, [Some(begun), Some(ended)]) => Some(ended - begun),
        _ => None,
    };
    Ok((measured, time))
}

fn not_instantiated(store: &Store<Ground>, error: &wasmtime::Error, limits: &Limits) -> Result<Measurement, RunError> {
    let memory = &store.data().memory;
    if memory.denied {
        let (limit_bytes, needed_bytes) = (limits.memory_bytes, memory.needed_bytes);
        return Ok(rejected(Rejection::MemoryTooSmall { limit_bytes, needed_bytes }));
    }
    match EngineStop::of(error) {
        EngineStop::Cancelled => Err(RunError::Cancelled),
        _ => Err(RunError::Engine { message: format!("the guest cannot be instantiated: {error:#}") }),
    }
}

/// Sets the fuel available from here on.
fn set_budget(store: &mut Store<Ground>, units: u64) {
    // Every engine this crate builds for guests counts fuel, which is the call's only failure.
    if let Err(error) = store.set_fuel(units) {
        tracing::error!(%error, "the engine refuses a fuel budget");
    }
}

/// Fuel left of the last budget.
fn remaining(store: &Store<Ground>) -> u64 {
    store.get_fuel().unwrap_or_default()
}

fn marks(store: &mut Store<Ground>) -> &mut Marks {
    &mut store.data_mut().marks
}

/// Sorts the error of one entry into the guest.
fn stop_of(store: &Store<Ground>, error: &wasmtime::Error) -> Stop {
    match EngineStop::of(error) {
        EngineStop::Cancelled => Stop::Failed(RunError::Cancelled),
        EngineStop::PastDeadline => Stop::PastDeadline,
        EngineStop::OutOfDepth => Stop::OutOfDepth,
        EngineStop::OutOfFuel => Stop::OutOfFuel,
        // A straight run may overshoot its budget and then meet another trap before the next check.
        EngineStop::Trapped(_) if remaining(store) == 0 => Stop::OutOfFuel,
        EngineStop::Trapped(_) if store.data().memory.denied => Stop::OutOfMemory,
        EngineStop::Trapped(kind) => Stop::Trapped(kind),
        EngineStop::Failed(message) => Stop::Failed(RunError::Engine { message }),
    }
}
