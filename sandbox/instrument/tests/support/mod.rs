//! One module run two ways: by wasmtime's own fuel, and by the woven-in meter with wasmtime's fuel off.
#![allow(clippy::unwrap_used, dead_code, reason = "shared by several test binaries, each of which uses a part")]

pub(crate) mod golden;
pub(crate) mod program;
pub(crate) mod random;

use std::sync::LazyLock;

use frugal_instrument::{
    Carrier, FLAG_MEMORY_DENIED, FLAG_OUT_OF_DEPTH, Globals, Options, PrepareLimits, cell_for, consumed, instrument,
    names, prepare,
};
use wasmtime::{Config, Engine, Func, Instance, Module, Store, Trap, Val, ValType};

/// Memory and tables as small as the tests need.
pub(crate) const LIMITS: PrepareLimits = PrepareLimits { memory_bytes: 16 << 20, table_elements: 10_000 };
/// Fuel for runs that are meant to finish.
pub(crate) const PLENTY: u64 = 1_000_000_000;

fn config() -> Config {
    let mut config = Config::new();
    config.cranelift_nan_canonicalization(true).max_wasm_stack(1 << 20);
    config.wasm_relaxed_simd(false).wasm_backtrace_max_frames(None);
    config
}

pub(crate) static NATIVE: LazyLock<Engine> = LazyLock::new(|| Engine::new(config().consume_fuel(true)).unwrap());
/// The metered module must not lean on the engine, so its engine neither counts nor canonicalises.
pub(crate) static PLAIN: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(config().cranelift_nan_canonicalization(false)).unwrap());

/// How a run ended, as far as both meters must agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// It returned these values (as bits) within its fuel.
    Finished {
        fuel: u64,
        results: Vec<(char, u128)>,
    },
    OutOfFuel,
    OutOfDepth,
    Trapped {
        kind: String,
    },
}

/// Values with floats as bits, and a letter for the type.
fn bits(values: &[Val]) -> Vec<(char, u128)> {
    let bits = |value: &Val| match value {
        Val::I32(v) => ('i', u128::from(v.cast_unsigned())),
        Val::I64(v) => ('l', u128::from(v.cast_unsigned())),
        Val::F32(v) => ('f', u128::from(*v)),
        Val::F64(v) => ('d', u128::from(*v)),
        Val::V128(v) => ('v', v.as_u128()),
        Val::FuncRef(v) => ('r', u128::from(v.is_some())),
        other => panic!("{other:?}"),
    };
    values.iter().map(bits).collect()
}

pub(crate) fn call(store: &mut Store<()>, function: Func, arguments: &[Val]) -> Result<Vec<Val>, wasmtime::Error> {
    let mut results = vec![Val::I32(0); function.ty(&*store).results().len()];
    function.call(&mut *store, arguments, &mut results)?;
    Ok(results)
}

fn trap(error: &wasmtime::Error) -> Trap {
    *error.downcast_ref::<Trap>().unwrap_or_else(|| panic!("{error:?}"))
}

/// How a run ended and everything it left behind that a caller can see.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) end: End,
    pub(crate) arguments: Vec<Val>,
    /// Exported globals and memories (a digest), by name; only of a run that finished.
    pub(crate) left: Vec<(String, u128)>,
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.end == other.end && self.left == other.left
    }
}

/// The module's own exported globals and memories after a run.
fn left(store: &mut Store<()>, instance: Instance) -> Vec<(String, u128)> {
    let names: Vec<_> = instance.exports(&mut *store).map(|export| export.name().to_owned()).collect();
    let mut left = Vec::new();
    for name in names.into_iter().filter(|name| !name.starts_with(names::RESERVED_PREFIX)) {
        if let Some(global) = instance.get_global(&mut *store, &name) {
            let value = global.get(&mut *store);
            left.push((name, bits(&[value])[0].1));
        } else if let Some(memory) = instance.get_memory(&mut *store, &name) {
            let data = memory.data(&*store);
            let digest = data
                .iter()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
            left.push((name, u128::from(digest) << 64 | data.len() as u128));
        }
    }
    left
}

/// One prepared module compiled for both meters.
pub(crate) struct Pair {
    native: Module,
    /// By carrier of the count: the cell, then calls.
    metered: [Module; 2],
}

impl Pair {
    pub(crate) fn new(prepared: &[u8]) -> Self {
        let metered = [Carrier::Cell, Carrier::Calls].map(|carrier| {
            let woven = instrument(prepared, &Options { carrier, ..options() }).unwrap();
            Module::new(&PLAIN, woven).unwrap()
        });
        Self { native: Module::new(&NATIVE, prepared).unwrap(), metered }
    }
}

