//! Core modules through the public door: every outcome, on both meters.
#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, Instant};

use frugal_fuel::{
    Job, LimitError, Limits, Meter, ModuleJob, Outcome, Output, Phase, Rejection, RunError, Runner, TrapKind, Value,
};
use frugal_host::{CancelToken, HostRunner};
use support::{job, limits, run, runner, wat};

const METERS: [Meter; 2] = [Meter::Native, Meter::Instrumented];

/// `(fuel, module)`: prices counted by hand from the cost table.
const GOLDEN: &[(u64, &str)] = &[
    (1, "(module (func (export \"f\")))"),
    (2, "(module (func (export \"f\") (result i32) i32.const 7))"),
    // Entry, const, call + entry of the callee, drop for nothing.
    (4, "(module (func $g (result i32) i32.const 1) (func (export \"f\") call $g drop))"),
    // Entry, three constants, fill and its 100 bytes.
    (105, "(module (memory 1) (func (export \"f\") i32.const 0 i32.const 0 i32.const 100 memory.fill))"),
    // Entry + const + set, then ten rounds of get, const, sub, tee, br_if.
    (
        53,
        "(module (func (export \"f\") (local i32) (local.set 0 (i32.const 10))
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))",
    ),
    // Code after a return costs nothing.
    (1, "(module (func (export \"f\") return i32.const 1 drop))"),
    // A growth that fails is charged like one that succeeds.
    (3, "(module (memory 1 1) (func (export \"f\") (drop (memory.grow (i32.const 1)))))"),
];

#[test]
fn both_meters_count_the_golden_fuel() {
    for meter in METERS {
        let runner = runner(meter);
        for &(fuel, text) in GOLDEN {
            let measurement = run(&runner, text, &limits());
            assert_eq!(measurement.outcome, Outcome::Finished, "{text}");
            assert_eq!(measurement.fuel.raw, fuel, "{} {text}", meter.name());
        }
    }
}

#[test]
fn a_budget_is_exact_to_the_unit() {
    for meter in METERS {
        let runner = runner(meter);
        for &(fuel, text) in GOLDEN {
            let at = |fuel| run(&runner, text, &Limits { fuel, ..limits() });
            assert_eq!(at(fuel).outcome, Outcome::Finished, "{} {fuel} {text}", meter.name());
            assert_eq!(at(fuel + 1).outcome, Outcome::Finished);
            let short = at(fuel - 1);
            assert_eq!(short.outcome, Outcome::OutOfFuel { phase: Phase::Call }, "{} {fuel} {text}", meter.name());
            assert_eq!((short.fuel.raw, short.output), (fuel, Output::Nothing));
        }
    }
}

#[test]
fn arguments_and_results_pass_bit_for_bit() {
    let text = "(module (func (export \"f\") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
        local.get 3 local.get 2 local.get 1 local.get 0))";
    let arguments = [Value::I32(-1), Value::I64(i64::MIN), Value::F32(0x7fc0_0001), Value::F64(0xfff8_0000_0000_0001)];
    for meter in METERS {
        let measurement = runner(meter).run(&job(text, &arguments), &limits()).unwrap();
        let expected = arguments.iter().rev().copied().collect();
        assert_eq!(measurement.output, Output::Values(expected));
        assert_eq!(measurement.fuel.raw, 5);
    }
}

#[test]
fn nan_is_canonical_on_both_meters() {
    let text = "(module (func (export \"f\") (result i64)
        (i64.reinterpret_f64 (f64.sub (f64.reinterpret_i64 (i64.const 0x7ff8000000000123)) (f64.const 1)))))";
    for meter in METERS {
        let measurement = run(&runner(meter), text, &limits());
        assert_eq!(measurement.output, Output::Values(vec![Value::I64(0x7ff8_0000_0000_0000)]), "{}", meter.name());
    }
}

