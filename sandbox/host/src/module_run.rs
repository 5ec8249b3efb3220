//! One measurement of a core module.

use frugal_fuel::{Fuel, Limits, Measurement, Meter, ModuleJob, Outcome, Output, Phase, Rejection, RunError, Value};
use frugal_instrument::{FLAG_MEMORY_DENIED, FLAG_OUT_OF_DEPTH, cell_for, check_call, consumed, names};
use wasmtime::{Engine, Global, Instance, Store, Val};

use crate::CancelToken;
use crate::compiled::Ready;
use crate::stop::EngineStop;
use crate::store::{Ground, new_store};

/// Runs `job` on its compiled module in a fresh instance. The caller's stack must exceed the engine's.
pub(crate) fn measure(
    engine: &Engine,
    meter: Meter,
    module: &Ready,
    job: &ModuleJob,
    limits: &Limits,
    cancel: &CancelToken,
) -> Result<Measurement, RunError> {
    let signature = match check_call(&module.facts, &job.export, &job.arguments) {
        Ok(signature) => signature,
        Err(reason) => return Ok(rejected(reason)),
    };
    let mut store = new_store(engine, limits, cancel);
    if meter == Meter::Native {
        // Instantiation costs an amount that differs between engines, so it is not measured.
        store.set_fuel(Limits::FUEL_MAX).map_err(engine_failed)?;
    }
    let instance = match module.pre.instantiate(&mut store) {
        Ok(instance) => instance,
        Err(error) => return not_instantiated(&store, &error, limits),
    };
    let Some(function) = instance.get_func(&mut store, &job.export) else {
        return Err(RunError::Engine { message: format!("export `{}` vanished when compiled", job.export) });
    };
    let arguments: Vec<Val> = job.arguments.iter().map(|&value| to_val(value)).collect();
    let mut results = vec![Val::I32(0); signature.results.len()];
    let counter = Counter::start(meter, limits, &instance, &mut store)?;
    let called = function.call(&mut store, &arguments, &mut results);
    let reading = counter.read(&mut store)?;
    conclude(called, reading, &results, limits)
}

/// A job that never ran.
pub(crate) fn rejected(reason: Rejection) -> Measurement {
    let fuel = Fuel { raw: 0, baseline: 0, lower_bound: true };
    Measurement { outcome: Outcome::Rejected { reason }, fuel, output: Output::Nothing }
}

fn conclude(
    called: wasmtime::Result<()>,
    reading: Reading,
    results: &[Val],
    limits: &Limits,
) -> Result<Measurement, RunError> {
    let over = reading.used > limits.fuel;
    let outcome = match called.as_ref().map_err(EngineStop::of) {
        Ok(()) if over => Outcome::OutOfFuel { phase: Phase::Call },
        Ok(()) if results.iter().map(val_bytes).sum::<u64>() > limits.output_bytes => Outcome::OutputTooLarge,
        Ok(()) => Outcome::Finished,
        Err(EngineStop::Cancelled) => return Err(RunError::Cancelled),
        Err(EngineStop::PastDeadline) => Outcome::PastDeadline,
        Err(EngineStop::OutOfDepth) => Outcome::OutOfDepth,
        Err(_) if reading.out_of_depth => Outcome::OutOfDepth,
        // A straight run may overshoot its limit and then meet another trap before the next check.
        Err(_) if over => Outcome::OutOfFuel { phase: Phase::Call },
        Err(EngineStop::OutOfFuel) => Outcome::OutOfFuel { phase: Phase::Call },
        Err(_) if reading.memory_denied => Outcome::OutOfMemory,
        Err(EngineStop::Trapped(kind)) => Outcome::Trapped { kind },
        Err(EngineStop::Failed(message)) => return Err(RunError::Engine { message }),
    };
    let finished = outcome == Outcome::Finished;
    // What lies past the limit is known to one unit only: engines stop at different points there.
    let raw = reading.used.min(limits.fuel + 1);
    let fuel = Fuel { raw, baseline: 0, lower_bound: !finished };
    let output = if finished {
        Output::Values(results.iter().map(from_val).collect::<Result<_, _>>()?)
    } else {
        Output::Nothing
    };
    Ok(Measurement { outcome, fuel, output })
}

