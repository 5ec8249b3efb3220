//! What metering costs the Python guest on wasmtime: its loop with wasmtime's fuel over the same without.
//!
//! Both sides canonicalise NaN, so that they differ in fuel alone; what that costs is printed apart. Best of
//! several interleaved rounds, each a call in an instance that is warm. Compiling the guest takes about half a
//! minute for each of the three engines.
#![allow(clippy::print_stdout, reason = "a program that prints its figures")]

mod support;

use std::error::Error;
use std::time::{Duration, Instant};

use frugal_fuel::Language;
use support::{Setting, config, guest, ratio};
use wasmtime::component::{Component, Linker, TypedFunc};
use wasmtime::{Engine, Store, StoreContextMut};

const ROUNDS: usize = 15;
const PROGRAMS: [(&str, &str, &str); 2] = [
    ("loop", r"def f(n):\n t = 0\n for i in range(n):\n  t += i*i%7\n return t", "[500000]"),
    ("fib", r"def f(n):\n return n if n < 2 else f(n-1) + f(n-2)", "[20]"),
];

/// One warm instance that holds a program.
struct Variant {
    store: Store<()>,
    call: TypedFunc<(), ()>,
}

impl Variant {
    fn new(
        engine: &Engine,
        component: &Component,
        fuel: bool,
        source: &str,
        arguments: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let mut linker = Linker::<()>::new(engine);
        linker.root().func_wrap("mark", |_: StoreContextMut<'_, ()>, (): ()| Ok(()))?;
        let mut store = Store::new(engine, ());
        if fuel {
            store.set_fuel(u64::MAX / 4)?;
        }
        let instance = linker.instantiate(&mut store, component)?;
        let define =
            format!(r#"{{"source":"{source}","mode":"function","entry":"f","filename":"sample.py","hide":[]}}"#);
        let function = instance.get_typed_func::<(Vec<u8>, u32), (Vec<u8>,)>(&mut store, "define")?;
        ok(function.call(&mut store, (define.into_bytes(), 1 << 20))?)?;
        let prepare = format!(r#"{{"arguments":{arguments}}}"#);
        let function = instance.get_typed_func::<(Vec<u8>,), (Vec<u8>,)>(&mut store, "prepare")?;
        ok(function.call(&mut store, (prepare.into_bytes(),))?)?;
        let call = instance.get_typed_func(&mut store, "call")?;
        Ok(Self { store, call })
    }

    fn run(&mut self) -> Result<Duration, Box<dyn Error>> {
        let started = Instant::now();
        self.call.call(&mut self.store, ())?;
        Ok(started.elapsed())
    }
}

/// A reply's first byte says whether the guest did as asked.
fn ok((reply,): (Vec<u8>,)) -> Result<(), Box<dyn Error>> {
    if reply.first() == Some(&0) { Ok(()) } else { Err(String::from_utf8_lossy(&reply).into_owned().into()) }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (_, bytes) = guest(Language::Python)?;
    let unmetered = Setting { fuel: false, nan: true, epochs: false };
    let settings = [unmetered, Setting { fuel: true, ..unmetered }, Setting { nan: false, ..unmetered }];
    let mut compiled = Vec::new();
    for setting in settings {
        let engine = Engine::new(&config(setting))?;
        let component = Component::new(&engine, &bytes)?;
        compiled.push((engine, component, setting.fuel));
    }
    for (name, source, arguments) in PROGRAMS {
        let mut variants = compiled
            .iter()
            .map(|(engine, component, fuel)| Variant::new(engine, component, *fuel, source, arguments))
            .collect::<Result<Vec<_>, _>>()?;
        let mut best = [Duration::MAX; 3];
        for _ in 0..ROUNDS {
            for (variant, best) in variants.iter_mut().zip(&mut best) {
                *best = variant.run()?.min(*best);
            }
        }
        println!(
            "{name}: unmetered {:.2} ms; wasmtime's fuel x{:.3} (apart: NaN x{:.3})",
            best[0].as_secs_f64() * 1e3,
            ratio(best[1], best[0]),
            ratio(best[0], best[2]),
        );
    }
    Ok(())
}
