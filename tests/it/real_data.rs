//! The same commands on the published files of the benchmarks, which are no part of the project.
//!
//! `FRUGAL_DATA=DIR cargo xtask test --only data`, where DIR holds `enamel/enamel.csv` and `enamel/samples`.

use std::{collections::BTreeMap, path::PathBuf};

use crate::comparison::compare;
use crate::enamel::evaluate;

/// Metrics of one file of samples on all 142 problems.
fn enamel(samples: &str) -> BTreeMap<String, f64> {
    let data = PathBuf::from(std::env::var_os("FRUGAL_DATA").expect("FRUGAL_DATA names the folder of benchmark files"));
    let file = |name: &str| data.join("enamel").join(name).display().to_string();
    evaluate(&file("enamel.csv"), &file(samples), &["--k", "1"]).metrics
}

#[test]
#[ignore = "needs FRUGAL_DATA"]
fn enamel_references_score_one() {
    let references = enamel("samples/enamel-references.json");
    assert_eq!((references["pass@1"], references["eff@1"]), (1.0, 1.0));
}

#[test]
#[ignore = "needs FRUGAL_DATA"]
fn enamel_canonical_solutions_pass_as_published() {
    let (plus, plain) = (enamel("samples/humanevalplus-canonical.json"), enamel("samples/humaneval-canonical.json"));
    assert!((plus["pass@1"] - 136.0 / 142.0).abs() < 1e-12, "{plus:?}");
    assert!((plain["pass@1"] - 129.0 / 142.0).abs() < 1e-12, "{plain:?}");
    assert!(plus["eff@1"] > plain["eff@1"], "{plus:?} {plain:?}");
}

#[test]
#[ignore = "needs FRUGAL_DATA"]
fn coffe_ends_on_the_published_predictions() {
    let data = PathBuf::from(std::env::var_os("FRUGAL_DATA").expect("FRUGAL_DATA names the folder of benchmark files"));
    let file = |name: &str| data.join("coffe").join(name).display().to_string();
    // What needs more is stopped either way; the dearest ground truth, that of mbpp/96, takes 100.6 thousand million.
    let few = ["--k", "1", "--fuel", "110000000000"];
    let report = compare("coffe", &file("function"), &[&file("examples_function/GPT-4o.json")], &few);
    let metrics = &report.models[0].metrics;
    assert_eq!((report.coverage.problems_total, report.coverage.infrastructure_failures), (398, 0));
    assert_eq!((metrics["pass@1"], metrics["efficient@1"]), (322.0 / 398.0, 184.0 / 398.0), "{metrics:?}");
}
