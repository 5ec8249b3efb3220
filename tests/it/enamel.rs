//! `frugal eval` and `frugal score`, whole, on the small problems; on the real files in `real_data`.

use std::path::Path;

use frugal_report::{EvaluationReport, Timing};

use crate::command::frugal;

fn small(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/enamel-small").join(name).display().to_string()
}

pub(crate) fn evaluate(problems: &str, samples: &str, more: &[&str]) -> EvaluationReport {
    let base = ["eval", "--problems", problems, "--samples", samples, "--json"];
    let output = frugal(&[&base, more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut report = EvaluationReport::from_json(&String::from_utf8(output.stdout).unwrap()).unwrap();
    report.timing = Timing::default();
    report
}

#[test]
fn every_form_of_samples_gives_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result.json").display().to_string();
    let list = evaluate(&small("enamel.csv"), &small("samples-list.json"), &["--k", "1,3", "--out", &out]);
    // of three solutions each, two are right and one is the reference itself
    assert!((list.metrics["pass@1"] - 2.0 / 3.0).abs() < 1e-12, "{:?}", list.metrics);
    assert_eq!((list.metrics["pass@3"], list.metrics["eff@3"]), (1.0, 1.0));
    let ([low, high], eff) = (list.intervals["eff@1"], list.metrics["eff@1"]);
    assert!(low <= eff && eff <= high && low < high, "{low} {eff} {high}");
    assert!(list.problems.iter().all(|problem| problem.samples[0].efficiency == 1.0));
    for form in ["samples-dict.json", "samples-evalplus.jsonl", "samples-folder", "samples.zip"] {
        assert_eq!(evaluate(&small("enamel.csv"), &small(form), &["--k", "1,3", "--jobs", "3"]), list, "{form}");
    }
    let scored = frugal(&["score", &out, "--json"]);
    let mut scored = EvaluationReport::from_json(&String::from_utf8(scored.stdout).unwrap()).unwrap();
    scored.timing = Timing::default();
    assert_eq!(scored, list);
}

#[test]
fn references_score_one() {
    let folder = tempfile::tempdir().unwrap();
    let lists: Vec<Vec<String>> = serde_json::from_slice(&std::fs::read(small("samples-list.json")).unwrap()).unwrap();
    let references: Vec<_> = lists.iter().map(|samples| samples.iter().take(1).collect::<Vec<_>>()).collect();
    let own = folder.path().join("references.json");
    std::fs::write(&own, serde_json::to_vec(&references).unwrap()).unwrap();
    let metrics = evaluate(&small("enamel.csv"), &own.display().to_string(), &["--k", "1"]).metrics;
    assert_eq!((metrics["pass@1"], metrics["eff@1"]), (1.0, 1.0));
}
