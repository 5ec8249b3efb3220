//! The woven-in meter against the engine's own, on programs small enough to count by hand.
#![allow(clippy::unwrap_used)]

mod support;

use support::{End, both, fuel_of};
use wasmtime::Val;

#[test]
fn an_empty_function_costs_its_entry() {
    assert_eq!(fuel_of("(module (func (export \"f\")))", "f", &[]), 1);
}

#[test]
fn the_budget_is_exact() {
    // fib(n): entry 1, get const lt_s if = 4; base: get 1; else: get const sub call get const sub call add = 9.
    let text = r#"(module (func $fib (export "f") (param i32) (result i32)
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
          (then (local.get 0))
          (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                         (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#;
    let fuel = fuel_of(text, "f", &[Val::I32(15)]);
    for limit in [fuel, fuel + 1] {
        assert!(matches!(both(text, "f", &[Val::I32(15)], limit), End::Finished { fuel: used, .. } if used == fuel));
    }
    for limit in [0, 1, fuel / 2, fuel - 1] {
        assert_eq!(both(text, "f", &[Val::I32(15)], limit), End::OutOfFuel, "limit {limit}");
    }
}

#[test]
fn unbounded_recursion_is_out_of_depth() {
    let text = r#"(module (func $f (export "f") (call $f)))"#;
    assert_eq!(both(text, "f", &[], 1 << 40), End::OutOfDepth);
}

#[test]
fn a_thousand_nested_calls_are_not_out_of_depth() {
    let text = r#"(module (func $f (export "f") (param i32)
        (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))))"#;
    assert!(matches!(both(text, "f", &[Val::I32(1_000)], 1 << 40), End::Finished { .. }));
}

#[test]
fn tail_calls_neither_nest_nor_leak_depth() {
    let text = r#"(module
        (func $leaf)
        (func $f (export "f") (param i32)
          (call $leaf)
          (if (local.get 0) (then (return_call $f (i32.sub (local.get 0) (i32.const 1)))))))"#;
    assert!(matches!(both(text, "f", &[Val::I32(1_000_000)], 1 << 40), End::Finished { .. }));
}
