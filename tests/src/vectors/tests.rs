#![allow(clippy::unwrap_used)]
use super::*;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/code_efficiency")
}

#[test]
fn shipped_vectors_pass_and_all_are_known() {
    let results = check_folder(&shipped()).unwrap();
    assert_eq!(results.len(), CHECKS.len());
    for (path, verdict) in results {
        assert!(matches!(verdict, Verdict::Passed { .. }), "{}", verdict.line(&path));
    }
}

/// Everything a file expects is changed a little, one leaf at a time, and must then fail.
#[test]
fn a_perturbed_expectation_fails() {
    for (name, _) in CHECKS {
        let text = fs::read_to_string(shipped().join(format!("{name}.json"))).unwrap();
        let vector: Value = serde_json::from_str(&text).unwrap();
        let tolerance = vector["tol"].as_f64().unwrap_or(0.0);
        let mut pointers = Vec::new();
        expectations(name, &vector, String::new(), &mut pointers);
        assert!(!pointers.is_empty(), "{name}");
        for pointer in pointers {
            let mut changed = vector.clone();
            let place = changed.pointer_mut(&pointer).unwrap();
            *place = match &*place {
                Value::Bool(flag) => Value::Bool(!flag),
                Value::Null => Value::from("size"),
                Value::String(text) => Value::from(format!("{text}x")),
                number => Value::from(number.as_f64().unwrap() + f64::max(1e-6, 3.0 * tolerance)),
            };
            let verdict = check_text(name, &changed.to_string());
            assert!(matches!(verdict, Verdict::Failed { .. }), "{name}{pointer} does not matter");
        }
    }
}

/// Whether `path` leads to what a file expects and not to what it gives.
fn is_expectation(name: &str, path: &str) -> bool {
    let among = |keys: &[&str]| path.split('/').any(|part| keys.contains(&part));
    match name {
        "evalperf_clusters" => among(&["clusters", "reference_cost", "cumulative_scores"]),
        "coffe_stability" => among(&["expected"]) || path.starts_with("/trim/") && among(&["mean", "std"]),
        _ => path.split('/').any(|part| part.starts_with("expected")),
    }
}

fn expectations(name: &str, value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                let below = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
                expectations(name, child, below, found);
            }
        }
        Value::Array(items) => {
            for (at, child) in items.iter().enumerate() {
                expectations(name, child, format!("{path}/{at}"), found);
            }
        }
        _ if is_expectation(name, &path) => found.push(path),
        _ => {}
    }
}

#[test]
fn files_that_say_nothing_do_not_pass() {
    assert_eq!(check_text("no_such_suite", "{}"), Verdict::Unknown);
    for text in ["", "{}", r#"{"tol": 1, "cases": []}"#, r#"{"tol": -1, "cases": [{"n":1,"c":1,"k":1,"expected":1}]}"#]
    {
        assert!(matches!(check_text("pass_at_k", text), Verdict::Failed { .. }), "{text}");
    }
    let without_tolerance = check_text("pass_at_k", r#"{"cases": [{"n":1,"c":1,"k":1,"expected":1}]}"#);
    assert!(matches!(without_tolerance, Verdict::Failed { .. }), "numbers need a tolerance");
    let nan = Comparison::new("x", f64::NAN, 1.0);
    assert!(nan.difference(1e9).is_some());
}
