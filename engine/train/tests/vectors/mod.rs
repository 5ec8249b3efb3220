//! By the checks of the tests' package, which are built there beside much else.
#![allow(dead_code, unreachable_pub)] // included files serve a larger package

#[path = "../../../../tests/src/vectors/alignment/mod.rs"]
mod alignment;
#[path = "../../../../tests/src/vectors/comparison.rs"]
mod comparison;
#[path = "../../../../tests/src/vectors/json.rs"]
mod json;

use comparison::{BadVector, Comparison};
use serde_json::Value;

type Check = fn(&Value) -> Result<Vec<Comparison>, BadVector>;

const CHECKS: [(&str, Check); 8] = [
    ("fdpo", alignment::f_dpo),
    ("tdpo", alignment::tdpo),
    ("grpo", alignment::grpo),
    ("kl_estimators", alignment::kl_estimators),
    ("kdrl", alignment::kdrl),
    ("gkd", alignment::gkd),
    ("ppo", alignment::ppo),
    ("metrics", alignment::metrics),
];

fn read(name: &str) -> Value {
    let path = format!("{}/../../tests/vectors/alignment/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Sentences about what differs.
fn differences(check: Check, vector: &Value) -> Vec<String> {
    let all = check(vector).unwrap();
    assert!(!all.is_empty());
    all.iter().filter_map(|pair| pair.difference(pair.tolerance.unwrap())).collect()
}

#[test]
fn every_number_agrees() {
    let mut wrong = String::new();
    for (name, check) in CHECKS {
        let found = differences(check, &read(name));
        if !found.is_empty() {
            wrong += &format!("{name}: {} numbers differ\n{}\n", found.len(), found[..found.len().min(10)].join("\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The first and the last number of each expectation of each case, moved by a little more than its tolerance.
#[test]
fn a_moved_expectation_fails() {
    for (name, check) in CHECKS.into_iter().filter(|(name, _)| *name != "metrics") {
        let mut vector = read(name);
        let cases = vector["cases"].as_array().unwrap().len();
        // The widest files take seconds a check; what they compare is the same in every case.
        vector["cases"].as_array_mut().unwrap().truncate(cases.min(2));
        for case in 0..vector["cases"].as_array().unwrap().len() {
            let mut pointers = Vec::new();
            ends(&vector["cases"][case], format!("/cases/{case}"), &mut pointers);
            for pointer in pointers.into_iter().filter(|pointer| is_expectation(name, pointer)) {
                let mut moved = vector.clone();
                let place = moved.pointer_mut(&pointer).unwrap();
                let value = place.as_f64().unwrap();
                *place = Value::from(value + 1e-3 * value.abs().max(1e-3));
                assert!(!differences(check, &moved).is_empty(), "{name}{pointer} does not matter");
            }
        }
    }
}

/// What a file expects, and not what it gives.
fn is_expectation(name: &str, pointer: &str) -> bool {
    let given = match name {
        "fdpo" => vec!["_logps", "/beta", "alpha", "peer_", "max_abs", "f32_safe"],
        "tdpo" => vec!["_logits", "/beta", "/alpha", "/labels", "wrong_", "/B", "/T", "/V"],
        "grpo" => vec!["_logps", "/beta", "/delta", "/epsilon", "/mask", "/rewards", "/G", "/max_completion"],
        "kl_estimators" => vec!["/policy_logits", "/ref_logits", "/action"],
        "kdrl" => vec!["_logits", "/beta", "/tokens", "/mask", "/rewards", "/G", "/T", "/V", "/n_prompts"],
        "gkd" => vec!["_logits", "/labels", "/jsd_beta", "/temperature"],
        "ppo" => vec!["_logps", "values", "/mask", "/scores", "/gamma", "/lam", "_coef", "/clip"],
        _ => vec![""],
    };
    let results = ["/grad_", "/policy_logps", "/value_loss"];
    let result = results.iter().any(|result| pointer.contains(result)) && !pointer.contains("wrong_");
    let input = name == "grpo" || name == "ppo" || name == "fdpo";
    let result = result && !(input && pointer.contains("/policy_logps"));
    result || !given.iter().any(|part| pointer.contains(part))
}

/// The first and the last number of every list of numbers, and every number that stands alone.
fn ends(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, child)| ends(child, format!("{path}/{key}"), found)),
        Value::Array(items) => {
            let last = items.len().saturating_sub(1);
            let shown = if last == 0 { vec![0] } else { vec![0, last] };
            shown
                .into_iter()
                .filter_map(|at| Some((at, items.get(at)?)))
                .for_each(|(at, item)| ends(item, format!("{path}/{at}"), found));
        }
        Value::Number(_) => found.push(path),
        _ => {}
    }
}