#[test]
fn traps_are_told_apart() {
    let table: &[(TrapKind, &str)] = &[
        (TrapKind::Unreachable, "(module (func (export \"f\") unreachable))"),
        (TrapKind::DivideByZero, "(module (func (export \"f\") (drop (i32.div_u (i32.const 1) (i32.const 0)))))"),
        (
            TrapKind::IntegerOverflow,
            "(module (func (export \"f\") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))))",
        ),
        (TrapKind::IntegerOverflow, "(module (func (export \"f\") (drop (i32.trunc_f32_s (f32.const nan)))))"),
        (TrapKind::IntegerOverflow, "(module (func (export \"f\") (drop (i64.trunc_f64_u (f64.const 1e30)))))"),
        (
            TrapKind::MemoryOutOfBounds,
            "(module (memory 1) (func (export \"f\") (drop (i32.load (i32.const 0x7fffffff)))))",
        ),
        (TrapKind::TableOutOfBounds, "(module (table 1 funcref) (func (export \"f\") (call_indirect (i32.const 9))))"),
        (
            TrapKind::IndirectCallTypeMismatch,
            "(module (table 1 funcref) (func (export \"f\") (call_indirect (i32.const 0))))",
        ),
        (
            TrapKind::IndirectCallTypeMismatch,
            "(module (table 1 funcref) (elem (i32.const 0) $g) (func $g (param i32))
             (func (export \"f\") (call_indirect (i32.const 0))))",
        ),
    ];
    for meter in METERS {
        let runner = runner(meter);
        for &(kind, text) in table {
            assert_eq!(run(&runner, text, &limits()).outcome, Outcome::Trapped { kind }, "{} {text}", meter.name());
        }
    }
}

#[test]
fn an_endless_loop_ends_by_fuel_or_by_the_clock() {
    let text = "(module (func (export \"f\") (loop (br 0))))";
    for meter in METERS {
        let runner = runner(meter);
        let by_fuel = run(&runner, text, &Limits { fuel: 1_000_000, ..limits() });
        assert_eq!(by_fuel.outcome, Outcome::OutOfFuel { phase: Phase::Call });

        let started = Instant::now();
        let by_clock = run(&runner, text, &Limits { fuel: Limits::FUEL_MAX, wall_ms: 100, ..limits() });
        assert_eq!(by_clock.outcome, Outcome::PastDeadline);
        let took = started.elapsed();
        assert!((Duration::from_millis(100)..Duration::from_secs(5)).contains(&took), "{took:?}");
    }
}

#[test]
fn operations_that_are_slow_for_their_fuel_meet_the_clock() {
    // A refused growth takes about 25 ns for one unit.
    let text = "(module (memory 1 1) (func (export \"f\") (loop (drop (memory.grow (i32.const 1))) (br 0))))";
    for meter in METERS {
        let measurement = run(&runner(meter), text, &Limits { fuel: Limits::FUEL_MAX, wall_ms: 100, ..limits() });
        assert_eq!(measurement.outcome, Outcome::PastDeadline, "{}", meter.name());
    }
}

#[test]
fn a_memory_bomb_is_out_of_memory() {
    let text = "(module (memory 1) (func (export \"f\")
        (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable))";
    let recovers = "(module (memory 1) (func (export \"f\") (result i32)
        (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size)))";
    for meter in METERS {
        let runner = runner(meter);
        assert_eq!(run(&runner, text, &limits()).outcome, Outcome::OutOfMemory, "{}", meter.name());
        let finished = run(&runner, recovers, &limits());
        assert_eq!(finished.outcome, Outcome::Finished);
        assert_eq!(finished.output, Output::Values(vec![Value::I32(256)]), "16 MiB are 256 pages");
    }
}

#[test]
fn filling_memory_in_a_loop_meets_the_fuel_limit() {
    let text = "(module (memory 256) (func (export \"f\")
        (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216)) (br 0))))";
    for meter in METERS {
        let measurement = run(&runner(meter), text, &limits());
        assert_eq!(measurement.outcome, Outcome::OutOfFuel { phase: Phase::Call }, "{}", meter.name());
    }
}

/// A function with as many live locals as one may have, calling itself `depth` times.
fn wide_recursion() -> String {
    let locals = 1_990;
    let mut text = String::from("(module (memory 1) (func $g (export \"f\") (param i32) (result i64)\n");
    text.push_str(&format!("(local {})\n", "i64 ".repeat(locals)));
    for local in 1..=locals {
        text.push_str(&format!("(local.set {local} (i64.load (i32.and (local.get 0) (i32.const {}))))\n", local * 8));
    }
    text.push_str("(if (result i64) (i32.eqz (local.get 0)) (then i64.const 0)\n");
    text.push_str("(else (call $g (i32.sub (local.get 0) (i32.const 1)))))\n");
    for local in 1..=locals {
        text.push_str(&format!("local.get {local} i64.add\n"));
    }
    text.push_str("))");
    text
}

#[test]
fn a_thousand_nested_calls_of_the_widest_function_are_never_too_deep() {
    let limits = Limits { call_depth: 1_001, ..limits() };
    for meter in METERS {
        let measurement = runner(meter).run(&job(&wide_recursion(), &[Value::I32(999)]), &limits).unwrap();
        assert_eq!(measurement.outcome, Outcome::Finished, "{}", meter.name());
    }
}

#[test]
fn endless_recursion_is_out_of_depth() {
    let direct = "(module (func $f (export \"f\") (result i32) (i32.add (call $f) (i32.const 1))))";
    let mutual = "(module (func $f (export \"f\") (result i32) (i32.add (call $g) (i32.const 1)))
        (func $g (result i32) (i32.add (call $f) (i32.const 1))))";
    for meter in METERS {
        let runner = runner(meter);
        for text in [direct, mutual] {
            assert_eq!(run(&runner, text, &limits()).outcome, Outcome::OutOfDepth, "{}", meter.name());
        }
        let wide = runner.run(&job(&wide_recursion(), &[Value::I32(i32::MAX)]), &limits()).unwrap();
        assert_eq!(wide.outcome, Outcome::OutOfDepth, "{}", meter.name());
        assert_eq!(run(&runner, GOLDEN[0].1, &limits()).outcome, Outcome::Finished, "the next job is unaffected");
    }
}

