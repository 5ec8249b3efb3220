//! What metering costs a Rust program on wasmtime: each meter over the same module unmetered, in one run.
//!
//! Both sides canonicalise NaN and leave epochs off, so that they differ in the meter alone; what those two
//! settings cost is printed apart. Best of several interleaved rounds.
#![allow(clippy::print_stdout, reason = "a program that prints its figures")]

mod support;

use std::error::Error;
use std::time::{Duration, Instant};

use frugal_fuel::Limits;
use frugal_instrument::{Carrier, Globals, Options, cell_for, instrument, names, prepare};
use support::{Setting, config, ratio, rust_program};
use wasmtime::{Engine, Instance, Module, Store, TypedFunc, Val};

const ROUNDS: usize = 15;
const PROGRAMS: [(&str, i32); 5] =
    [("sort", 100_000), ("hash", 500_000), ("format", 50_000), ("floats", 1_000_000), ("fib", 27)];

struct Variant {
    store: Store<()>,
    instance: Instance,
    own_fuel: bool,
}

impl Variant {
    fn new(module: &[u8], setting: Setting) -> Result<Self, Box<dyn Error>> {
        let engine = Engine::new(&config(setting))?;
        let mut store = Store::new(&engine, ());
        store.set_epoch_deadline(1);
        if setting.fuel {
            store.set_fuel(u64::MAX / 4)?;
        }
        let instance = Instance::new(&mut store, &Module::new(&engine, module)?, &[])?;
        Ok(Self { store, instance, own_fuel: setting.fuel })
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

fn main() -> Result<(), Box<dyn Error>> {
    let plain = prepare(&rust_program()?, &(&Limits::default()).into())?.bytes;
    let options =
        Options { globals: Globals::Own, carrier: Carrier::Cell, canonicalise_nan: true, depth: true, entry: None };
    let woven = instrument(&plain, &options)?;
    let unmetered = Setting { fuel: false, nan: true, epochs: false };
    let mut variants = [
        Variant::new(&plain, unmetered)?,
        Variant::new(&plain, Setting { fuel: true, ..unmetered })?,
        Variant::new(&woven, Setting { nan: false, ..unmetered })?,
        Variant::new(&plain, Setting { nan: false, ..unmetered })?,
        Variant::new(&plain, Setting { epochs: true, ..unmetered })?,
    ];
    let mut totals = [Duration::ZERO; 5];
    for (name, size) in PROGRAMS {
        let mut best = [Duration::MAX; 5];
        for _ in 0..ROUNDS {
            let mut values = Vec::new();
            for (variant, best) in variants.iter_mut().zip(&mut best) {
                let (time, value) = variant.run(name, size)?;
                *best = time.min(*best);
                values.push(value);
            }
            if values.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(format!("{name}: the variants' results differ").into());
            }
        }
        for (total, best) in totals.iter_mut().zip(best) {
            *total += best;
        }
        print(name, &best);
    }
    print("all", &totals);
    Ok(())
}

fn print(name: &str, [unmetered, fuel, woven, no_nan, epochs]: &[Duration; 5]) {
    println!(
        "{name}: unmetered {:.2} ms; wasmtime's fuel x{:.3}, woven-in meter x{:.3} (apart: NaN x{:.3}, epochs x{:.3})",
        unmetered.as_secs_f64() * 1e3,
        ratio(*fuel, *unmetered),
        ratio(*woven, *unmetered),
        ratio(*unmetered, *no_nan),
        ratio(*epochs, *unmetered),
    );
}
