//! `frugal problems stgen` against a scripted endpoint, with contracts, expressions and references that really run.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use frugal_bench::suite::coffe::{Files, parse_problems};
use serde_json::{Value, json as value};

use crate::command::{frugal, json};
use crate::endpoint::{Act, Endpoint};
use crate::{corpus, runner};

/// What the parts of our prompts are known by.
const CONTRACT: &str = "Write one more assertion";
const INPUTS: &str = "inputs for `solution`";

/// Says one thing after the other, apart for contracts and inputs; the last one again and again.
fn script(contracts: &'static [&'static str], inputs: &'static [&'static str]) -> Endpoint {
    let (of_contracts, of_inputs) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Endpoint::start(move |prompt, _| {
        let (said, at) = if prompt.contains(CONTRACT) {
            (contracts, of_contracts.fetch_add(1, Ordering::Relaxed))
        } else {
            assert!(prompt.contains(INPUTS), "not in the script: {prompt}");
            (inputs, of_inputs.fetch_add(1, Ordering::Relaxed))
        };
        Act::Stream(format!("So:\n```python\n{}\n```\n", said[at.min(said.len() - 1)]))
    })
}

fn small() -> String {
    corpus::folder("vectors/coffe-small/function").display().to_string()
}

fn stgen(endpoint: &str, more: &[&str]) -> Output {
    let mut command = Command::new(runner::command());
    command.current_dir(corpus::folder(".."));
    command.args(["problems", "stgen", "--endpoint", endpoint, "--model", "scripted"]).args(more);
    for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "FRUGAL_API_KEY"] {
        command.env_remove(variable);
    }
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn of<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|one| one[field].as_str().unwrap_or_default()).collect()
}

const CONTRACTS: &[&str] = &[
    "assert len(values) > 100",
    "assert isinstance(target, int)",
    "print(values)",
    "assert all(isinstance(value, int)\n    for value in values)",
    "assert all(isinstance(value, int)\nfor value in values)",
    "NONE",
];
const COSTLY: &[&str] = &[
    "[list(range(300)), 299]\n[[1, 4, 4, 7], 8],\n['ab', 3]\nundefined(3)",
    "[[7] * 100, 14]\n[list(range(0, 300)), 299]\n[list(range(3000)), 1]\n[3]",
    "[[value % 7 for value in range(200)], 6]",
];

/// What was measured of the first input is what a person measures.
fn assert_measured_alone(folder: &Path, problem: &Value) {
    let file = folder.join("reference.py");
    let best: Value =
        serde_json::from_slice(&fs::read(corpus::folder("vectors/coffe-small/function/best_solutions.json")).unwrap())
            .unwrap();
    fs::write(&file, best[problem["prompt"].as_str().unwrap()][0].as_str().unwrap()).unwrap();
    let arguments = format!("[{:?}, 299]", (0..300).collect::<Vec<_>>());
    let run = frugal(&["run", file.to_str().unwrap(), "--entry", "solution", "--args", &arguments, "--json"]);
    let (alone, in_loop) = (json(&run)["net_fuel"].clone(), problem["inputs"][0]["net_fuel"].clone());
    let number = |fuel: &Value| fuel.as_str().unwrap().parse::<f64>().unwrap();
    assert!((number(&alone) / number(&in_loop) - 1.0).abs() < 0.01, "{alone} and {in_loop}");
}

