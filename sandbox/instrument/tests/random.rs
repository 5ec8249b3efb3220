//! Random modules: the engine's own fuel equals the woven-in count, and every bit that comes out.
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
use support::{End, LIMITS, State, metered_state, native_state, options};
use wasm_smith::{Config, Module};
use wasmtime::{Val, ValType};

/// Units each run may use: enough for loops to turn, small enough to stay quick.
const LIMIT: u64 = 20_000;
/// Exports tried of each module.
const EXPORTS: usize = 3;

/// A small generator, so that a seed means the same module on every machine (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect()
    }

    /// A value that is often at an edge.
    fn value(&mut self, ty: &ValType) -> Val {
        let word = match self.next() % 4 {
            0 => self.next() % 16,
            1 => u64::MAX - self.next() % 4,
            2 => 0x7ff4_0000_0000_0001 | (self.next() << 63),
            _ => self.next(),
        };
        let half = u32::try_from(word >> 32).unwrap();
        match ty {
            ValType::I32 => Val::I32(u32::try_from(word & 0xffff_ffff).unwrap().cast_signed()),
            ValType::I64 => Val::I64(word.cast_signed()),
            ValType::F32 => Val::F32(half),
            ValType::F64 => Val::F64(word),
            ValType::V128 => Val::V128((u128::from(word) << 64 | u128::from(self.next())).into()),
            _ => Val::FuncRef(None),
        }
    }
}

fn config(seed: u64) -> Config {
    Config {
        // Random code traps soon; half of the modules are made so that they mostly do not.
        disallow_traps: !seed.is_multiple_of(2),
        reference_types_enabled: seed.is_multiple_of(3),
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
    let mut dump = std::env::var_os("FRUGAL_RANDOM_DUMP").map(|folder| Dump::new(Path::new(&folder)));
    let mut tally = Tally::default();
    for seed in first..first + number("FRUGAL_RANDOM_MODULES", 2_000) {
        one_module(seed, &mut tally, dump.as_mut());
    }
    if let Some(dump) = dump {
        dump.finish();
    }
    eprintln!("{tally:?}");
    let refused: u32 = tally.refused.values().sum();
    assert!(refused + tally.not_instantiated <= tally.modules / 2, "{tally:?}");
    assert!(tally.finished >= tally.modules / 4, "{tally:?}");
}

fn one_module(seed: u64, tally: &mut Tally, mut dump: Option<&mut Dump>) {
    let mut random = Random(seed);
    let bytes = random.bytes(6_000);
    let Ok(module) = Module::new(config(seed), &mut Unstructured::new(&bytes)) else { return };
    tally.modules += 1;
    let prepared = match prepare(&module.to_bytes(), &LIMITS) {
        Ok(prepared) => prepared,
        Err(refusal) => {
            // Counted by its first words, so that a generator that makes nothing useful says why.
            let sentence = refusal.to_string();
            let kind = sentence.split(',').next().unwrap_or_default().to_owned();
            *tally.refused.entry(kind).or_default() += 1;
            return;
        }
    };
    for function in prepared.facts.functions.iter().take(EXPORTS) {
        let Some(native) = native_state(&prepared.bytes, &function.name, |ty| random.value(ty), LIMIT) else {
            tally.not_instantiated += 1;
            return;
        };
        let metered = metered_state(&prepared.bytes, &function.name, &native.arguments, LIMIT);
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
