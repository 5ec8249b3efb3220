//! What the rewritten module offers its runner: shared globals, memory refusal, float bits.
#![allow(clippy::unwrap_used)]

mod support;

use frugal_instrument::{Carrier, Globals, Options, PrepareLimits, cell_for, consumed, instrument, names, prepare};
use support::{LIMITS, PLAIN, PLENTY, call, denied, fuel_of, options};
use wasmtime::{Extern, Global, GlobalType, Instance, Module, Mutability, Store, Val, ValType};

fn shared() -> Options {
    Options { globals: Globals::Shared, ..options() }
}

/// The four globals that runners hand to modules with shared globals, in the order of import.
fn meter(store: &mut Store<()>, fuel: i64, pages: i32) -> [Global; 4] {
    let mut global = |value: Val, ty, mutability| Global::new(&mut *store, GlobalType::new(ty, mutability), value);
    [
        global(Val::I64(fuel), ValType::I64, Mutability::Var).unwrap(),
        global(Val::I32(0), ValType::I32, Mutability::Var).unwrap(),
        global(Val::I32(pages), ValType::I32, Mutability::Const).unwrap(),
        global(Val::I32(10_000), ValType::I32, Mutability::Var).unwrap(),
    ]
}

#[test]
fn two_modules_charge_one_budget_and_their_globals_are_renumbered() {
    let first = r#"(module (import "env" "base" (global $base i32)) (global $n (export "n") (mut i32) (global.get $base))
        (func $bump (export "bump") (param i32) (result i32)
          (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n))
        (func (export "dead") (return) (drop (global.get $n)) (global.set $n (i32.const 99))))"#;
    let second = r#"(module (import "one" "bump" (func $bump (param i32) (result i32)))
        (func (export "run") (result i32) (drop (call $bump (i32.const 5))) (call $bump (i32.const 6))))"#;
    let mut store = Store::new(&PLAIN, ());
    let meter = meter(&mut store, cell_for(PLENTY), 16);
    let compile =
        |text: &str| Module::new(&PLAIN, instrument(&wat::parse_str(text).unwrap(), &shared()).unwrap()).unwrap();
    let (first, second) = (compile(first), compile(second));
    let of =
        |own: Extern| -> Vec<Extern> { [vec![own], meter.iter().map(|global| (*global).into()).collect()].concat() };
    let base = Global::new(&mut store, GlobalType::new(ValType::I32, Mutability::Const), Val::I32(100)).unwrap();
    let first = Instance::new(&mut store, &first, &of(base.into())).unwrap();
    let bump = first.get_func(&mut store, "bump").unwrap();
    let second = Instance::new(&mut store, &second, &of(bump.into())).unwrap();
    let run = second.get_func(&mut store, "run").unwrap();
    assert_eq!(call(&mut store, run, &[]).unwrap()[0].unwrap_i32(), 111);
    // run: entry 1, const call 2, const call 2; bump twice: entry 1, get get add set get 5 = 17.
    assert_eq!(consumed(PLENTY, meter[0].get(&mut store).unwrap_i64()), 17);
    let n = first.get_global(&mut store, "n").unwrap();
    assert_eq!(n.get(&mut store).unwrap_i32(), 111, "the export follows the renumbered global");

    // A budget one unit short stops in whichever module runs then.
    meter[0].set(&mut store, Val::I64(cell_for(16))).unwrap();
    let _ = call(&mut store, run, &[]);
    assert!(meter[0].get(&mut store).unwrap_i64() >= 0);
}

#[test]
fn shared_pages_bound_memory_and_refusal_is_noted() {
    let text = r#"(module (memory 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;
    let module = Module::new(&PLAIN, instrument(&wat::parse_str(text).unwrap(), &shared()).unwrap()).unwrap();
    let mut store = Store::new(&PLAIN, ());
    let meter = meter(&mut store, cell_for(PLENTY), 3);
    let imports: Vec<Extern> = meter.iter().map(|global| (*global).into()).collect();
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let grow = instance.get_func(&mut store, "grow").unwrap();
    for (pages, result, flagged) in [(2, 1, false), (0, 3, false), (1, -1, true), (0, 3, true), (-1, -1, true)] {
        assert_eq!(call(&mut store, grow, &[Val::I32(pages)]).unwrap()[0].unwrap_i32(), result);
        assert_eq!(denied(meter[1].get(&mut store).unwrap_i32()), flagged, "{pages}");
    }
}

#[test]
fn the_entry_passes_float_bits_and_costs_nothing() {
    let text = r#"(module (func (export "f") (param f32 f64 i32) (result f64 i32 f32)
        (local.get 1) (local.get 2) (local.get 0)))"#;
    let arguments = [Val::F32(0x7fa0_0001), Val::F64(0xfff4_0000_0000_0001), Val::I32(-5)];
    let fuel = fuel_of(text, "f", &arguments);
    let prepared = prepare(&wat::parse_str(text).unwrap(), &LIMITS).unwrap();
    let woven = instrument(&prepared.bytes, &Options { entry: Some("f".to_owned()), ..options() }).unwrap();
    let module = Module::new(&PLAIN, woven).unwrap();
    let mut store = Store::new(&PLAIN, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let cell = instance.get_global(&mut store, names::FUEL).unwrap();
    cell.set(&mut store, Val::I64(cell_for(PLENTY))).unwrap();
    let entry = instance.get_func(&mut store, names::ENTRY).unwrap();
    let bits = [Val::I32(0x7fa0_0001), Val::I64(0xfff4_0000_0000_0001_u64.cast_signed()), Val::I32(-5)];
    let results = call(&mut store, entry, &bits).unwrap();
    assert_eq!(results[0].unwrap_i64(), 0xfff4_0000_0000_0001_u64.cast_signed());
    assert_eq!(results[1].unwrap_i32(), -5);
    assert_eq!(results[2].unwrap_i32(), 0x7fa0_0001);
    assert_eq!(consumed(PLENTY, cell.get(&mut store).unwrap_i64()), fuel);
    let missing = instrument(&prepared.bytes, &Options { entry: Some("g".to_owned()), ..options() });
    assert!(missing.is_err());
}