fn not_instantiated(store: &Store<Ground>, error: &wasmtime::Error, limits: &Limits) -> Result<Measurement, RunError> {
    let memory = &store.data().memory;
    if memory.denied {
        let (limit_bytes, needed_bytes) = (limits.memory_bytes, memory.needed_bytes);
        return Ok(rejected(Rejection::MemoryTooSmall { limit_bytes, needed_bytes }));
    }
    match EngineStop::of(error) {
        EngineStop::Cancelled => Err(RunError::Cancelled),
        EngineStop::PastDeadline => {
            let fuel = Fuel { raw: 0, baseline: 0, lower_bound: true };
            Ok(Measurement { outcome: Outcome::PastDeadline, fuel, output: Output::Nothing })
        }
        EngineStop::Failed(message) => Err(RunError::Engine { message }),
        _ => Ok(rejected(Rejection::Instantiation { message: format!("{error:#}") })),
    }
}

/// What the meter says after the call.
struct Reading {
    /// Units used; exact for runs that ended within their limit.
    used: u64,
    out_of_depth: bool,
    memory_denied: bool,
}

/// Where the fuel of this run is counted.
enum Counter {
    Native { limit_fuel: u64 },
    Instrumented { limit_fuel: u64, cell: Global, flags: Global },
}

impl Counter {
    /// Makes exactly `limits.fuel + 1` units available: a run that ends with none left used too much.
    fn start(meter: Meter, limits: &Limits, instance: &Instance, store: &mut Store<Ground>) -> Result<Self, RunError> {
        let limit_fuel = limits.fuel;
        if meter == Meter::Native {
            store.set_fuel(limit_fuel + 1).map_err(engine_failed)?;
            return Ok(Self::Native { limit_fuel });
        }
        let mut global = |name| {
            let found = instance.get_global(&mut *store, name);
            found.ok_or_else(|| RunError::Engine { message: format!("the metered module has no global `{name}`") })
        };
        let (cell, flags, depth) = (global(names::FUEL)?, global(names::FLAGS)?, global(names::DEPTH)?);
        // Validated depths lie below 2^20.
        let call_depth = i32::try_from(limits.call_depth).unwrap_or(i32::MAX);
        depth.set(&mut *store, Val::I32(call_depth)).map_err(engine_failed)?;
        cell.set(&mut *store, Val::I64(cell_for(limit_fuel))).map_err(engine_failed)?;
        Ok(Self::Instrumented { limit_fuel, cell, flags })
    }

    fn read(&self, store: &mut Store<Ground>) -> Result<Reading, RunError> {
        match *self {
            Self::Native { limit_fuel } => {
                let used = limit_fuel + 1 - store.get_fuel().map_err(engine_failed)?.min(limit_fuel + 1);
                Ok(Reading { used, out_of_depth: false, memory_denied: store.data().memory.denied })
            }
            Self::Instrumented { limit_fuel, cell, flags } => {
                let value = cell.get(&mut *store).i64().unwrap_or_default();
                let flags = flags.get(&mut *store).i32().unwrap_or_default();
                Ok(Reading {
                    used: consumed(limit_fuel, value),
                    out_of_depth: flags & FLAG_OUT_OF_DEPTH != 0,
                    memory_denied: flags & FLAG_MEMORY_DENIED != 0 || store.data().memory.denied,
                })
            }
        }
    }
}

#[allow(clippy::needless_pass_by_value)] // the shape that `map_err` asks for
fn engine_failed(error: wasmtime::Error) -> RunError {
    RunError::Engine { message: format!("{error:#}") }
}

fn to_val(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
    }
}

fn from_val(value: &Val) -> Result<Value, RunError> {
    match *value {
        Val::I32(value) => Ok(Value::I32(value)),
        Val::I64(value) => Ok(Value::I64(value)),
        Val::F32(bits) => Ok(Value::F32(bits)),
        Val::F64(bits) => Ok(Value::F64(bits)),
        ref other => {
            Err(RunError::Engine { message: format!("a result of type {other:?} passed the signature check") })
        }
    }
}

/// Size of a result, in bytes.
fn val_bytes(value: &Val) -> u64 {
    match value {
        Val::I32(_) | Val::F32(_) => 4,
        _ => 8,
    }
}
