//! Net fuel of a fixed set of programs, per guest digest. A changed figure is a changed guest or cost
//! table and needs a new version of it. `UPDATE_GOLDEN=1` rewrites the file; read the difference.

use std::{collections::BTreeMap, fs};

use frugal_fuel::{Language, Meter, Runner};

use crate::{corpus, runner};

fn check(language: Language, at_least: usize) {
    let guest = runner::runner(Meter::Native).guests().into_iter().find(|guest| guest.language == language);
    let guest = guest.expect("the shipped guests are installed");
    let cases = corpus::cases(&format!("vectors/guests/{language}"));
    assert!(cases.len() >= at_least, "{} {language} programs, {at_least} wanted", cases.len());
    let mut seen = BTreeMap::new();
    for case in &cases {
        let report = runner::report(&case.request);
        assert_eq!(report.outcome.name(), "finished", "{}: {report:#?}", case.name);
        let again = runner::report(&case.request);
        assert_eq!(report.net_fuel, again.net_fuel, "{}: two fresh instances differ", case.name);
        let value = report.value.map(|value| value.text).unwrap_or_default();
        seen.insert(case.name.clone(), (report.net_fuel.to_string(), value, report.stdout));
    }
    let path = corpus::folder("vectors/guests").join(format!("{language}-{}.json", &guest.sha256[..12]));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&seen).unwrap() + "\n").unwrap();
    }
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let golden: BTreeMap<String, (String, String, String)> = serde_json::from_str(&text).unwrap();
    assert_eq!(seen, golden);
}

#[test]
fn python_programs_cost_what_they_did() {
    check(Language::Python, 40);
}

#[test]
fn javascript_programs_cost_what_they_did() {
    check(Language::JavaScript, 20);
}

#[test]
fn a_hundred_runs_cost_the_same_to_the_unit() {
    for language in [Language::Python, Language::JavaScript] {
        let cases = corpus::cases(&format!("vectors/guests/{language}"));
        let case = cases.first().expect("the corpus has programs");
        let first = runner::report(&case.request);
        for run in 1..100 {
            let next = runner::report(&case.request);
            assert_eq!((next.net_fuel, next.raw_fuel), (first.net_fuel, first.raw_fuel), "{}, run {run}", case.name);
        }
    }
}
