//! The protocol with guests, against a fake guest of each form that behaves well or badly on demand.
#![allow(clippy::unwrap_used)]

mod support;

use frugal_fuel::{
    Guest, GuestJob, Job, Language, Limits, Measurement, Meter, Outcome, Output, Phase, Rejection, RunError, Runner,
    TrapKind,
};
use frugal_host::{HostRunner, InstallError, Progress};
use sha2::{Digest, Sha256};
use support::{limits, runner, wat};

const CORE: &str = include_str!("support/fake_guest.wat");

fn component() -> String {
    let lift = |export: &str| {
        format!(
            "(result (list u8)) (canon lift (core func $i \"{export}\") (memory $i \"memory\") (realloc (func $i \"realloc\")))"
        )
    };
    let (define, prepare, result) = (lift("c-define"), lift("c-prepare"), lift("c-result"));
    format!(
        "(component
          (import \"mark\" (func $mark))
          (core func $lowered (canon lower (func $mark)))
          {}
          (core instance $i (instantiate $m (with \"frugal\" (instance (export \"mark\" (func $lowered))))))
          (func (export \"define\") (param \"request\" (list u8)) (param \"output-bytes\" u32) {define})
          (func (export \"prepare\") (param \"request\" (list u8)) {prepare})
          (func (export \"empty\") (canon lift (core func $i \"empty\")))
          (func (export \"call\") (canon lift (core func $i \"call\")))
          (func (export \"result\") {result}))",
        CORE.replacen("(module", "(core module $m", 1)
    )
}

fn descriptor(language: Language, artefact: &[u8]) -> Guest {
    let sha256 = Sha256::digest(artefact).iter().map(|byte| format!("{byte:02x}")).collect();
    Guest { language, version: "fake-1".into(), sha256 }
}

/// A runner with both fakes, and their descriptors.
fn with_fakes() -> (HostRunner, [Guest; 2]) {
    let runner = runner(Meter::Native);
    let install = |language, text: &str| {
        let artefact = wat(text);
        let guest = descriptor(language, &artefact);
        let mut seen = Vec::new();
        runner.install(&guest, &artefact, &mut |progress| seen.push(progress)).unwrap();
        assert_eq!((seen.first(), seen.last()), (Some(&Progress::Checking), Some(&Progress::Ready)));
        guest
    };
    let guests = [install(Language::Python, &component()), install(Language::JavaScript, CORE)];
    (runner, guests)
}

fn job(guest: &Guest, mode: &str) -> Job {
    Job::Guest(GuestJob { guest: guest.clone(), define: mode.into(), prepare: b"{}".to_vec() })
}

#[track_caller]
fn check(mode: &str, limits: &Limits, expected: &Outcome) -> [Measurement; 2] {
    let (runner, guests) = with_fakes();
    guests.map(|guest| {
        let measurement = runner.run(&job(&guest, mode), limits).unwrap();
        assert_eq!(&measurement.outcome, expected, "mode {mode} of {}", guest.language);
        assert_eq!(measurement.fuel.lower_bound, *expected != Outcome::Finished);
        measurement
    })
}

#[test]
fn an_honest_call_is_measured_between_its_marks() {
    for measurement in check("o", &limits(), &Outcome::Finished) {
        assert_eq!(measurement.output, Output::Guest(b"{}".to_vec()));
        // Four tests of the mode (const, call, entry, two gets, eq, if: 7 each) and the second mark's call.
        // The baseline has one such test and the call.
        assert_eq!((measurement.fuel.raw, measurement.fuel.baseline), (29, 8));
    }
}

#[test]
fn a_call_below_its_baseline_is_rejected_rather_than_free() {
    let reason = Rejection::BelowBaseline { raw: 29, baseline: 8 + 3 + 1 + 100 };
    check("d", &limits(), &Outcome::Rejected { reason });
}

#[test]
fn a_budget_of_net_fuel_is_exact_to_the_unit() {
    check("o", &Limits { fuel: 21, ..limits() }, &Outcome::Finished);
    check("o", &Limits { fuel: 22, ..limits() }, &Outcome::Finished);
    let short = check("o", &Limits { fuel: 20, ..limits() }, &Outcome::OutOfFuel { phase: Phase::Call });
    assert!(short.iter().all(|measurement| measurement.output == Output::Nothing && measurement.fuel.net() == 21));
}

#[test]
fn marks_out_of_place_are_rejected() {
    for (mode, marks) in [("m", 1), ("1", 1), ("3", 3)] {
        check(mode, &limits(), &Outcome::Rejected { reason: Rejection::Marks { marks } });
    }
}

#[test]
fn each_phase_has_its_own_budget() {
    let small = Limits { fuel: 1_000_000, setup_fuel: 1_000_000, output_bytes: 1_000, ..limits() };
    for (mode, phase) in
        [("L", Phase::Define), ("P", Phase::Prepare), ("l", Phase::Call), ("s", Phase::Call), ("w", Phase::Result)]
    {
        check(mode, &small, &Outcome::OutOfFuel { phase });
    }
}

#[test]
fn stops_inside_the_call_keep_their_kind() {
    check("t", &limits(), &Outcome::Trapped { kind: TrapKind::DivideByZero });
    check("b", &limits(), &Outcome::OutOfMemory);
    check("r", &limits(), &Outcome::OutOfDepth);
    check("l", &Limits { fuel: Limits::FUEL_MAX, wall_ms: 100, ..limits() }, &Outcome::PastDeadline);
}

#[test]
fn what_the_guest_says_is_reported() {
    let error = |phase, message: &str| Outcome::GuestError { phase, message: message.into() };
    check("e", &limits(), &error(Phase::Define, "{\"type\":\"Error\"}  "));
    check("c", &limits(), &error(Phase::Call, "{\"phase\":\"call\"}"));
    check("x", &limits(), &Outcome::OutputTooLarge);
    check("y", &limits(), &Outcome::OutOfMemory);
    check("z", &Limits { output_bytes: 100, ..limits() }, &Outcome::OutputTooLarge);
}

#[test]
fn a_guest_that_needs_more_memory_than_the_limit_says_how_much() {
    let reason = Rejection::MemoryTooSmall { limit_bytes: 65_536, needed_bytes: 131_072 };
    check("o", &Limits { memory_bytes: 65_536, ..limits() }, &Outcome::Rejected { reason });
}

#[test]
fn only_the_right_bytes_become_a_guest() {
    let (runner, guests) = with_fakes();
    assert_eq!(runner.guests().len(), 2);
    let other = Guest { sha256: "00".repeat(32), ..guests[0].clone() };
    let mut silent = |_| {};
    assert!(matches!(runner.install(&other, &wat(CORE), &mut silent), Err(InstallError::Digest { .. })));
    assert!(matches!(runner.run(&job(&other, "o"), &limits()), Err(RunError::UnknownGuest { .. })));
    for text in ["(module)", "(component)", "(module (import \"x\" \"y\" (func)))"] {
        let artefact = wat(text);
        let guest = descriptor(Language::Python, &artefact);
        assert!(matches!(runner.install(&guest, &artefact, &mut silent), Err(InstallError::Unusable { .. })), "{text}");
    }
    let instrumented = support::runner(Meter::Instrumented);
    assert!(matches!(instrumented.install(&other, b"", &mut silent), Err(InstallError::NativeMeterOnly)));
    let refused = instrumented.run(&job(&other, "o"), &limits()).unwrap();
    assert!(matches!(refused.outcome, Outcome::Rejected { reason: Rejection::Request { .. } }));
}
