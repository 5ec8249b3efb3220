#![allow(clippy::unwrap_used)]
//! The study against a scripted runner: a guest whose source says what each call costs and returns.

use std::collections::BTreeMap;

use frugal_bench::samples::Samples;
use frugal_bench::suite::enamel::Problem;
use frugal_fuel::{Fuel, Guest, Job, Language, Measurement, Meter, Outcome, Output, Phase, RunError, RunnerIdentity};
use frugal_report::{EvaluationReport, ProblemStatus, Timing, Verdict};
use serde_json::Value;

use super::*;

/// The reference costs 100 per unit of size; samples say `cost=N` instead, and may say how they fail.
fn problem(number: u32) -> Problem {
    Problem {
        task_id: format!("Frugal/{number}"),
        number,
        prompt: "def f(x):".into(),
        generator: "g".into(),
        level_sizes: ["1", "2", "3"].map(String::from).into(),
        reference: "cost=100".into(),
        checker: "c".into(),
        entry_point: "f".into(),
    }
}

fn options() -> Options {
    Options {
        k: vec![1],
        hardness: vec![0.0, 1.0, 1.0],
        tests_per_level: vec![2, 1, 2],
        tolerance_fuel: 0,
        ..Options::default()
    }
}

fn guest() -> Guest {
    Guest { language: Language::Python, version: "cpython-3.14.0".into(), sha256: "0".repeat(64) }
}

fn study(sources: &[&str]) -> Study {
    study_of(problem(0), sources)
}

fn study_of(first: Problem, sources: &[&str]) -> Study {
    let by_number =
        BTreeMap::from([(0, sources.iter().map(ToString::to_string).collect()), (1, vec!["cost=100".into()])]);
    let input = EvaluationInput { problems: vec![first, problem(1)], samples: Samples { by_number } };
    let identity = RunnerIdentity { engine: "scripted".into(), meter: Meter::Native, cost_table: "fuel-1" };
    Study::new(input, options(), guest(), identity, 3).unwrap()
}

fn finished(raw: u64, value: &Value) -> Measurement {
    let reply = serde_json::json!({"value": value, "stdout": "", "stderr": ""}).to_string();
    let fuel = Fuel { raw: raw + 7, baseline: 7, lower_bound: false };
    Measurement { outcome: Outcome::Finished, fuel, output: Output::Guest(reply.into_bytes()) }
}

fn stopped(outcome: Outcome) -> Measurement {
    Measurement { outcome, fuel: Fuel { raw: 8, baseline: 7, lower_bound: true }, output: Output::Nothing }
}

fn scripted(command: &Command) -> Result<Measurement, RunError> {
    let Job::Guest(job) = &command.job else { panic!("only guests") };
    let define: Value = serde_json::from_slice(&job.define).unwrap();
    let prepare: Value = serde_json::from_slice(&job.prepare).unwrap();
    let (source, arguments) = (define["source"].as_str().unwrap(), &prepare["arguments"]);
    match define["entry"].as_str().unwrap() {
        "__frugal_generate" => {
            let inputs = arguments[2].as_array().unwrap().iter().map(|_| serde_json::json!({"t": [arguments[0]]}));
            Ok(finished(1, &inputs.collect()))
        }
        "__frugal_check" => {
            assert!(!source.contains("cost="), "no sample in the checker's instance");
            let said = arguments[0].as_array().unwrap().iter().map(|case| Value::Bool(case["t"][1] == case["t"][2]));
            Ok(finished(1, &said.collect()))
        }
        _ => call(source, arguments[0].as_u64().unwrap(), command.limits.fuel),
    }
}

