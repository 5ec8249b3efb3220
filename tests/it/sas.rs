//! `frugal problems sas` against a scripted endpoint, with generators that really run.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json as value};

use crate::command::{frugal, json};
use crate::endpoint::{Act, Endpoint};
use crate::runner;

const PAIRS: &str = "def pairs(numbers):\n    return sum(a < b for a in numbers for b in numbers)\n";
const GOOD: &str = "def perf_input_gen(scale):\n    return (list(range(scale)),)\n";

fn answer(generator: &str) -> String {
    format!("Form: a list.\nVERDICT: GROWS\nGrowth: quadratic.\nDear inputs: long ones.\n```python\n{generator}```\n")
}

fn pools(folder: &Path) -> String {
    let line = |id: &str| {
        value!({"task_id": id, "entry_point": "pairs", "canonical_solution": PAIRS, "solutions": [PAIRS],
                "contract": "def contract(numbers):\n    return len(numbers) < 99\n"})
    };
    let file = folder.join("pools.jsonl");
    fs::write(&file, format!("{}\n\n{}\n", line("Frugal/1"), line("Frugal/2"))).unwrap();
    file.display().to_string()
}

fn sas(endpoint: &str, more: &[&str]) -> Output {
    let mut command = Command::new(runner::command());
    command.args(["problems", "sas", "--endpoint", endpoint, "--model", "scripted"]).args(more);
    for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "FRUGAL_API_KEY"] {
        command.env_remove(variable);
    }
    command.env("FRUGAL_GUESTS", crate::corpus::folder("../public/guests")).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn generators_are_read_checked_and_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let name = |file: &str| folder.path().join(file).display().to_string();
    let (pools, out, generators) = (pools(folder.path()), name("out.json"), name("with.jsonl"));
    let endpoint = Endpoint::start(|prompt, before| {
        assert!(prompt.contains(PAIRS.trim_end()) && prompt.contains("return len(numbers) < 99"), "{prompt}");
        Act::Stream(match before % 8 {
            0 | 1 => answer(GOOD),
            2 => "Form: a list.\nVERDICT: CONSTANT\n".to_owned(),
            3 => answer("def perf_input_gen(scale):\n    return [1] * scale\n"),
            4 => answer("def perf_input_gen(scale):\n    return (no_such_name,)\n"),
            5 => answer("def perf_input_gen(scale:\n    return (1,)\n"),
            6 => answer("def generate(scale):\n    return ([],)\n"),
            _ => format!("It is CONSTANT, or GROWS.\n```python\n{GOOD}```"),
        })
    });
    let more = ["--pools", &pools, "--samples", "8", "--parallel", "1", "--only", "Frugal/1", "--json"];
    let output = sas(&endpoint.url, &[&more[..], &["--out", &out, "--generators", &generators]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let task = &report["tasks"][0];
    let got: Vec<_> =
        task["generators"].as_array().unwrap().iter().map(|one| one["is_kept"].as_bool().unwrap()).collect();
    assert_eq!(got, [true, false, false, false], "{}", task["generators"]);
    let reason = |at: usize| task["generators"][at]["reason"].as_str().unwrap();
    assert_eq!(reason(1), "it returns no tuple of arguments");
    assert!(reason(2).contains("NameError") && reason(3).contains("SyntaxError"), "{task}");
    assert_eq!(task["constant_answers"], 1);
    let verdicts: Vec<_> =
        task["trace"].as_array().unwrap().iter().map(|step| step["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts[..3], ["kept", "a generator that is there already", "constant cost: no generator"]);
    assert!(verdicts[6].contains("`perf_input_gen`") && verdicts[7].contains("VERDICT"), "{verdicts:?}");
    assert_eq!(report["totals"]["tokens"]["requests"], 8);

    let line: Value = serde_json::from_str(fs::read_to_string(&generators).unwrap().trim_end()).unwrap();
    assert_eq!((&line["generators"], &line["solutions"]), (&value!([GOOD]), &value!([PAIRS])), "other fields stay");
    let trace = frugal(&["trace", &out]);
    let text = String::from_utf8_lossy(&trace.stdout).into_owned();
    for part in ["---- generators: generator 3", "---- generator 1: kept", "dropped: it returns no tuple"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn an_endpoint_that_is_down_ends_it_and_a_task_of_constant_cost_has_no_generator() {
    let folder = tempfile::tempdir().unwrap();
    let pools = pools(folder.path());
    let down = Endpoint::start(|_, _| Act::Fail(500, "", "out of order".to_owned()));
    let more = ["--pools", &pools, "--samples", "2", "--attempts", "1"];
    let output = sas(&down.url, &more);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("2 task(s) failed"), "{}", said(&output));
    let constant = Endpoint::start(|_, _| Act::Say("Form: a list.\nVERDICT: CONSTANT".to_owned()));
    let output = sas(&constant.url, &more);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("0 of 0 generator(s), 2 constant answer(s)"));
}

#[test]
fn bad_pools_name_the_line_and_ask_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start(|_, _| Act::Say("VERDICT: CONSTANT".to_owned()));
    let file = folder.path().join("bad.jsonl");
    let good = value!({"task_id": "a", "entry_point": "f", "canonical_solution": "x"}).to_string();
    for (text, why) in [
        (String::new(), "it holds no pools"),
        (format!("{good}\n{good}"), "line 2: `task_id` a stands twice"),
        (format!("{good}\n\n[1]"), "line 3: "),
        (format!("{good}\n{{\"task_id\": \"b\"}}"), "line 2: `entry_point` is missing"),
        (good.replace("\"x\"", "7"), "line 1: `canonical_solution` must be text"),
    ] {
        fs::write(&file, text).unwrap();
        let output = sas(&endpoint.url, &["--pools", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{why}: {}", said(&output));
        assert!(said(&output).contains(why), "{why} is not in {}", said(&output));
    }
    let output = sas(&endpoint.url, &["--pools", &pools(folder.path()), "--samples", "0"]);
    assert!(said(&output).contains("`samples` must lie between 1 and 100"), "{}", said(&output));
    assert_eq!(endpoint.asked().len(), 0);
}
