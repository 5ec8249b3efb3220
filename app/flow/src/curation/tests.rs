//! A fake runner: sources are words that say what running them does.
#![allow(clippy::unwrap_used)]
use std::cell::RefCell;

use frugal_bench::suite::evalperf::{Pool, parse_tasks};
use frugal_fuel::{Fuel, Guest, Job, Language, Limits, Measurement, Outcome, Output, Phase, RunError};
use frugal_report::{ClusterAgreement, Timing};

use super::*;

fn guest() -> Guest {
    Guest { language: Language::Python, version: "1".into(), sha256: "0".repeat(64) }
}

fn pool(generators: &[&str], solutions: usize) -> Pool {
    Pool {
        task_id: "HumanEval/1".into(),
        entry_point: "f".into(),
        canonical_solution: "cost=10".into(),
        contract: None,
        generators: generators.iter().map(|text| (*text).to_owned()).collect(),
        inputs: Vec::new(),
        // four classes of cost
        solutions: (0..solutions).map(|at| format!("cost={}", 10_u64.pow(u32::try_from(at % 4).unwrap()))).collect(),
    }
}

fn word<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split_once(key)?.1.split(['"', ' ', '\\']).next()
}

/// A generator returns `(scale,)`; `stop=N` ends it there as `how` says. A solution costs `cost` times the scale.
fn run(job: &Job, limits: &Limits, how: &Outcome) -> Result<Measurement, RunError> {
    let Job::Guest(job) = job else { unreachable!() };
    let (define, prepare) = (std::str::from_utf8(&job.define).unwrap(), std::str::from_utf8(&job.prepare).unwrap());
    let argument: u64 = prepare.split_once('[').unwrap().1.split(']').next().unwrap().parse().unwrap();
    let ended = |outcome: Outcome| {
        let fuel = Fuel { raw: 0, baseline: 0, lower_bound: true };
        Ok(Measurement { outcome, fuel, output: Output::Nothing })
    };
    let finished = |value: String, raw| {
        let reply = format!("{{\"value\":{value},\"stdout\":\"\",\"stderr\":\"\"}}").into_bytes();
        let fuel = Fuel { raw, baseline: 0, lower_bound: false };
        Ok(Measurement { outcome: Outcome::Finished, fuel, output: Output::Guest(reply) })
    };
    if let Some(cost) = word(define, "cost=") {
        let units = cost.parse::<u64>().unwrap() * argument * 1_000;
        if units > limits.fuel {
            return ended(Outcome::OutOfFuel { phase: Phase::Call });
        }
        return finished("null".into(), units);
    }
    if let Some(most) = word(define, "most=") {
        return finished((argument <= most.parse().unwrap()).to_string(), 1);
    }
    if word(define, "stop=").is_some_and(|stop| argument >= stop.parse().unwrap()) {
        return ended(how.clone());
    }
    finished(format!("{{\"t\":[{argument}]}}"), 1)
}

fn raised(kind: &str) -> Outcome {
    let message = format!("{{\"type\":\"{kind}\",\"message\":\"m\",\"traceback\":\"\",\"phase\":\"call\"}}");
    Outcome::GuestError { phase: Phase::Call, message }
}

fn curated(pool: &Pool, options: CurationOptions, how: &Outcome) -> Curated {
    curate(pool, &options, &guest(), &|job: &Job, limits: &Limits| run(job, limits, how)).unwrap()
}

fn with_fuel(fuel: u64) -> CurationOptions {
    CurationOptions { limits: Limits { fuel, ..Limits::default() }, ..CurationOptions::default() }
}

#[test]
fn a_pool_becomes_a_task_with_the_slowest_of_each_cluster_as_reference() {
    let got = curated(&pool(&["stop=64"], 12), CurationOptions::default(), &Outcome::OutOfMemory);
    assert_eq!(got.report.rejection, None);
    assert_eq!(got.report.input.as_deref(), Some("generator 0 at scale 32"));
    assert_eq!(got.report.generators[0].ended, "out_of_memory");
    assert_eq!(got.report.clusters, Some(4));
    let scores: Vec<f64> = got.report.references.iter().map(|one| one.score).collect();
    assert_eq!(scores, [25.0, 50.0, 75.0, 100.0]);
    let fuel: Vec<u64> = got.report.references.iter().map(|one| one.net_fuel.0).collect();
    assert_eq!(fuel, [32_000_000, 3_200_000, 320_000, 32_000]);
    let tasks = parse_tasks(got.task_line.unwrap().as_bytes(), "t").unwrap();
    assert_eq!((tasks[0].references.len(), tasks[0].arguments_json.as_str()), (4, "[32]"));
    assert_eq!(tasks[0].entry_point.as_deref(), Some("f"));
}