#[test]
fn contracts_hold_on_known_tests_and_inputs_hold_to_contracts() {
    let folder = tempfile::tempdir().unwrap();
    let (out, tests) = (folder.path().join("stress.json"), folder.path().join("tests.json"));
    let (out, tests) = (out.to_str().unwrap(), tests.to_str().unwrap());
    let endpoint = script(CONTRACTS, COSTLY);
    let problems = small();
    let more = ["--suite", "coffe", "--problems", &problems, "--only", "Frugal/0", "--inputs", "3", "--published", "2"];
    let limits = ["--fuel", "100000000", "--out", out, "--tests", tests, "--json"];
    let output = stgen(&endpoint.url, &[&more[..], &limits].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let problem = &report["problems"][0];

    let kept: Vec<bool> =
        problem["contracts"].as_array().unwrap().iter().map(|one| one["is_kept"].as_bool().unwrap()).collect();
    assert_eq!(kept, [false, true, false, true, false], "{}", problem["contracts"]);
    let reasons = of(&problem["contracts"], "reason");
    assert!(reasons[0].starts_with("AssertionError on the known test [[1, 4, 4, 7], 8]"), "{reasons:?}");
    assert_eq!((reasons[2], reasons[4]), ("it is no assertion", "it was written before"));
    let last = endpoint.asked().iter().rfind(|asked| asked.prompt.contains(CONTRACT)).unwrap().prompt.clone();
    let (there, refused) = last.split_once("# Assertions that could not be used").unwrap();
    assert!(
        there.contains("\nassert isinstance(target, int)") && refused.contains("assert len(values) > 100  # Assert")
    );

    assert_eq!(
        of(&problem["inputs"], "verdict"),
        [
            "kept",
            "known",
            "breaks_contract",
            "unusable",
            "kept",
            "known",
            "reference_failed",
            "breaks_contract",
            "kept"
        ]
    );
    let reasons = of(&problem["inputs"], "reason");
    assert!(reasons[2].starts_with("AssertionError of `assert all(isinstance(value, int)"), "{reasons:?}");
    assert!(reasons[3].contains("NameError") && reasons[6].contains("more fuel"), "{reasons:?}");
    let second = endpoint.asked().iter().filter(|asked| asked.prompt.contains(INPUTS)).nth(1).unwrap().prompt.clone();
    assert!(second.contains("[list(range(300)), 299]"), "a kept input is shown: {second}");
    assert!(second.contains("# What arguments must satisfy\nassert isinstance(target, int)\nassert all("), "{second}");

    // quadratic: 300, then 200, then 100 items
    let want = value!({problem["prompt"].as_str().unwrap(): [
        {"input": "[list(range(300)), 299]", "output": null},
        {"input": "[[value % 7 for value in range(200)], 6]", "output": null},
    ]});
    let written = fs::read(tests).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), want);
    assert_eq!(report["totals"]["contracts_kept"], 2);
    assert_eq!((&report["totals"]["inputs_kept"], &report["totals"]["inputs_published"]), (&3.into(), &2.into()));
    assert_eq!(report["totals"]["tokens"]["requests"], 9);
    assert!(!Path::new(&format!("{out}.partial")).exists());

    assert_measured_alone(folder.path(), problem);
    let trace = frugal(&["trace", out]);
    let text = String::from_utf8_lossy(&trace.stdout).into_owned();
    for part in ["---- contracts: contract 1", "[verdict] kept", "* assert isinstance", "* kept", "breaks_contract"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn the_tests_are_a_file_of_the_benchmark() {
    let folder = tempfile::tempdir().unwrap();
    let tests = folder.path().join("stressful_testcases.json");
    let inputs = &["[[5] * 50, 10]", "[10 ** 50]", "[list(range(60))]"];
    let endpoint = script(&["NONE"], inputs);
    let (problems, name) = (small(), tests.display().to_string());
    let more = ["--suite", "coffe", "--problems", &problems, "--limit", "3", "--inputs", "1", "--published", "1"];
    let output = stgen(&endpoint.url, &[&more[..], &["--tests", &name]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("tests                  3"), "{output:?}");
    let file = |name: &str| fs::read(corpus::folder("vectors/coffe-small/function").join(name)).unwrap();
    let mut data: Value = serde_json::from_slice(&file("data.json")).unwrap();
    data.as_array_mut().unwrap().truncate(3);
    let files = Files {
        data: &serde_json::to_vec(&data).unwrap(),
        testcases: &file("testcases.json"),
        stressful_testcases: &fs::read(&tests).unwrap(),
        best_solutions: &file("best_solutions.json"),
        solutions: None,
        prompts: None,
    };
    let read = parse_problems(files, "function").unwrap();
    let written: Vec<_> = read.iter().map(|problem| problem.stressful_tests.clone()).collect();
    assert_eq!(written, inputs.map(|input| vec![input.to_owned()]));
}

#[test]
fn our_own_problems_keep_their_own_contracts() {
    let endpoint = script(&["assert wool >= 1"], &["[0]\n[2000]", "['a']\n[3000]"]);
    let more = ["--suite", "frugal", "--problems", "public/problems/frugal", "--only", "rug_sizes", "--json"];
    let output =
        stgen(&endpoint.url, &[&more[..], &["--inputs", "2", "--published", "2", "--contracts", "1"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let problem = &report["problems"][0];
    assert_eq!(of(&problem["inputs"], "verdict"), ["breaks_contract", "kept", "breaks_contract", "kept"]);
    let reasons = of(&problem["inputs"], "reason");
    assert_eq!((reasons[0], reasons[2]), ("the problem's own contract", "the problem's own contract: TypeError"));
    assert_eq!(endpoint.count(CONTRACT), 1, "one contract was asked for");
    let prompt = &endpoint.asked()[0].prompt;
    assert!(prompt.contains("# Arguments that are allowed\n["), "known tests come from the generator: {prompt}");
}

#[test]
fn a_reference_that_is_wrong_judges_nothing_and_costs_no_token() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["data.json", "testcases.json", "stressful_testcases.json", "best_solutions.json"] {
        let text = fs::read_to_string(corpus::folder("vectors/coffe-small/function").join(name)).unwrap();
        fs::write(folder.path().join(name), text.replace("== target", "!= target")).unwrap();
    }
    let endpoint = script(&["NONE"], COSTLY);
    let problems = folder.path().display().to_string();
    let output = stgen(&endpoint.url, &["--suite", "coffe", "--problems", &problems, "--only", "Frugal/0", "--json"]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let message = json(&output)["problems"][0]["message"].as_str().unwrap().to_owned();
    assert_eq!(message, "the reference is wrong on known test 0");
    assert_eq!(endpoint.asked().len(), 0);
}

#[test]
fn after_an_outage_recorded_answers_are_not_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("stress.json").display().to_string();
    let is_down = Arc::new(AtomicBool::new(true));
    let (down, step) = (is_down.clone(), Mutex::new(0));
    let endpoint = Endpoint::start(move |prompt, _| {
        if prompt.contains(CONTRACT) {
            let mut step = step.lock().unwrap();
            *step += 1;
            let text = ["assert isinstance(n, int)", "NONE"][(*step - 1).min(1)];
            return Act::Say(format!("```\n{text}\n```"));
        }
        if down.load(Ordering::Relaxed) {
            return Act::Fail(500, "", "out of order".to_owned());
        }
        Act::Say("```\n[10 ** 50]\n```".to_owned())
    });
    let problems = small();
    let more = ["--suite", "coffe", "--problems", &problems, "--only", "Frugal/1", "--attempts", "1", "--out", &out];
    let more = [&more[..], &["--inputs", "1", "--published", "1", "--json"]].concat();
    let output = stgen(&endpoint.url, &more);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("out of order") && said(&output).contains("--resume"), "{}", said(&output));
    assert!(Path::new(&format!("{out}.partial")).exists());
    is_down.store(false, Ordering::Relaxed);
    assert_eq!(stgen(&endpoint.url, &more).status.code(), Some(2), "a record is not written over");
    let output = stgen(&endpoint.url, &[&more[..], &["--resume"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(json(&output)["problems"][0]["contracts"][0]["is_kept"], true);
    assert_eq!((endpoint.count(CONTRACT), endpoint.count(INPUTS)), (2, 2));
}

#[test]
fn tries_and_tokens_are_bounded() {
    let problems = small();
    let more = ["--suite", "coffe", "--problems", &problems, "--only", "Frugal/1", "--json"];
    // nothing that is said can be used
    let endpoint = script(&["assert False, n"], &["no list"]);
    let bounds = ["--contract-tries", "3", "--inputs", "2", "--published", "1"];
    let output = stgen(&endpoint.url, &[&more[..], &bounds].concat());
    assert_eq!(output.status.code(), Some(1), "without a test: {}", said(&output));
    assert_eq!((endpoint.count(CONTRACT), endpoint.count(INPUTS)), (3, 6));
    assert!(json(&output)["notices"][0].as_str().unwrap().contains("no new test"));
    // an answer takes 15 tokens
    let endpoint = script(&["assert n >= 0"], &["[10 ** 50]"]);
    let output = stgen(&endpoint.url, &[&more[..], &["--tokens-max", "16"]].concat());
    assert_eq!((output.status.code(), endpoint.asked().len()), (Some(1), 2), "{}", said(&output));
    assert!(json(&output)["notices"][0].as_str().unwrap().contains("ran out of their budget"));
}

#[test]
fn bad_usage_asks_nobody() {
    let endpoint = script(&["NONE"], COSTLY);
    let (problems, here) = (small(), corpus::folder(".").display().to_string());
    for (arguments, why) in [
        (&["--suite", "coffe", "--problems", &here][..], "data.json"),
        (&["--suite", "frugal", "--problems", &here], "there is no problem"),
        (&["--suite", "coffe", "--problems", &problems, "--only", "x"], "there is no problem `x`"),
        (&["--suite", "coffe", "--problems", &problems, "--inputs", "0"], "`inputs` must lie between 1 and 200"),
        (&["--suite", "coffe", "--problems", &problems, "--inputs", "2"], "`published` must lie between 1 and 2"),
        (&["--suite", "coffe", "--problems", &problems, "--out", &here], "names a folder"),
        (&["--suite", "coffe", "--problems", &problems, "--out", "a", "--tests", "a"], "the same file"),
    ] {
        let output = stgen(&endpoint.url, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(why), "{arguments:?} does not say {why}: {}", said(&output));
    }
    assert_eq!(endpoint.asked().len(), 0);
}