#[test]
fn endless_tail_recursion_is_not_deep() {
    let text = "(module (func $f (export \"f\") return_call $f))";
    for meter in METERS {
        let measurement = run(&runner(meter), text, &Limits { fuel: 10_000_000, ..limits() });
        assert_eq!(measurement.outcome, Outcome::OutOfFuel { phase: Phase::Call }, "{}", meter.name());
    }
}

#[test]
fn what_may_not_run_is_refused_with_its_reason() {
    let runner = runner(Meter::Native);
    let refused = |bytes: Vec<u8>| {
        let job = Job::Module(ModuleJob { bytes, export: "f".into(), arguments: vec![] });
        match runner.run(&job, &limits()).unwrap().outcome {
            Outcome::Rejected { reason } => reason,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(refused(vec![]), Rejection::Invalid { .. }));
    assert!(matches!(refused(b"\0asm\x01\0\0\0\x01\xff\xff\xff\x7f".to_vec()), Rejection::Invalid { .. }));
    // In one release a callee's fuel vanished under `call_ref`; the proposal stays refused.
    let call_ref = wat("(module (type $t (func)) (func $g) (elem declare func $g)
        (func (export \"f\") (call_ref $t (ref.func $g))))");
    assert!(matches!(refused(call_ref), Rejection::Proposal { .. }));
    assert!(matches!(refused(wat("(module (import \"a\" \"b\" (func)))")), Rejection::ForbiddenImport { .. }));
    assert!(matches!(refused(wat("(module (func $s) (start $s))")), Rejection::StartFunction));
    assert!(matches!(refused(wat("(module (memory 65536) (func (export \"f\")))")), Rejection::MemoryTooSmall { .. }));
    assert!(matches!(refused(wat("(module (func (export \"g\")))")), Rejection::MissingExport { .. }));
    assert!(matches!(refused(wat("(module (func (export \"f\") (param i32)))")), Rejection::Arguments { .. }));
    let bounds = wat("(module (memory 1) (data (i32.const 65536) \"x\") (func (export \"f\")))");
    assert!(matches!(refused(bounds), Rejection::Instantiation { .. }));
}

#[test]
fn every_prefix_of_a_module_is_survived() {
    let runner = runner(Meter::Native);
    let whole = wat(GOLDEN[4].1);
    for end in 0..whole.len() {
        let job = Job::Module(ModuleJob { bytes: whole[..end].to_vec(), export: "f".into(), arguments: vec![] });
        let outcome = runner.run(&job, &limits()).unwrap().outcome;
        assert!(matches!(outcome, Outcome::Rejected { .. }), "cut at {end}: {outcome:?}");
    }
}

#[test]
fn limits_that_cannot_be_honoured_are_errors() {
    let error = runner(Meter::Native).run(&job(GOLDEN[0].1, &[]), &Limits { wall_ms: 0, ..limits() }).unwrap_err();
    assert!(matches!(error, RunError::Limits(LimitError::OutOfRange { name: "wall_ms", .. })));
    let large = "(module (func (export \"f\") (result i64 i64) i64.const 1 i64.const 2))";
    let measurement = run(&runner(Meter::Native), large, &Limits { output_bytes: 15, ..limits() });
    assert_eq!(measurement.outcome, Outcome::OutputTooLarge);
}

#[test]
fn a_run_is_cancelled_within_fifty_milliseconds() {
    let runner = runner(Meter::Native);
    let cancel = CancelToken::new();
    let endless = job("(module (func (export \"f\") (loop (br 0))))", &[]);
    let limits = Limits { fuel: Limits::FUEL_MAX, ..limits() };
    std::thread::scope(|scope| {
        let run = scope.spawn(|| (runner.run_cancellable(&endless, &limits, &cancel), Instant::now()));
        std::thread::sleep(Duration::from_millis(200));
        let asked = Instant::now();
        cancel.cancel();
        let (result, ended) = run.join().unwrap();
        assert_eq!(result.unwrap_err(), RunError::Cancelled);
        let took = ended.duration_since(asked);
        // 50 ms is the promise on a free machine; tests share theirs.
        assert!(took < Duration::from_millis(500), "{took:?}");
    });
}

#[test]
fn two_hundred_concurrent_runs_agree() {
    fn all_agree(runner: &HostRunner) {
        let job = job(GOLDEN[4].1, &[]);
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..200).map(|_| scope.spawn(|| runner.run(&job, &limits()).unwrap())).collect();
            for run in runs {
                let measurement = run.join().unwrap();
                assert_eq!((measurement.outcome, measurement.fuel.raw), (Outcome::Finished, GOLDEN[4].0));
            }
        });
    }
    for meter in METERS {
        all_agree(&runner(meter));
    }
}
