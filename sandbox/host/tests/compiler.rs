//! Compiling in a child, and keeping what it made.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use frugal_fuel::{Meter, Outcome, Rejection, RunError, Runner};
use frugal_host::{BuildError, CancelToken, Compilation, CompileCaps, CompilerCommand, HostRunner};
use support::{job, limits, run};

const ADD: &str = "(module (func (export \"f\") (result i32) (i32.add (i32.const 2) (i32.const 3))))";

fn child(program: &str, caps: CompileCaps) -> Compilation {
    Compilation::Child { command: CompilerCommand { program: program.into(), args: Vec::new() }, caps }
}

fn with_child(caps: CompileCaps, folder: Option<&Path>) -> HostRunner {
    HostRunner::builder()
        .compilation(child(env!("CARGO_BIN_EXE_frugal-compiler"), caps))
        .cache_folder(folder.map(Path::to_owned))
        .build()
        .unwrap()
}

/// One function of `operators` dependent additions, dear to compile for its size.
fn large(operators: usize) -> String {
    let mut text = String::from("(module (memory 1) (func (export \"f\") (result i64) (i64.load (i32.const 0))\n");
    for at in 0..operators / 3 {
        text.push_str(&format!("(i64.add (i64.load (i32.const {})))\n", at % 60_000));
    }
    text.push_str("))");
    text
}

fn cap_of(outcome: Outcome) -> String {
    match outcome {
        Outcome::Rejected { reason: Rejection::CompileCap { what } } => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_child_compiles_for_both_meters() {
    for meter in [Meter::Native, Meter::Instrumented] {
        let runner = HostRunner::builder()
            .meter(meter)
            .compilation(child(env!("CARGO_BIN_EXE_frugal-compiler"), CompileCaps::default()))
            .build()
            .unwrap();
        let measurement = run(&runner, ADD, &limits());
        assert_eq!((measurement.outcome, measurement.fuel.raw), (Outcome::Finished, 4));
    }
}

#[test]
fn caps_of_time_and_memory_reject_the_module() {
    let text = large(250_000);
    let hasty = with_child(CompileCaps { time: Duration::from_millis(150), ..CompileCaps::default() }, None);
    let started = Instant::now();
    assert_eq!(cap_of(run(&hasty, &text, &limits()).outcome), "150 ms");
    assert!(started.elapsed() < Duration::from_secs(10));

    let cramped = with_child(CompileCaps { memory_bytes: 80 << 20, ..CompileCaps::default() }, None);
    assert_eq!(cap_of(run(&cramped, &text, &limits()).outcome), "80 MiB");
}

#[test]
fn a_child_that_cannot_compile_is_the_machinery_s_fault() {
    for program in ["/no/such/program", "/bin/false", "/bin/echo", "/bin/cat"] {
        let runner = HostRunner::builder().compilation(child(program, CompileCaps::default())).build().unwrap();
        let error = runner.run(&job(ADD, &[]), &limits()).unwrap_err();
        assert!(matches!(error, RunError::Compiler { .. } | RunError::Engine { .. }), "{program}: {error}");
    }
    assert!(matches!(HostRunner::builder().build(), Err(BuildError::NoCompilation)));
}

#[test]
fn cancelling_kills_the_child() {
    let runner = with_child(CompileCaps::default(), None);
    let job = job(&large(280_000), &[]);
    let cancel = CancelToken::new();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| runner.run_cancellable(&job, &limits(), &cancel));
        std::thread::sleep(Duration::from_millis(300));
        cancel.cancel();
        assert_eq!(run.join().unwrap().unwrap_err(), RunError::Cancelled);
    });
}

/// The one module entry of a cache folder.
fn entry(folder: &Path) -> std::path::PathBuf {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut modules: Vec<_> = entries.filter(|path| path.to_string_lossy().contains("/module-")).collect();
    assert_eq!(modules.len(), 1, "{modules:?}");
    modules.remove(0)
}

#[test]
fn a_corrupt_entry_is_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = || with_child(CompileCaps::default(), Some(folder.path()));
    run(&fresh(), ADD, &limits());
    let path = entry(folder.path());
    let whole = fs::read(&path).unwrap();

    let broken = HostRunner::builder()
        .compilation(child("/no/such/program", CompileCaps::default()))
        .cache_folder(Some(folder.path().to_owned()))
        .build()
        .unwrap();
    assert_eq!(run(&broken, ADD, &limits()).outcome, Outcome::Finished, "a good entry needs no compiler");

    let mut bent = whole.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 0x10;
    for corrupt in [&bent[..], &whole[..middle], &[]] {
        fs::write(&path, corrupt).unwrap();
        let measurement = run(&fresh(), ADD, &limits());
        assert_eq!((measurement.outcome, measurement.fuel.raw), (Outcome::Finished, 4));
        assert_eq!(fs::read(&path).unwrap().len(), whole.len(), "the entry is whole again");
    }
}

#[test]
fn equal_modules_at_once_are_compiled_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let script = folder.path().join("compiler");
    let compiler = env!("CARGO_BIN_EXE_frugal-compiler");
    fs::write(&script, format!("#!/bin/sh\necho started >> {}\nexec {compiler}\n", log.display())).unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let runner = HostRunner::builder()
        .compilation(child(script.to_str().unwrap(), CompileCaps::default()))
        .parallel_runs(16)
        .build()
        .unwrap();
    let job = job(ADD, &[]);
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert_eq!(runner.run(&job, &limits()).unwrap().outcome, Outcome::Finished));
        }
    });
    assert_eq!(fs::read_to_string(log).unwrap(), "started\n");
}
