//! Random modules, and random programs that run long and finish: the engine's own fuel equals the woven-in count, and every bit that comes out.
//!
//! `FRUGAL_RANDOM_MODULES=N` sets how many (2,000 unless told), `FRUGAL_RANDOM_SEED=N` where the sequence
//! begins, and `FRUGAL_RANDOM_DUMP=DIR` writes the metered modules of finished runs with their expected
//! counts, so that another engine can replay them.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use arbitrary::Unstructured;
use frugal_instrument::{Options, Prepared, instrument, prepare};
use support::program::program;
use support::random::Random;
use support::{End, LIMITS, Pair, State, metered_state, native_state, options};
use wasm_smith::{Config, Module};
use wasmtime::Val;

/// Units each run may use: enough for loops to turn, small enough to stay quick.
const LIMIT: u64 = 20_000;
/// Exports tried of each module.
const EXPORTS: usize = 3;

fn config(seed: u64) -> Config {
    Config {
        // Random code traps soon; half of the modules are made so that they mostly do not.
        disallow_traps: !seed.is_multiple_of(2),
        reference_types_enabled: seed.is_multiple_of(10),
        exceptions_enabled: false,
        gc_enabled: false,
        relaxed_simd_enabled: false,
        memory64_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        custom_page_sizes_enabled: false,
        allow_start_export: false,
        export_everything: true,
        max_imports: 0,
        max_memories: 1,
        max_memory32_bytes: 1 << 20,
        max_tables: 3,
        max_table_elements: 1_000,
        min_funcs: 2,
        max_funcs: 8,
        max_instructions: 200,
        max_type_size: 200,
        ..Config::default()
    }
}

/// What became of the modules, so that a generator that makes nothing useful is noticed.
#[derive(Default, Debug)]
struct Tally {
    modules: u32,
    refused: BTreeMap<String, u32>,
    not_instantiated: u32,
    finished: u32,
    trapped: u32,
    out_of_fuel: u32,
    out_of_depth: u32,
    units: u64,
}

#[test]
fn both_meters_agree_on_random_modules() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let first = number("FRUGAL_RANDOM_SEED", 0);
    let count = number("FRUGAL_RANDOM_MODULES", 2_000);
    let mut dump = std::env::var_os("FRUGAL_RANDOM_DUMP").map(|folder| Dump::new(Path::new(&folder)));
    let (mut modules, mut programs) = (Tally::default(), Tally::default());
    for seed in first..first + count / 2 {
        random_module(seed, &mut modules, dump.as_mut());
        let text = program(seed);
        let module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        one_module(&module, seed, Random(!seed), &mut programs, dump.as_mut());
    }
    if let Some(dump) = dump {
        dump.finish();
    }
    eprintln!("modules: {modules:?}\nprograms: {programs:?}");
    let refused: u32 = modules.refused.values().sum();
    assert!(refused + modules.not_instantiated <= modules.modules / 2, "{modules:?}");
    assert!(modules.finished >= modules.modules / 4, "{modules:?}");
    assert!(programs.refused.is_empty() && programs.not_instantiated == 0, "{programs:?}");
    assert!(
        programs.finished >= programs.modules && programs.units >= 50 * u64::from(programs.finished),
        "{programs:?}"
    );
}

/// What became of one module.
fn random_module(seed: u64, tally: &mut Tally, dump: Option<&mut Dump>) {
    let mut random = Random(seed);
    let bytes = random.bytes(6_000);
    let Ok(module) = Module::new(config(seed), &mut Unstructured::new(&bytes)) else { return };
    one_module(&module.to_bytes(), seed, random, tally, dump);
}

fn one_module(module: &[u8], seed: u64, mut random: Random, tally: &mut Tally, mut dump: Option<&mut Dump>) {
    tally.modules += 1;
    let prepared = match prepare(module, &LIMITS) {
        Ok(prepared) => prepared,
        Err(refusal) => {
            // Counted by its first words, so that a generator that makes nothing useful says why.
            let sentence = refusal.to_string();
            let kind = sentence.split(',').next().unwrap_or_default().to_owned();
            *tally.refused.entry(kind).or_default() += 1;
            return;
        }
    };
    let pair = Pair::new(&prepared.bytes);
    for function in prepared.facts.functions.iter().take(EXPORTS) {
        let Some(native) = native_state(&pair, &function.name, |ty| random.value(ty), LIMIT) else {
            tally.not_instantiated += 1;
            return;
        };
        let metered = metered_state(&pair, &function.name, &native.arguments, LIMIT);
        assert_eq!(native, metered, "seed {seed}, export {}", function.name);
        match &native.end {
            End::Finished { fuel, .. } => {
                tally.finished += 1;
                tally.units += fuel;
                if let Some(dump) = dump.as_deref_mut() {
                    dump.add(seed, &prepared, &function.name, &native);
                }
            }
            End::Trapped { .. } => tally.trapped += 1,
            End::OutOfFuel => tally.out_of_fuel += 1,
            End::OutOfDepth => tally.out_of_depth += 1,
        }
    }
}

/// Metered modules with their expected counts, for other engines.
struct Dump {
    folder: PathBuf,
    cases: Vec<String>,
}

impl Dump {
    fn new(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        Self { folder: folder.to_owned(), cases: Vec::new() }
    }

    /// Adds one finished run, with floats as bits. Vectors and references cannot cross to a host language.
    fn add(&mut self, seed: u64, prepared: &Prepared, export: &str, state: &State) {
        let End::Finished { fuel, results } = &state.end else { return };
        let with_entry = Options { entry: Some(export.to_owned()), ..options() };
        let Ok(module) = instrument(&prepared.bytes, &with_entry) else { return };
        let mut arguments = String::new();
        for value in &state.arguments {
            let (ty, bits) = match value {
                Val::I32(v) => ("i32", i64::from(*v)),
                Val::I64(v) => ("i64", *v),
                Val::F32(v) => ("i32", i64::from(v.cast_signed())),
                Val::F64(v) => ("i64", v.cast_signed()),
                _ => return,
            };
            write!(arguments, r#"{}{{"type":"{ty}","value":"{bits}"}}"#, if arguments.is_empty() { "" } else { "," })
                .unwrap();
        }
        let results: Vec<_> = results.iter().map(|(_, bits)| format!("\"{bits}\"")).collect();
        let file = format!("{seed}-{}.wasm", self.cases.len());
        std::fs::write(self.folder.join(&file), module).unwrap();
        self.cases.push(format!(
            r#"{{"file":"{file}","limit":"{LIMIT}","arguments":[{arguments}],"fuel":"{fuel}","results":[{}]}}"#,
            results.join(",")
        ));
    }

    fn finish(self) {
        std::fs::write(self.folder.join("cases.json"), format!("[\n{}\n]\n", self.cases.join(",\n"))).unwrap();
    }
}
