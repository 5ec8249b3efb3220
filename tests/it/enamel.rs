//! `frugal eval` and `frugal score`, whole, on the small problems; on the real files with `FRUGAL_DATA=DIR`.

use std::path::{Path, PathBuf};

use frugal_report::{EvaluationReport, Timing};

use crate::command::frugal;

fn small(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/enamel-small").join(name).display().to_string()
}

fn evaluate(problems: &str, samples: &str, more: &[&str]) -> EvaluationReport {
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
    assert!(list.problems.iter().all(|problem| problem.samples[0].efficiency == 1.0));
    for form in ["samples-dict.json", "samples-evalplus.jsonl", "samples-folder"] {
        assert_eq!(evaluate(&small("enamel.csv"), &small(form), &["--k", "1,3", "--jobs", "3"]), list, "{form}");
    }
    let scored = frugal(&["score", &out, "--json"]);
    let mut scored = EvaluationReport::from_json(&String::from_utf8(scored.stdout).unwrap()).unwrap();
    scored.timing = Timing::default();
    assert_eq!(scored, list);
}

/// The folder with the published files, where `FRUGAL_DATA` names one.
fn real_data() -> Option<PathBuf> {
    std::env::var_os("FRUGAL_DATA").map(|data| PathBuf::from(data).join("enamel"))
}

fn assert_references_score_one(problems: &str, samples: &str) {
    let metrics = evaluate(problems, samples, &["--k", "1"]).metrics;
    assert_eq!((metrics["pass@1"], metrics["eff@1"]), (1.0, 1.0), "{problems}");
}

/// On the small problems always, and on the published ones where they are.
#[test]
fn references_score_one() {
    let folder = tempfile::tempdir().unwrap();
    let lists: Vec<Vec<String>> = serde_json::from_slice(&std::fs::read(small("samples-list.json")).unwrap()).unwrap();
    let references: Vec<_> = lists.iter().map(|samples| samples.iter().take(1).collect::<Vec<_>>()).collect();
    let own = folder.path().join("references.json");
    std::fs::write(&own, serde_json::to_vec(&references).unwrap()).unwrap();
    assert_references_score_one(&small("enamel.csv"), &own.display().to_string());
    let Some(data) = real_data() else { return };
    let file = |name: &str| data.join(name).display().to_string();
    assert_references_score_one(&file("enamel.csv"), &file("samples/enamel-references.json"));
    let run = |samples: &str| evaluate(&file("enamel.csv"), &file(samples), &["--k", "1"]).metrics;
    let (plus, plain) = (run("samples/humanevalplus-canonical.json"), run("samples/humaneval-canonical.json"));
    assert!((plus["pass@1"] - 136.0 / 142.0).abs() < 1e-12, "{plus:?}");
    assert!(plus["eff@1"] > plain["eff@1"], "{plus:?} {plain:?}");
}
