//! The runners under test, made once for the whole binary.

use std::{env, fs, path::PathBuf, sync::LazyLock};

use frugal_flow::run::{Code, Input, RunRequest, plan, report as report_of};
use frugal_fuel::{CostTable, Language, Limits, Meter, Runner};
use frugal_guests::Manifest;
use frugal_host::{Compilation, CompileCaps, CompilerCommand, HostRunner, default_cache_folder};
use frugal_report::RunReport;

static NATIVE: LazyLock<HostRunner> = LazyLock::new(|| make(Meter::Native));
static INSTRUMENTED: LazyLock<HostRunner> = LazyLock::new(|| make(Meter::Instrumented));

/// The built `frugal`: what the test command names, or the one beside this test binary.
pub(crate) fn command() -> PathBuf {
    env::var_os("FRUGAL_BIN")
        .map_or_else(|| env::current_exe().unwrap().parent().unwrap().with_file_name("frugal"), PathBuf::from)
}

fn make(meter: Meter) -> HostRunner {
    let command = command();
    assert!(command.exists(), "{} is missing; build it with `cargo build --bin frugal`", command.display());
    let compiler = CompilerCommand { program: command, args: vec!["compile-child".into()] };
    let runner = HostRunner::builder()
        .meter(meter)
        .compilation(Compilation::Child { command: compiler, caps: CompileCaps::default() })
        .cache_folder(default_cache_folder())
        .build()
        .expect("the runner can be built");
    if meter == Meter::Native {
        install_guests(&runner);
    }
    runner
}

fn install_guests(runner: &HostRunner) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../public/guests");
    let manifest = Manifest::from_json(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    for artefact in &manifest.guests {
        let compressed = fs::File::open(folder.join(&artefact.file)).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut brotli::Decompressor::new(compressed, 1 << 16), &mut bytes).unwrap();
        let language = if artefact.language == "python" { Language::Python } else { Language::JavaScript };
        let guest = manifest.guest(language).expect("a known language");
        runner.install(&guest, &bytes, &mut |_| ()).expect("the guest installs");
    }
}

pub(crate) fn runner(meter: Meter) -> &'static HostRunner {
    match meter {
        Meter::Native => &NATIVE,
        Meter::Instrumented => &INSTRUMENTED,
    }
}

/// Runs on the canonical meter.
#[track_caller]
pub(crate) fn report(request: &RunRequest) -> RunReport {
    report_by(Meter::Native, request)
}

#[track_caller]
pub(crate) fn report_by(meter: Meter, request: &RunRequest) -> RunReport {
    let runner = runner(meter);
    let planned = plan(request, &runner.guests(), CostTable::FUEL_1.name).expect("the request can be planned");
    let measurement = runner.run(&planned.job, &planned.limits).expect("the machinery works");
    report_of(&planned, &runner.identity(), &measurement, None)
}

/// A fixed job still gives its fixed figure.
#[track_caller]
pub(crate) fn assert_next_job_is_unaffected() {
    // entry 1 + const 1 + const 1 + add 1
    let code =
        Code::Wat("(module (func (export \"run\") (result i32) (i32.add (i32.const 2) (i32.const 3))))".to_owned());
    let input = Input::Call { entry: "run".to_owned(), arguments: "[]".to_owned() };
    let request = RunRequest { code, input, limits: Limits::default() };
    let next = report(&request);
    assert_eq!((next.outcome.name(), next.net_fuel.0), ("finished", 4));
    assert_eq!(next.value.expect("a finished run has a value").text, "5");
}