/// Instantiates with the engine's own meter and calls `export` with arguments of the types it asks for.
/// `None` where the module cannot be instantiated.
pub(crate) fn native_state(
    pair: &Pair,
    export: &str,
    mut argument: impl FnMut(&ValType) -> Val,
    limit: u64,
) -> Option<State> {
    let mut store = Store::new(&NATIVE, ());
    store.set_fuel(PLENTY).unwrap();
    let instance = Instance::new(&mut store, &pair.native, &[]).ok()?;
    let function = instance.get_func(&mut store, export).unwrap();
    let arguments: Vec<_> = function.ty(&store).params().map(|ty| argument(&ty)).collect();
    store.set_fuel(limit + 1).unwrap();
    let result = call(&mut store, function, &arguments);
    let remaining = store.get_fuel().unwrap();
    let end = match result {
        Ok(_) if remaining == 0 => End::OutOfFuel,
        Ok(values) => End::Finished { fuel: limit + 1 - remaining, results: bits(&values) },
        Err(_) if remaining == 0 => End::OutOfFuel,
        Err(error) => stopped(&error),
    };
    let left = if matches!(end, End::Finished { .. }) { left(&mut store, instance) } else { Vec::new() };
    Some(State { end, arguments, left })
}

fn stopped(error: &wasmtime::Error) -> End {
    match trap(error) {
        Trap::OutOfFuel => End::OutOfFuel,
        Trap::StackOverflow => End::OutOfDepth,
        kind => End::Trapped { kind: kind.to_string() },
    }
}

/// How the tests weave.
pub(crate) fn options() -> Options {
    Options { globals: Globals::Own, carrier: Carrier::Cell, canonicalise_nan: true, depth: true, entry: None }
}

/// Instantiates the metered modules with the engine's meter off and calls `export`. How counts cross calls
/// must not show.
pub(crate) fn metered_state(pair: &Pair, export: &str, arguments: &[Val], limit: u64) -> State {
    let [cell, calls] = pair.metered.each_ref().map(|module| one_metered_state(module, export, arguments, limit));
    assert_eq!(cell, calls, "the carriers of the count differ");
    cell
}

fn one_metered_state(module: &Module, export: &str, arguments: &[Val], limit: u64) -> State {
    let mut store = Store::new(&PLAIN, ());
    let instance = Instance::new(&mut store, module, &[]).unwrap();
    let function = instance.get_func(&mut store, export).unwrap();
    let cell = instance.get_global(&mut store, names::FUEL).unwrap();
    let flags = instance.get_global(&mut store, names::FLAGS).unwrap();
    cell.set(&mut store, Val::I64(cell_for(limit))).unwrap();
    instance.get_global(&mut store, names::DEPTH).unwrap().set(&mut store, Val::I32(10_000)).unwrap();
    let result = call(&mut store, function, arguments);
    let cell = cell.get(&mut store).unwrap_i64();
    let flags = flags.get(&mut store).unwrap_i32();
    let end = match result {
        Ok(_) if cell >= 0 => End::OutOfFuel,
        Ok(values) => End::Finished { fuel: consumed(limit, cell), results: bits(&values) },
        Err(_) if flags & FLAG_OUT_OF_DEPTH != 0 => End::OutOfDepth,
        Err(_) if cell >= 0 => End::OutOfFuel,
        Err(error) => stopped(&error),
    };
    let left = if matches!(end, End::Finished { .. }) { left(&mut store, instance) } else { Vec::new() };
    State { end, arguments: arguments.to_vec(), left }
}

/// Prepares text, runs it both ways, checks that they agree, and gives how it ended.
pub(crate) fn both(text: &str, export: &str, arguments: &[Val], limit: u64) -> End {
    let module = prepare(&wat::parse_str(text).unwrap(), &LIMITS).unwrap_or_else(|error| panic!("{text}\n{error}"));
    let mut given = arguments.iter();
    let pair = Pair::new(&module.bytes);
    let native = native_state(&pair, export, |_| *given.next().unwrap(), limit).unwrap();
    let metered = metered_state(&pair, export, arguments, limit);
    assert_eq!(native, metered, "native and metered differ on\n{text}");
    native.end
}

/// Fuel of a run that finishes.
pub(crate) fn fuel_of(text: &str, export: &str, arguments: &[Val]) -> u64 {
    match both(text, export, arguments, PLENTY) {
        End::Finished { fuel, .. } => fuel,
        other => panic!("{other:?}\n{text}"),
    }
}

/// True where a `memory.grow` was refused; used by the tests of the flag.
pub(crate) fn denied(flags: i32) -> bool {
    flags & FLAG_MEMORY_DENIED != 0
}