fn call(source: &str, size: u64, limit: u64) -> Result<Measurement, RunError> {
    let fails = |what: &str| source.contains(&format!("{what}@{size}"));
    let error = |kind: &str| {
        let message = format!(r#"{{"phase":"call","type":"{kind}","message":"m","traceback":""}}"#);
        Ok(stopped(Outcome::GuestError { phase: Phase::Call, message }))
    };
    if fails("broken") {
        return Err(RunError::Engine { message: "out of luck".into() });
    }
    if fails("raise") {
        return error("ValueError");
    }
    if fails("overflow") {
        return error("OverflowError");
    }
    if fails("deadline") {
        return Ok(stopped(Outcome::PastDeadline));
    }
    let cost: u64 = source.rsplit("cost=").next().unwrap().split_whitespace().next().unwrap().parse().unwrap();
    if cost * size > limit {
        return Ok(stopped(Outcome::OutOfFuel { phase: Phase::Call }));
    }
    Ok(finished(cost * size, &Value::from(if fails("wrong") { 0 } else { size * 10 })))
}

/// Runs a study to its end, taking results in an order that `pick` chooses among those in flight.
fn run(study: &mut Study, mut pick: impl FnMut(usize) -> usize) -> Vec<Fact> {
    let (mut flying, mut facts) = (Vec::new(), Vec::new());
    loop {
        while let Some(command) = study.next_command() {
            flying.push(command);
        }
        if flying.is_empty() {
            return facts;
        }
        let command = flying.remove(pick(flying.len()));
        facts.extend(study.accept(command.id, scripted(&command)));
    }
}

fn report(study: &Study) -> EvaluationReport {
    study.report(Timing::default()).unwrap()
}

const SOURCES: [&str; 7] = [
    "cost=100",
    "cost=150",
    "cost=300",
    "cost=100 wrong@3",
    "cost=100 raise@2",
    "cost=100 overflow@3",
    "wrong@1 cost=100",
];

#[test]
fn verdicts_and_scores_by_hand() {
    let mut study = study(&SOURCES);
    run(&mut study, |_| 0);
    assert!(study.is_done());
    let report = report(&study);
    let samples = &report.problems[0].samples;
    // The reference costs (-, 200, 300), so T = 600.
    assert_eq!(report.problems[0].limit_fuel.0, 600);
    let got: Vec<_> =
        samples.iter().map(|sample| (sample.verdict, sample.passed, sample.level_scores.clone())).collect();
    // 150: (600-300)/(600-200), (600-450)/(600-300); 300: level 1 costs 600 -> 0, level 2 costs 900 -> stopped
    assert_eq!(got[0], (Verdict::Passed, true, vec![0.0, 1.0, 1.0]));
    assert_eq!(got[1], (Verdict::Passed, true, vec![0.0, 0.75, 0.5]));
    assert_eq!(got[2], (Verdict::OutOfFuel, true, vec![0.0, 0.0, 0.0]));
    assert_eq!(got[3], (Verdict::WrongOutput, false, vec![0.0; 3]));
    assert_eq!(got[4], (Verdict::Error, false, vec![0.0; 3]));
    assert_eq!(got[5], (Verdict::Overflow, true, vec![0.0, 1.0, 0.0]));
    assert_eq!(got[6], (Verdict::WrongOutput, false, vec![0.0; 3]));
    assert_eq!(samples[1].cost_ratio, Some(1.5));
    assert_eq!(report.problems[1].samples[0].efficiency, 1.0);
    // problem 0: e = 1, 0.625, 0, 0, 0, 0.5, 0; problem 1: 1
    assert!((report.metrics["eff@1"] - (2.125 / 7.0 + 1.0) / 2.0).abs() < 1e-12);
    assert!((report.metrics["pass@1"] - (4.0 / 7.0 + 1.0) / 2.0).abs() < 1e-12);
}

#[test]
fn within_the_tolerance_a_level_scores_zero_and_the_sample_goes_on() {
    // T = 600; the samples cost 500 and 600 in level 1, 750 and 900 in level 2
    let run_with = |tolerance_fuel| {
        let by_number = BTreeMap::from([(0, vec!["cost=250".into(), "cost=300 wrong@3".into()])]);
        let input = EvaluationInput { problems: vec![problem(0)], samples: Samples { by_number } };
        let identity = RunnerIdentity { engine: "scripted".into(), meter: Meter::Native, cost_table: "fuel-1" };
        let options = Options { tolerance_fuel, ..options() };
        let mut study = Study::new(input, options, guest(), identity, 1).unwrap();
        run(&mut study, |_| 0);
        let samples = report(&study).problems[0].samples.clone();
        samples.into_iter().map(|sample| (sample.verdict, sample.level_scores)).collect::<Vec<_>>()
    };
    let censored = [(Verdict::OutOfFuel, vec![0.0, 0.25, 0.0]), (Verdict::OutOfFuel, vec![0.0; 3])];
    assert_eq!(run_with(149), censored);
    // not stopped, the second is seen to be wrong
    assert_eq!(run_with(300), [(Verdict::Passed, vec![0.0, 0.25, 0.0]), (Verdict::WrongOutput, vec![0.0; 3])]);
}

#[test]
fn the_report_depends_neither_on_order_nor_on_who_remembers() {
    let mut first = study(&SOURCES);
    let facts = run(&mut first, |_| 0);
    let mut state = 1_usize;
    for _ in 0..20 {
        let mut other = study(&SOURCES);
        run(&mut other, |flying| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % flying
        });
        assert_eq!(report(&other), report(&first));
    }
    // the recorded events, by way of their JSON and in reverse, rebuild the report with nothing run
    let mut replayed = study(&SOURCES);
    for fact in facts.iter().rev() {
        replayed.learn(serde_json::from_str(&serde_json::to_string(fact).unwrap()).unwrap());
    }
    assert_eq!(replayed.next_command(), None);
    assert_eq!(report(&replayed), report(&first));
    assert_eq!(rescore(&report(&first), None).unwrap(), report(&first));
}

