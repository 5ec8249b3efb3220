//! What metering costs on wasmtime: `metering MODULE.wasm`, on the module of tests/bench/metering.rs.
//!
//! Prints, for each program, the time of the engine's own fuel and of the woven-in meter over the plain
//! module, best of several rounds. A program, not a test: the machine's load moves its figures.

use std::error::Error;
use std::time::{Duration, Instant};

use frugal_fuel::Limits;
use frugal_instrument::{Globals, Options, cell_for, instrument, names, prepare};
use wasmtime::{Config, Engine, Instance, Module, Store, TypedFunc, Val};

const ROUNDS: usize = 15;
const PROGRAMS: [(&str, i32); 5] =
    [("sort", 100_000), ("hash", 500_000), ("format", 50_000), ("floats", 1_000_000), ("fib", 27)];

struct Variant {
    store: Store<()>,
    instance: Instance,
    own_fuel: bool,
}

impl Variant {
    fn new(module: &[u8], own_fuel: bool, canonicalise_nan: bool) -> Result<Self, Box<dyn Error>> {
        let mut config = Config::new();
        config.consume_fuel(own_fuel).cranelift_nan_canonicalization(canonicalise_nan);
        let engine = Engine::new(&config)?;
        let mut store = Store::new(&engine, ());
        if own_fuel {
            store.set_fuel(u64::MAX / 4)?;
        }
        let instance = Instance::new(&mut store, &Module::new(&engine, module)?, &[])?;
        Ok(Self { store, instance, own_fuel })
    }

    /// Time of one call, and its result.
    fn run(&mut self, name: &str, size: i32) -> Result<(Duration, i64), Box<dyn Error>> {
        if self.own_fuel {
            self.store.set_fuel(u64::MAX / 4)?;
        }
        if let Some(cell) = self.instance.get_global(&mut self.store, names::FUEL) {
            cell.set(&mut self.store, Val::I64(cell_for(Limits::FUEL_MAX)))?;
        }
        let function: TypedFunc<i32, i64> = self.instance.get_typed_func(&mut self.store, name)?;
        let started = Instant::now();
        let value = function.call(&mut self.store, size)?;
        Ok((started.elapsed(), value))
    }
}

#[expect(clippy::print_stdout, reason = "a program that prints its figures")]
fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: metering MODULE.wasm")?;
    let plain = prepare(&std::fs::read(path)?, &(&Limits::default()).into())?.bytes;
    let options = Options { globals: Globals::Own, canonicalise_nan: true, depth: true, entry: None };
    let woven = instrument(&plain, &options)?;
    let mut variants = [
        ("plain", Variant::new(&plain, false, false)?),
        ("own fuel", Variant::new(&plain, true, false)?),
        ("own fuel, NaN", Variant::new(&plain, true, true)?),
        ("woven, NaN, depth", Variant::new(&woven, false, false)?),
    ];
    let mut totals = [Duration::ZERO; 4];
    for (name, size) in PROGRAMS {
        let mut best = [Duration::MAX; 4];
        for _ in 0..ROUNDS {
            let mut values = Vec::new();
            for (at, (_, variant)) in variants.iter_mut().enumerate() {
                let (time, value) = variant.run(name, size)?;
                best[at] = best[at].min(time);
                values.push(value);
            }
            assert!(values.windows(2).all(|pair| pair[0] == pair[1]), "{name}: results differ");
        }
        print!("{name}: plain {:.2} ms", best[0].as_secs_f64() * 1e3);
        for (at, (label, _)) in variants.iter().enumerate() {
            totals[at] += best[at];
            if at > 0 {
                print!("; {label} x{:.3}", best[at].as_secs_f64() / best[0].as_secs_f64());
            }
        }
        println!();
    }
    for (at, (label, _)) in variants.iter().enumerate().skip(1) {
        println!("all: {label} x{:.3}", totals[at].as_secs_f64() / totals[0].as_secs_f64());
    }
    Ok(())
}
