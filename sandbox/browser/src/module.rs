//! Runs a submitted core module.

use frugal_fuel::{Fuel, Limits, Measurement, ModuleJob, Outcome, Output, Phase, Rejection, RunError};
use frugal_fuel::{Value, ValueType};
use frugal_instrument::{Carrier, FLAG_MEMORY_DENIED, FLAG_OUT_OF_DEPTH, Globals, Options, PrepareLimits, Signature};
use frugal_instrument::{cell_for, check_call, consumed, instrument, names, prepare};
use js_sys::{Array, BigInt, Function, Object, Uint8Array, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};

use crate::{js, stack, trap};

/// NaN results are made canonical, as the native runner does.
const CANONICALISE_NAN: bool = true;

/// Runs `job` in a fresh instance. `compiled` is called between compiling and running, where the
/// wall clock starts.
pub(crate) fn run(job: &ModuleJob, limits: &Limits, compiled: &dyn Fn()) -> Result<Measurement, RunError> {
    let (module, signature) = match compile(job, limits) {
        Ok(compiled) => compiled,
        Err(Refusal::Rejected(reason)) => return Ok(rejected(reason)),
        Err(Refusal::Failed(error)) => return Err(error),
    };
    compiled();
    let instance = match WebAssembly::Instance::new(&module, &Object::new()) {
        Ok(instance) => instance,
        Err(error) if js::is_range_error(&error) => return Err(js::failed("memory for the module", &error)),
        Err(error) => return Ok(rejected(Rejection::Instantiation { message: js::text(&error) })),
    };
    let meter = Meter::of(&instance)?;
    meter.arm(limits);
    let entry: Function = js::get_as(&instance.exports(), names::ENTRY)?;
    let arguments: Array = job.arguments.iter().map(|argument| to_js(*argument)).collect();
    let returned = entry.apply(&JsValue::UNDEFINED, &arguments);
    let used = consumed(limits.fuel, js::read_i64(&meter.fuel));
    let outcome = match &returned {
        Ok(_) if used > limits.fuel => Outcome::OutOfFuel { phase: Phase::Call },
        Ok(_) if result_bytes(&signature) > limits.output_bytes => Outcome::OutputTooLarge,
        Ok(_) => Outcome::Finished,
        Err(error) => meter.outcome_of(error, limits)?,
    };
    let finished = outcome == Outcome::Finished;
    let output = match returned {
        Ok(value) if finished => Output::Values(results(&value, &signature)?),
        _ => Output::Nothing,
    };
    // What lies past the limit is known to one unit only: engines stop at different points there.
    let raw = used.min(limits.fuel + 1);
    Ok(Measurement { outcome, fuel: Fuel { raw, baseline: 0, lower_bound: !finished }, output })
}

enum Refusal {
    Rejected(Rejection),
    Failed(RunError),
}

impl From<Rejection> for Refusal {
    fn from(reason: Rejection) -> Self {
        Self::Rejected(reason)
    }
}

fn compile(job: &ModuleJob, limits: &Limits) -> Result<(WebAssembly::Module, Signature), Refusal> {
    let prepared = prepare(&job.bytes, &PrepareLimits::from(limits))?;
    let signature = check_call(&prepared.facts, &job.export, &job.arguments)?;
    let entry = Some(job.export.clone());
    let options = Options {
        globals: Globals::Own,
        carrier: Carrier::Cell,
        canonicalise_nan: CANONICALISE_NAN,
        depth: true,
        entry,
    };
    let metered = instrument(&prepared.bytes, &options)?;
    let bytes = Uint8Array::from(metered.as_slice());
    // The module passed our validator, so a refusal here is a limit of this browser: nothing is known about the job.
    let module = WebAssembly::Module::new(&bytes)
        .map_err(|error| Refusal::Failed(RunError::Compiler { message: js::text(&error) }))?;
    Ok((module, signature))
}

fn rejected(reason: Rejection) -> Measurement {
    let fuel = Fuel { lower_bound: true, ..Fuel::default() };
    Measurement { outcome: Outcome::Rejected { reason }, fuel, output: Output::Nothing }
}

/// The counters an instrumented module exports.
struct Meter {
    fuel: WebAssembly::Global,
    depth: WebAssembly::Global,
    flags: WebAssembly::Global,
}

impl Meter {
    fn of(instance: &WebAssembly::Instance) -> Result<Self, RunError> {
        let exports = instance.exports();
        Ok(Self {
            fuel: js::get_as(&exports, names::FUEL)?,
            depth: js::get_as(&exports, names::DEPTH)?,
            flags: js::get_as(&exports, names::FLAGS)?,
        })
    }

    fn arm(&self, limits: &Limits) {
        self.fuel.set_value(&BigInt::from(cell_for(limits.fuel)).into());
        self.depth.set_value(&JsValue::from(limits.call_depth));
    }

    /// What ended a run that did not return. The flags come first: they are exact, messages are not.
    fn outcome_of(&self, error: &JsValue, limits: &Limits) -> Result<Outcome, RunError> {
        let flags = js::read_i32(&self.flags);
        Ok(if flags & FLAG_OUT_OF_DEPTH != 0 {
            Outcome::OutOfDepth
        } else if js::read_i64(&self.fuel) >= 0 {
            Outcome::OutOfFuel { phase: Phase::Call }
        } else if flags & FLAG_MEMORY_DENIED != 0 {
            Outcome::OutOfMemory
        } else if js::is_range_error(error) {
            return stack::overflowed(limits.call_depth, js::read_i32(&self.depth));
        } else if js::is_trap(error) {
            Outcome::Trapped { kind: trap::kind(&js::text(error)) }
        } else {
            return Err(js::failed("the measured call", error));
        })
    }
}

/// Size of the results, in bytes.
fn result_bytes(signature: &Signature) -> u64 {
    let bytes = |value_type: &ValueType| match value_type {
        ValueType::I32 | ValueType::F32 => 4,
        ValueType::I64 | ValueType::F64 => 8,
    };
    signature.results.iter().map(bytes).sum()
}

/// Floats travel as the integers with their bits, because JavaScript may change a NaN's.
fn to_js(value: Value) -> JsValue {
    match value {
        Value::I32(v) => JsValue::from(v),
        Value::I64(v) => BigInt::from(v).into(),
        Value::F32(bits) => JsValue::from(bits.cast_signed()),
        Value::F64(bits) => BigInt::from(bits.cast_signed()).into(),
    }
}

fn results(returned: &JsValue, signature: &Signature) -> Result<Vec<Value>, RunError> {
    let values = match signature.results.len() {
        0 => Array::new(),
        1 => Array::of1(returned),
        _ => returned.dyn_ref::<Array>().cloned().unwrap_or_default(),
    };
    let types = signature.results.iter().zip(values.iter());
    let converted: Option<Vec<_>> = types.map(|(value_type, value)| from_js(*value_type, &value)).collect();
    converted
        .filter(|converted| converted.len() == signature.results.len())
        .ok_or_else(|| RunError::Engine { message: "the export's results have another shape than its type".to_owned() })
}

fn from_js(value_type: ValueType, value: &JsValue) -> Option<Value> {
    Some(match value_type {
        ValueType::I32 => Value::I32(js::as_i32(value)?),
        ValueType::I64 => Value::I64(js::as_i64(value)?),
        ValueType::F32 => Value::F32(js::as_i32(value)?.cast_unsigned()),
        ValueType::F64 => Value::F64(js::as_i64(value)?.cast_unsigned()),
    })
}