#[test]
fn an_interrupted_study_goes_on_where_it_was() {
    let mut whole = study(&SOURCES);
    run(&mut whole, |_| 0);
    let mut cut = study(&SOURCES);
    let mut facts = Vec::new();
    while facts.len() < 3 {
        let command = cut.next_command().unwrap();
        facts.extend(cut.accept(command.id, scripted(&command)));
    }
    let partial = report(&cut);
    assert!(partial.coverage.interrupted && !cut.is_done());
    let mut resumed = study(&SOURCES);
    facts.into_iter().for_each(|fact| resumed.learn(fact));
    run(&mut resumed, |_| 0);
    assert_eq!(report(&resumed), report(&whole));
}

#[test]
fn failures_of_the_machinery_are_counted_and_never_a_zero() {
    let mut study = study(&["cost=100", "cost=100 broken@3", "cost=100 deadline@2"]);
    run(&mut study, |flying| flying - 1);
    let report = report(&study);
    assert_eq!((report.metrics["pass@1"], report.metrics["eff@1"]), (1.0, 1.0));
    assert_eq!(
        (report.coverage.infrastructure_failures, report.coverage.samples, report.coverage.samples_total),
        (2, 2, 4)
    );
    assert!(!report.coverage.interrupted);
    let again = study.progress();
    assert_eq!(again.done, again.total);
}

#[test]
fn a_failing_reference_excludes_its_problem() {
    let failing = Problem { reference: "cost=100 raise@3".into(), ..problem(0) };
    let mut study = study_of(failing, &["cost=100"]);
    run(&mut study, |_| 0);
    let report = report(&study);
    assert_eq!(report.problems[0].status, ProblemStatus::InfrastructureFailure);
    assert_eq!((report.coverage.problems, report.coverage.infrastructure_failures), (1, 1));
    assert!(!report.coverage.interrupted);
}

#[test]
fn a_cancelled_command_is_handed_out_again() {
    let mut study = study(&["cost=100"]);
    let command = study.next_command().unwrap();
    assert_eq!(study.accept(command.id, Err(RunError::Cancelled)), []);
    let again = study.next_command().unwrap();
    assert_eq!((&again.job, again.limits), (&command.job, command.limits));
    assert_eq!(study.accept(command.id, scripted(&command)), [], "its first number is spent");
}

#[test]
fn the_key_names_what_decides_the_result() {
    let base = study(&["cost=100"]);
    assert_eq!(base.key(), study(&["cost=100"]).key());
    assert_ne!(base.key(), study(&["cost=101"]).key());
    let options = Options { seed: 1, ..options() };
    let by_number = BTreeMap::from([(0, vec!["cost=100".into()]), (1, vec!["cost=100".into()])]);
    let input = EvaluationInput { problems: vec![problem(0), problem(1)], samples: Samples { by_number } };
    let identity = RunnerIdentity { engine: "scripted".into(), meter: Meter::Native, cost_table: "fuel-1" };
    assert_ne!(base.key(), Study::new(input, options, guest(), identity, 1).unwrap().key());
}

#[test]
fn bad_options_are_refused() {
    let refused = |change: fn(&mut Options)| {
        let mut options = options();
        change(&mut options);
        options.validate().is_err()
    };
    assert!(!refused(|_| {}));
    assert!(refused(|options| options.k = vec![0]));
    assert!(refused(|options| options.alpha = 1.0));
    assert!(refused(|options| options.alpha = f64::NAN));
    assert!(refused(|options| options.hardness = vec![0.0; 3]));
    assert!(refused(|options| options.tests_per_level = vec![1]));
    assert!(refused(|options| options.repeats = 0));
    assert!(refused(|options| options.limits.memory_bytes = 1));
}
