#![allow(clippy::unwrap_used)]
use super::*;
use std::collections::BTreeMap;

const LARGE: u64 = (1 << 53) + 1;

fn limits() -> LimitsReport {
    LimitsReport {
        fuel: FuelUnits(LARGE),
        setup_fuel: FuelUnits(7),
        memory_bytes: 1 << 29,
        output_bytes: 1 << 24,
        call_depth: 10_000,
        wall_ms: 60_000,
    }
}

fn provenance() -> Provenance {
    Provenance {
        frugal_version: "0.1.0".into(),
        engine: "wasmtime 48.0.8".into(),
        meter: "native".into(),
        cost_table: "fuel-1".into(),
        guest: Some(GuestProvenance {
            language: "python".into(),
            version: "cpython-3.14.0".into(),
            sha256: "ab".into(),
        }),
        program_sha256: "cd".into(),
        key: "ef".into(),
    }
}

fn run() -> RunReport {
    RunReport {
        schema: RUN_SCHEMA.into(),
        outcome: OutcomeKind::Finished,
        phase: None,
        trap: None,
        error: None,
        rejection: None,
        net_fuel: FuelUnits(LARGE),
        raw_fuel: FuelUnits(LARGE + 2),
        baseline_fuel: FuelUnits(2),
        fuel_is_lower_bound: false,
        value: Some(ValueReport { text: "1".into(), tagged_json: "123456789012345678901234567890".into() }),
        stdout: String::new(),
        stderr: String::new(),
        limits: limits(),
        provenance: provenance(),
        profile: None,
        profile_refusal: None,
        wall_ms: None,
    }
}

fn evaluation() -> EvaluationReport {
    let case = |net_fuel| CaseFuel { net_fuel: FuelUnits(net_fuel), is_lower_bound: false };
    let sample = SampleReport {
        index: 0,
        source_sha256: "00".into(),
        verdict: Verdict::WrongOutput,
        passed: false,
        efficiency: 0.1 + 0.2,
        level_scores: vec![0.0, 0.25],
        fuel: vec![vec![case(5)], vec![case(9), case(LARGE)]],
        cost_ratio: Some(1.5),
        message: Some("=HYPERLINK(\"x\")\u{1b}[2J | `<b>`".into()),
        place: Some(CasePlace { level: 1, case: 2 }),
    };
    let problem = ProblemReport {
        task_id: "HumanEval/0".into(),
        entry_point: "f".into(),
        status: ProblemStatus::Evaluated,
        message: None,
        reference_fuel: vec![vec![FuelUnits(4)], vec![FuelUnits(LARGE + 1), FuelUnits(3)]],
        limit_fuel: FuelUnits(2 * LARGE),
        samples: vec![sample],
    };
    EvaluationReport {
        schema: EVALUATION_SCHEMA.into(),
        suite: "enamel".into(),
        metrics: BTreeMap::from([("eff@1".into(), 0.5), ("pass@10".into(), 1.0), ("pass@1".into(), 0.75)]),
        intervals: BTreeMap::from([("eff@1".into(), [0.25, 0.75])]),
        notices: vec![],
        coverage: Coverage { problems: 1, problems_total: 142, samples: 1, samples_total: 1, ..Coverage::default() },
        options: EvaluationOptions {
            k: vec![1],
            alpha: 2.0,
            hardness: vec![0.0, 3.0],
            tolerance_fuel: FuelUnits(0),
            tests_per_level: vec![1, 2],
            repeats: 1,
            seed: 998_244_353,
            limits: limits(),
        },
        problems: vec![problem],
        provenance: provenance(),
        timing: Timing::default(),
    }
}

#[test]
fn reports_survive_json() {
    let json = run().to_json().unwrap();
    assert!(json.contains("\"net_fuel\": \"9007199254740993\""), "{json}");
    assert_eq!(RunReport::from_json(&json).unwrap(), run());
    let json = evaluation().to_json().unwrap();
    assert_eq!(EvaluationReport::from_json(&json).unwrap(), evaluation());
}

#[test]
fn another_schema_is_refused() {
    let json = run().to_json().unwrap().replace("frugal.run/1", "frugal.run/2");
    let error = RunReport::from_json(&json).unwrap_err().to_string();
    assert!(error.contains("frugal.run/2") && error.contains("frugal.run/1"), "{error}");
    assert!(EvaluationReport::from_json(&run().to_json().unwrap()).is_err());
}

#[test]
fn csv_keeps_every_digit_and_no_formula() {
    let text = evaluation_csv(&evaluation()).unwrap();
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let field = |name: &str| &row[header.iter().position(|column| column == name).unwrap()];
    assert_eq!(field("level_1_max_fuel"), "9007199254740993");
    assert_eq!(field("level_1_reference_max_fuel"), "9007199254740994");
    assert_eq!(field("where"), "level 1 case 2");
    assert!(field("message").starts_with("'=HYPERLINK") && !text.contains('\u{1b}'));
}