#[test]
fn preparing_changes_no_fuel() {
    let text = r#"(module (memory 1 9) (table 1 funcref) (@custom "note" "hello")
        (func (export "run") (drop (memory.grow (i32.const 2))) (drop (table.grow (ref.null func) (i32.const 3)))))"#;
    let bytes = wat::parse_str(text).unwrap();
    let wide = prepare(&bytes, &PrepareLimits { memory_bytes: 1 << 30, table_elements: 1_000_000 }).unwrap();
    let tight = prepare(&bytes, &LIMITS).unwrap();
    assert_ne!(wide.bytes, tight.bytes);
    assert!(!wide.bytes.windows(4).any(|window| window == b"note"));
    // entry 1; const grow 2; null const grow 3 and 3 elements.
    assert_eq!(fuel_of(text, "run", &[]), 9);
}

/// Three modules of one guest, tied as a component's parts are: a table that one makes, another fills with
/// functions it imports, and calls through it from everywhere.
#[test]
fn a_shared_table_of_imported_functions_counts_alike_by_either_carrier() {
    let shim = r#"(module (type $unary (func (param i32) (result i32)))
        (table (export "table") 2 2 funcref)
        (func (export "first") (param i32) (result i32) (call_indirect (type $unary) (local.get 0) (i32.const 0)))
        (func (export "second") (param i32) (result i32)
          (return_call_indirect (type $unary) (local.get 0) (i32.const 1))))"#;
    let main = r#"(module (type $unary (func (param i32) (result i32)))
        (import "shim" "first" (func $first (type $unary))) (import "shim" "second" (func $second (type $unary)))
        (global $started (export "started") (mut i32) (i32.const 0)) (table $own 1 funcref)
        (func $start (global.set $started (i32.const 7))) (start $start)
        (func (export "double") (type $unary) (local i32)
          (local.set 1 (i32.mul (local.get 0) (i32.const 2))) (return (local.get 1)) (drop (call $first (i32.const 1))))
        (func $both (type $unary) (i32.add (call $first (local.get 0)) (call $second (local.get 0))))
        (func $tail (type $unary) (return_call $second (local.get 0)))
        (elem declare func $first)
        (func (export "run") (type $unary)
          (table.set $own (i32.const 0) (ref.func $first))
          (i32.add (call_indirect $own (type $unary) (local.get 0) (i32.const 0))
            (i32.add (call $both (local.get 0)) (call $tail (local.get 0))))))"#;
    let fill = r#"(module (type $unary (func (param i32) (result i32)))
        (import "shim" "table" (table 2 2 funcref)) (import "main" "double" (func $double (type $unary)))
        (func $triple (type $unary) (i32.mul (local.get 0) (i32.const 3)))
        (elem (i32.const 0) func $double $triple))"#;
    let counts = [Carrier::Cell, Carrier::Calls].map(|carrier| {
        let mut store = Store::new(&PLAIN, ());
        let meter = meter(&mut store, cell_for(PLENTY), 16);
        let place = |store: &mut Store<()>, text: &str, own: Vec<Extern>| {
            let options = Options { carrier, ..shared() };
            let module = Module::new(&PLAIN, instrument(&wat::parse_str(text).unwrap(), &options).unwrap()).unwrap();
            let imports = [own, meter.iter().map(|global| (*global).into()).collect()].concat();
            Instance::new(store, &module, &imports).unwrap()
        };
        let shim = place(&mut store, shim, vec![]);
        let [table, first, second] =
            ["table", "first", "second"].map(|name| shim.get_export(&mut store, name).unwrap());
        let main = place(&mut store, main, vec![first, second]);
        let double = main.get_export(&mut store, "double").unwrap();
        place(&mut store, fill, vec![table, double]);
        assert_eq!(main.get_global(&mut store, "started").unwrap().get(&mut store).unwrap_i32(), 7);
        meter[0].set(&mut store, Val::I64(cell_for(PLENTY))).unwrap();
        let run = main.get_func(&mut store, "run").unwrap();
        assert_eq!(call(&mut store, run, &[Val::I32(5)]).unwrap()[0].unwrap_i32(), 10 + 10 + 15 + 15);
        let used = consumed(PLENTY, meter[0].get(&mut store).unwrap_i64());
        meter[0].set(&mut store, Val::I64(cell_for(used - 1))).unwrap();
        let _ = call(&mut store, run, &[Val::I32(5)]);
        assert!(meter[0].get(&mut store).unwrap_i64() >= 0, "one unit short");
        used
    });
    // run: entry 1, const ref set 3, get const call_indirect 3, get call 2, get call 2, add add 2 = 13; both: entry,
    // get call get call add 5 = 6; tail: entry, get return_call 2 = 3; first twice: entry, get const call_indirect
    // 3 = 8; second twice: 8; double twice: entry, get const mul set get return 5 = 12; triple twice: entry, get
    // const mul 3 = 8.
    assert_eq!(counts, [58, 58]);
}
