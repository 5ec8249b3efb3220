#![allow(clippy::unwrap_used)]
use super::*;

/// Folders of vectors, and whether their files mark what they expect.
const FOLDERS: [(&str, bool); 3] =
    [("vectors/code_efficiency", true), ("vectors/efficient_inference", false), ("vectors/alignment", false)];

fn shipped(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

#[test]
fn shipped_vectors_pass_and_all_are_known() {
    let results: Vec<_> = FOLDERS.iter().flat_map(|(folder, _)| check_folder(&shipped(folder)).unwrap()).collect();
    assert_eq!(results.len(), CHECKS.len());
    for (path, verdict) in results {
        assert!(matches!(verdict, Verdict::Passed { .. }), "{}", verdict.line(&path));
    }
}

/// Everything a file expects is changed a little, one leaf at a time, and must then fail.
#[test]
fn a_perturbed_expectation_fails() {
    let marked = FOLDERS.iter().filter(|(_, marked)| *marked);
    for (path, _) in marked.flat_map(|(folder, _)| check_folder(&shipped(folder)).unwrap()) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
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

/// The first and the last number of each expectation of each case.
#[test]
fn a_perturbed_tensor_fails() {
    let kinds = ["sym_int4", "asym_int4", "sym_int8", "asym_int8", "q4_0_f64scale", "q4_0_fp16scale", "q8_0_fp16scale"];
    let mut of_quant = vec!["/matvec_full".to_owned(), "/matvec_sym_int4".into()];
    of_quant.extend(["/fp16_roundtrip".to_owned(), "/bf16_roundtrip".into()]);
    of_quant
        .extend(kinds.iter().flat_map(|kind| ["q", "scale", "zero", "dequant"].map(|part| format!("/{kind}/{part}"))));
    let of_attention = ["y", "attn", "k_cache", "v_cache", "loss", "kv_cache_elems_per_token"];
    let of_attention: Vec<String> = of_attention.iter().map(|part| format!("/{part}")).collect();
    for (name, parts) in [("quant", of_quant), ("attention_gqa", of_attention)] {
        let text = fs::read_to_string(shipped(FOLDERS[1].0).join(format!("{name}.json"))).unwrap();
        let vector: Value = serde_json::from_str(&text).unwrap();
        for case in 0..vector["cases"].as_array().unwrap().len() {
            for part in &parts {
                let pointer = format!("/cases/{case}{part}");
                for last in [false, true] {
                    let mut changed = vector.clone();
                    let Some(place) = changed.pointer_mut(&pointer).and_then(|value| end_of(value, last)) else {
                        continue;
                    };
                    *place = Value::from(place.as_f64().unwrap() + 1e-3);
                    let verdict = check_text(name, &changed.to_string());
                    assert!(matches!(verdict, Verdict::Failed { .. }), "{name}{pointer} does not matter");
                }
            }
        }
    }
}

/// The first or last number of nested lists; nothing where there is none.
fn end_of(value: &mut Value, last: bool) -> Option<&mut Value> {
    match value {
        Value::Array(items) => end_of(if last { items.last_mut()? } else { items.first_mut()? }, last),
        Value::Number(_) => Some(value),
        _ => None,
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