#[test]
fn markdown_and_table_show_metrics_in_order_and_no_markup() {
    let page = evaluation_markdown(&evaluation());
    let at = |needle: &str| page.find(needle).unwrap();
    assert!(at("| pass@1 |") < at("| eff@1 |") && at("| eff@1 |") < at("| pass@10 |"));
    assert!(!page.contains("<b>") && !page.contains('\u{1b}'));
    assert!(page.contains("| eff@1 | 0.5000 | 0.2500 to 0.7500 |\n") && page.contains("| pass@1 | 0.7500 |  |\n"));
    let table = evaluation_table(&evaluation());
    assert!(table.contains("wrong_output") && table.contains("eff@1      0.5000  95 % interval 0.2500 to 0.7500\n"));
    assert!(run_text(&run()).contains("net fuel   9007199254740993"));
}

#[test]
fn results_of_older_versions_are_read() {
    let mut older: serde_json::Value = serde_json::from_str(&evaluation().to_json().unwrap()).unwrap();
    older.as_object_mut().unwrap().remove("intervals");
    let read = EvaluationReport::from_json(&older.to_string()).unwrap();
    assert_eq!(read, EvaluationReport { intervals: BTreeMap::new(), ..evaluation() });
    let mut older: serde_json::Value = serde_json::from_str(&comparison().to_json().unwrap()).unwrap();
    older.as_object_mut().unwrap().remove("cost_pairs");
    let read = ComparisonReport::from_json(&older.to_string()).unwrap();
    assert_eq!(read, ComparisonReport { cost_pairs: vec![], ..comparison() });
}

fn comparison() -> ComparisonReport {
    let model = |name: &str| ModelReport {
        name: name.into(),
        metrics: BTreeMap::from([("dps".into(), 80.0)]),
        intervals: BTreeMap::from([("dps".into(), [70.0, 90.0])]),
        failures: BTreeMap::new(),
        skipped: vec![],
    };
    let pair = |wins, cost_ratio| Some(CostPairReport { common_tasks: 4, wins, ties: 1, cost_ratio });
    let aligned = |dps, opponent_dps| Some(AlignedReport { dps, opponent_dps, common_tasks: 3 });
    let sample = ComparedSample {
        model: 1,
        index: 0,
        source_sha256: "00".into(),
        verdict: Verdict::Error,
        passed: false,
        fuel: vec![],
        cost_ratio: None,
        scores: BTreeMap::new(),
        message: Some("=1+1 | <b>".into()),
        place: Some("case 2".into()),
        failure: Some("call: TypeError".into()),
    };
    let problem = ComparedProblem {
        task_id: "rug_sizes".into(),
        status: ProblemStatus::Evaluated,
        message: None,
        references: vec![ComparedReference { name: "divide".into(), score: None, fuel: vec![FuelUnits(LARGE)] }],
        samples: vec![sample],
        models: vec![],
    };
    ComparisonReport {
        schema: COMPARISON_SCHEMA.into(),
        suite: "frugal".into(),
        models: vec![model("=one"), model("two")],
        aligned_dps: vec![vec![None, aligned(60.0, 50.0)], vec![aligned(50.0, 60.0), None]],
        cost_pairs: vec![vec![None, pair(2, 0.5)], vec![pair(1, 2.0), None]],
        notices: vec![],
        coverage: Coverage::default(),
        options: ComparisonOptions { k: vec![1], min_correct: 1, max_profile: 2, seed: 0, limits: limits() },
        problems: vec![problem],
        provenance: provenance(),
        timing: Timing::default(),
    }
}

#[test]
fn how_models_compare_stands_in_every_form() {
    let report = comparison();
    assert_eq!(ComparisonReport::from_json(&report.to_json().unwrap()).unwrap(), report);
    let csv = model_pairs_csv(&report).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[1..], ["'=one,two,4,2,1,0.625,0.5,60,50,3", "two,'=one,4,1,1,0.375,2,50,60,3"]);
    let alone = ComparisonReport { cost_pairs: vec![], aligned_dps: vec![], ..report.clone() };
    assert_eq!(model_pairs_csv(&alone).unwrap().lines().count(), 1);
    let table = comparison_table(&report);
    assert!(
        table.contains("two against =one: cheaper on 1 of 4 common tasks, 1 alike, cost ratio 2.0000\n"),
        "{table}"
    );
    assert!(table.contains("dps                          80.0000  95 % interval 70.0000 to 90.0000\n"), "{table}");
    let page = comparison_markdown(&report);
    assert!(page.contains("| two | dps | 80.0000 | 70.0000 to 90.0000 |\n"), "{page}");
    assert!(page.contains("| =one | two | 4 | 2 | 1 | 0.5000 |\n") && !page.contains("<b>"), "{page}");
    assert!(page.contains("| rug_sizes | two | 0 | error |  | case 2 | =1+1 \\| &lt;b> |\n"), "{page}");
}
