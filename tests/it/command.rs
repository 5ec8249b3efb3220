//! The `frugal` command as a person uses it: what it prints, where, and its exit codes.

use std::{
    fs,
    process::{Command, Output},
};

use crate::{corpus, runner};

pub(crate) fn frugal(arguments: &[&str]) -> Output {
    Command::new(runner::command()).args(arguments).current_dir(corpus::folder("..")).output().unwrap()
}

pub(crate) fn json(output: &Output) -> serde_json::Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error} in {text}\nstderr: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn run_prints_one_report_whose_fuel_is_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sum.py");
    fs::write(&file, "def f(n):\n    return sum(range(n))\n").unwrap();
    let file = file.to_str().unwrap();
    let output = frugal(&["run", file, "--entry", "f", "--args", "[1000]", "--json"]);
    let report = json(&output);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(report["outcome"], "finished");
    assert_eq!(report["value"]["text"], "499500");
    let net: u64 = report["net_fuel"].as_str().expect("fuel is a decimal string").parse().unwrap();
    assert!(net > 1_000, "{net}");
    // Exactly that much is enough, one unit less is not.
    let with = |fuel: u64| {
        let fuel = fuel.to_string();
        let output = frugal(&["run", file, "--entry", "f", "--args", "[1000]", "--fuel", &fuel, "--json"]);
        (json(&output)["outcome"].as_str().unwrap().to_owned(), output.status.code())
    };
    assert_eq!(with(net + 1), ("finished".to_owned(), Some(0)));
    assert_eq!(with(net), ("finished".to_owned(), Some(0)));
    assert_eq!(with(net - 1), ("out_of_fuel".to_owned(), Some(1)));
}

#[test]
fn bad_usage_says_what_to_mend() {
    for arguments in [
        &["run", "no-such-file.py", "--entry", "f"][..],
        &["run", "README.md", "--entry", "f"],
        &["eval", "--suite", "enamel", "--problems", "README.md", "--samples", "README.md"],
        &["score", "README.md"],
        &["guest", "rebuild", "cobol"],
        &["fly"],
    ] {
        let output = frugal(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?} wrote to standard output");
        assert!(!output.stderr.is_empty(), "{arguments:?} said nothing");
    }
}
