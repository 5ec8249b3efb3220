#![allow(clippy::unwrap_used)]
use frugal_bench::suite::frugal::Point;
use frugal_fuel::{Guest, Language, Limits, Meter, RunnerIdentity};
use frugal_report::{NativeProvenance, Timing, Unmeasured, stability_table, validity_table};

use super::*;

fn source() -> Source {
    Source {
        identity: RunnerIdentity { engine: "e".into(), meter: Meter::Native, cost_table: "fuel-1" },
        guest: Guest { language: Language::Python, version: "1".into(), sha256: "0".repeat(64) },
        content_sha256: "1".repeat(64),
    }
}

fn stability(calls: Vec<Call>) -> Result<frugal_report::StabilityReport, frugal_score::ScoreError> {
    stability_report(StabilityInput {
        set: "s".into(),
        runs: 4,
        calls,
        unmeasured: vec![Unmeasured { name: "x".into(), reason: "out_of_fuel".into() }],
        limits: Limits::default(),
        source: source(),
        timing: Timing::default(),
    })
}

fn call(net_fuel: [u64; 4], wall_ms: [f64; 4]) -> Call {
    Call { name: "c".into(), net_fuel: net_fuel.into(), wall_ms: wall_ms.into() }
}

#[test]
fn one_unit_of_difference_is_seen_even_where_it_is_trimmed() {
    let steady = call([100; 4], [1.0, 1.0, 1.0, 9.0]);
    let report = stability(vec![steady.clone(), call([300; 4], [3.0, 2.9, 3.1, 3.0])]).unwrap();
    assert_eq!(report.fuel_relative_standard_deviation, 0.0);
    assert_eq!(report.fuel_relative_standard_deviation_untrimmed, 0.0);
    assert!(report.wall_relative_standard_deviation == 0.0 && report.wall_relative_standard_deviation_untrimmed > 0.5);
    let report = stability(vec![steady, call([300, 300, 300, 301], [3.0; 4])]).unwrap();
    assert_eq!(report.fuel_relative_standard_deviation, 0.0, "the one larger run is left out");
    assert!(report.fuel_relative_standard_deviation_untrimmed > 0.0);
    assert!(stability_table(&report).contains("not measured: x: out_of_fuel"));
    assert_eq!(frugal_report::StabilityReport::from_json(&report.to_json().unwrap()).unwrap(), report);
}

#[test]
fn too_little_is_refused() {
    assert!(stability(vec![]).is_err());
    assert!(stability(vec![call([100; 4], [1.0; 4])]).is_err(), "one call has no correlation");
    assert!(stability(vec![call([1; 4], [1.0; 4]), call([2; 4], [2.0, f64::NAN, 2.0, 2.0])]).is_err());
}

fn validity(counts: &[(u64, u64)]) -> Result<frugal_report::ValidityReport, frugal_score::ScoreError> {
    let point = |at: usize| Point { problem: format!("p{at}"), solution: "s".into(), size: 1, seed: 1 };
    let counted = |(at, &(net_fuel, native_instructions)): (usize, &(u64, u64))| CountedPoint {
        point: point(at),
        net_fuel,
        native_instructions,
    };
    validity_report(ValidityInput {
        fixed: Fixed { rule: "r".into(), points_sha256: "2".repeat(64) },
        points: counts.iter().enumerate().map(counted).collect(),
        unmeasured: Vec::new(),
        native: NativeProvenance { interpreter: "i".into(), counter: "c".into(), platform: "p".into() },
        limits: Limits::default(),
        source: source(),
        timing: Timing::default(),
    })
}

#[test]
fn a_multiple_is_valid_and_an_outlier_is_named() {
    let report = validity(&[(200, 100), (2_000, 1_000), (20_000, 10_000), (2_000_000, 1_000_000)]).unwrap();
    assert!(report.pearson.is_met() && report.log_log_pearson.is_met());
    assert!((report.log_log_slope - 1.0).abs() < 1e-12 && (report.fuel_per_instruction - 2.0).abs() < 1e-12);
    assert!(report.residual_standard_deviation < 1e-12);
    // one point costs 16 times as much as the line says
    let report = validity(&[(200, 100), (2_000, 1_000), (320_000, 10_000), (200_000, 100_000), (2_000_000, 1_000_000)]);
    let report = report.unwrap();
    assert_eq!(report.worst[0], 2);
    assert!(!report.log_log_pearson.is_met() && report.points[2].residual > 2.0);
    assert!(validity_table(&report).contains("floor 0.995 MISSED"));
    assert_eq!(frugal_report::ValidityReport::from_json(&report.to_json().unwrap()).unwrap(), report);
    assert!(validity(&[(0, 1), (2, 2)]).is_err() && validity(&[]).is_err());
}