#[test]
fn every_stop_rule_ends_the_doubling_and_every_fault_the_generator() {
    let ended = |how: &Outcome| {
        let got = curated(&pool(&["stop=64"], 12), CurationOptions::default(), how).report;
        (got.generators[0].ended.clone(), got.generators[0].well_behaved)
    };
    let limit = |name: &str| (name.to_owned(), true);
    assert_eq!(ended(&Outcome::OutOfFuel { phase: Phase::Call }), limit("out_of_fuel"));
    assert_eq!(ended(&Outcome::PastDeadline), limit("out_of_fuel"));
    assert_eq!(ended(&raised("MemoryError")), limit("out_of_memory"));
    assert_eq!(ended(&Outcome::OutputTooLarge), limit("input_too_large"));
    assert_eq!(ended(&raised("ValueError")), ("raised".to_owned(), false));
    let largest = CurationOptions { scale_exponent_max: 5, ..CurationOptions::default() };
    assert_eq!(
        curated(&pool(&["stop=64"], 12), largest, &Outcome::OutOfMemory).report.generators[0].ended,
        "largest_scale"
    );
    let small = CurationOptions { input_bytes_max: 3, ..CurationOptions::default() };
    let got = curated(&pool(&["any"], 12), small, &Outcome::OutOfMemory).report;
    assert_eq!((got.generators[0].ended.as_str(), got.generators[0].scale), ("input_too_large", Some(8)));
    let contract = Pool { contract: Some("most=16".into()), ..pool(&["any"], 12) };
    let got = curated(&contract, CurationOptions::default(), &Outcome::OutOfMemory).report;
    assert_eq!((got.generators[0].ended.as_str(), got.generators[0].well_behaved), ("contract", false));
    assert_eq!(got.rejection.unwrap().name, "no_input");
}

#[test]
fn an_ill_behaved_generator_is_followed_by_the_next_and_a_good_one_by_none() {
    let tried = RefCell::new(Vec::new());
    let pool = pool(&["stop=2", "stop=16", "stop=4"], 12);
    let watched = |job: &Job, limits: &Limits| {
        let Job::Guest(guest_job) = job else { unreachable!() };
        tried.borrow_mut().push(String::from_utf8(guest_job.define.clone()).unwrap());
        let fails = guest_job.define.windows(6).any(|part| part == b"stop=2");
        run(job, limits, &if fails { raised("KeyError") } else { Outcome::OutOfMemory })
    };
    let got = curate(&pool, &CurationOptions::default(), &guest(), &watched).unwrap().report;
    assert_eq!(got.generators.len(), 2);
    assert_eq!((got.generators[0].ended.as_str(), got.generators[1].scale), ("raised", Some(8)));
    assert!(!tried.borrow().iter().any(|define| define.contains("stop=4")));
}

#[test]
fn an_input_on_which_a_solution_is_too_slow_is_passed_over() {
    // the canonical solution masters scale 32 within 32 * 10,000 units, the slowest only 1/100 of that
    let options = with_fuel(4_000_000);
    let got = curated(&pool(&["stop=64"], 12), options, &Outcome::OutOfMemory).report;
    assert_eq!(got.rejection.unwrap().name, "too_slow");
    let smaller = CurationOptions { smaller_scales: true, ..options };
    let got = curated(&pool(&["stop=64"], 12), smaller, &Outcome::OutOfMemory).report;
    assert_eq!(got.input.as_deref(), Some("generator 0 at scale 4"));
    // the cheapest costs 4,000 units there
    assert_eq!(got.rejection.unwrap().name, "compute");
}

#[test]
fn filters_name_their_rejection() {
    let name = |pool: &Pool| {
        curated(pool, CurationOptions::default(), &Outcome::OutOfMemory)
            .report
            .rejection
            .map(|rejection| rejection.name)
    };
    assert_eq!(name(&pool(&["stop=64"], 9)).as_deref(), Some("size"));
    assert_eq!(name(&pool(&["stop=8"], 12)).as_deref(), Some("compute"));
    let mut alike = pool(&["stop=64"], 12);
    alike.solutions = vec!["cost=5".into(); 12];
    assert_eq!(name(&alike).as_deref(), Some("diversity"));
}

#[test]
fn agreement_is_minus_one_where_faster_clusters_cost_less() {
    let published: Vec<PublishedSolution> = (0..8_u32)
        .map(|at| PublishedSolution { source: format!("cost={}", 100 - at), cluster: f64::from(at) - 1.0 })
        .collect();
    let run = |job: &Job, limits: &Limits| run(job, limits, &Outcome::OutOfMemory);
    let pool = pool(&["stop=64"], 1);
    let agree = |published: &[PublishedSolution]| {
        cluster_agreement(&pool, published, &CurationOptions::default(), &guest(), &run).unwrap()
    };
    let found = agree(&published).unwrap();
    assert!((found.spearman + 1.0).abs() < 1e-12 && found.solutions == 8);
    let one = PublishedSolution { cluster: 2.0, ..published[0].clone() };
    assert!(agree(&[one.clone(), one]).unwrap_err().contains("one cluster"));
    assert!(agree(&[]).unwrap_err().contains("no solution"));
    let input = AgreementInput {
        tasks: vec![found.clone(), ClusterAgreement { spearman: 0.5, ..found }],
        not_rebuilt: Vec::new(),
        limits: Limits::default(),
        source: crate::agreement::Source {
            identity: frugal_fuel::RunnerIdentity {
                engine: "e".into(),
                meter: frugal_fuel::Meter::Native,
                cost_table: "fuel-1",
            },
            guest: guest(),
            content_sha256: "1".repeat(64),
        },
        timing: Timing::default(),
    };
    let report = cluster_agreement_report(input).unwrap();
    let spread = report.distribution.unwrap();
    assert_eq!((spread.median, spread.negative, spread.at_most_minus_four_fifths), (-0.25, 1, 1));
}
