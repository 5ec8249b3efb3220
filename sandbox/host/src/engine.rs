//! One engine configuration per meter.

use frugal_fuel::{CostTable, Meter};
use frugal_instrument::ACCEPTED_FEATURES;
use wasmtime::{Config, Engine, OptLevel, Strategy, WasmFeatures};

/// Name and version of the engine, as it appears in every report.
pub(crate) const ENGINE_NAME: &str = "wasmtime 48.0.8";

/// Stack that WebAssembly may use, in bytes.
///
/// `frugal_instrument::prepare` allows 2,000 locals and 2,000 operands a function, each at most 16
/// bytes, so 1,000 nested calls need at most 64 MB; twice that leaves room for the compiler's own
/// slots. No run is out of depth at 1,000 nested calls or fewer.
pub(crate) const WASM_STACK_BYTES: usize = 128 << 20;

/// Proposals that submitted modules and guests may use; everything else is off. Floats are no switch of the
/// engine's, and only guests are components.
const FEATURES_ON: WasmFeatures =
    ACCEPTED_FEATURES.difference(WasmFeatures::FLOATS).union(WasmFeatures::COMPONENT_MODEL);

/// Proposals on which fuel is not exact or not portable, switched off by name.
const FEATURES_OFF: WasmFeatures = WasmFeatures::RELAXED_SIMD
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::SHARED_EVERYTHING_THREADS)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::LEGACY_EXCEPTIONS)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::GC)
    .union(WasmFeatures::FUNCTION_REFERENCES)
    .union(WasmFeatures::CUSTOM_PAGE_SIZES)
    .union(WasmFeatures::STACK_SWITCHING)
    .union(WasmFeatures::WIDE_ARITHMETIC);

/// Starts the engine behind `meter`: with its own fuel for the native one, without for modules that
/// count for themselves (those also make their own NaNs canonical).
///
/// Parent and compiler child call this same function, so that what one compiles the other may load.
pub(crate) fn engine(meter: Meter) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_features(FEATURES_OFF, false)
        .wasm_features(FEATURES_ON, true)
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        // Unused, but the engine wants it no smaller than the stack above.
        .async_stack_size(WASM_STACK_BYTES)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .debug_symbols(false);
    match meter {
        Meter::Native => {
            config
                .consume_fuel(true)
                .operator_cost(crate::cost::operator_cost(&CostTable::FUEL_1))
                .cranelift_nan_canonicalization(true);
        }
        Meter::Instrumented => {
            config.consume_fuel(false).cranelift_nan_canonicalization(false);
        }
    }
    Engine::new(&config)
}
