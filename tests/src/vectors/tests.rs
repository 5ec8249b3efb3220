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

/// Every number a file expects is moved a little, one at a time, and must then fail.
#[test]
fn a_perturbed_expectation_fails() {
    for (name, _) in CHECKS {
        let text = fs::read_to_string(shipped().join(format!("{name}.json"))).unwrap();
        let vector: Value = serde_json::from_str(&text).unwrap();
        let mut pointers = Vec::new();
        expectations(&vector, String::new(), false, &mut pointers);
        assert!(!pointers.is_empty(), "{name}");
        for pointer in pointers {
            let mut changed = vector.clone();
            let place = changed.pointer_mut(&pointer).unwrap();
            *place = match &*place {
                Value::Bool(flag) => Value::Bool(!flag),
                number => Value::from(number.as_f64().unwrap() + 1e-6),
            };
            let verdict = check_text(name, &changed.to_string());
            assert!(matches!(verdict, Verdict::Failed { .. }), "{name}{pointer} does not matter");
        }
    }
}

fn expectations(value: &Value, path: String, inside: bool, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                let below = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
                expectations(child, below, inside || key == "expected", found);
            }
        }
        Value::Array(items) => {
            for (at, child) in items.iter().enumerate() {
                expectations(child, format!("{path}/{at}"), inside, found);
            }
        }
        Value::Number(_) | Value::Bool(_) if inside => found.push(path),
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
    let nan = Comparison::new("x", f64::NAN, 1.0);
    assert!(nan.difference(1e9).is_some());
}
