#![allow(clippy::unwrap_used)]
use super::*;

fn samples(text: &str) -> Samples {
    parse_samples(text.as_bytes(), "s").unwrap()
}

fn error(text: &str) -> String {
    parse_samples(text.as_bytes(), "s").unwrap_err().to_string()
}

fn two() -> Samples {
    Samples { by_number: BTreeMap::from([(0, vec!["a".into(), "b".into()]), (1, vec!["c".into()])]) }
}

#[test]
fn every_form_gives_the_same_samples() {
    assert_eq!(samples(r#"[["a","b"],["c"]]"#), two());
    assert_eq!(samples(r#"{"1":["c"], "0":["a","b"]}"#), two());
    let lines = "{\"task_id\":\"HumanEval/1\",\"completion\":\"c\"}\n\n{\"task_id\":\"HumanEval/0\",\"solution\":\"a\",\"x\":1}\n\
                 {\"task_id\":\"HumanEval_0\",\"solution\":\"b\"}";
    assert_eq!(samples(lines), two());
    let files: [(&str, &[u8]); 4] = [
        ("r/HumanEval_0/1.py", b"b\n# Examples\nf()"),
        ("r/HumanEval_0/0.py", b"python\na"),
        ("r/HumanEval_1/0.py", b"c"),
        ("r/README.md", b"\xff"),
    ];
    assert_eq!(parse_folder(files, "r").unwrap(), two());
}

#[test]
fn bad_files_name_line_and_field() {
    assert!(error("").contains("empty") && error("[]").contains("no samples"));
    assert!(error("[[\"a\"],\n[1]]").contains("line 2"));
    assert!(error("{\"0\":[\"a\"],\"0\":[\"b\"]}").contains("stands twice"));
    assert!(error("{\"00\":[\"a\"]}").contains("plain decimal"));
    let list = error("{\"task_id\":\"HumanEval/0\",\"solution\":[\"a\"]}");
    assert!(list.contains("line 1") && list.contains("`solution` is a list"), "{list}");
    let good = "{\"task_id\":\"HumanEval/0\",\"solution\":\"a\"}\n";
    assert!(error(&format!("{good}{{\"task_id\":\"HumanEval/0\"}}")).contains("line 2: neither"));
    let twice = error(&format!("{good}{{\"task_id\":\"HumanEval/0\",\"solution\":\"a\",\"solution\":\"b\"}}"));
    assert!(twice.contains("line 2") && twice.contains("duplicate field `solution`"), "{twice}");
    assert!(error(&format!("{good}nonsense")).contains("line 2: not a JSON object"));
    assert!(error(&format!("{good}{{\"task_id\":\"Mbpp/2\",\"solution\":\"\"}}")).contains("`Mbpp/2`"));
    assert!(error(&format!("{good}{{\"task_id\":\"HumanEval/-1\",\"solution\":\"\"}}")).contains("line 2"));
    let bytes = parse_samples(b"[[\"a\"],\n[\"\xff\"]]", "s").unwrap_err().to_string();
    assert!(bytes.contains("line 2: not UTF-8"), "{bytes}");
    assert!(parse_folder([("HumanEval_0/0.txt", &b"a"[..])], "r").is_err());
}
