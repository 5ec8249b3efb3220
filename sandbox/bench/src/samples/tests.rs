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

/// Gives a byte at a time.
struct Drops<'a>(&'a [u8]);

impl std::io::Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(1);
        std::io::Read::read(&mut self.0, &mut buffer[..count])
    }
}

#[test]
fn a_file_longer_than_what_tells_its_form_is_read_as_its_bytes_come() {
    let long = "x".repeat(100_000);
    let want = Samples { by_number: BTreeMap::from([(0, vec![long.clone(), "b".into()]), (1, vec!["c".into()])]) };
    let forms = [
        format!(r#"[["{long}","b"],["c"]]"#),
        format!(r#"{{"0":["{long}","b"],"1":["c"]}}"#),
        // the name of the task stands where the first line can no longer be seen
        format!(
            "{{\"solution\":\"{long}\",\"task_id\":\"HumanEval/0\"}}\n{{\"task_id\":\"HumanEval/0\",\"solution\":\"b\"}}\n{{\"task_id\":\"HumanEval/1\",\"completion\":\"c\"}}"
        ),
    ];
    for form in forms {
        assert!(read_samples(Drops(form.as_bytes()), "s").unwrap() == want, "{}", &form[..40]);
        let marked = format!("\u{feff}{form}");
        assert!(read_samples(Drops(marked.as_bytes()), "s").unwrap() == want, "{}", &form[..40]);
        let cut = &form[..form.len() - 1];
        assert!(read_samples(Drops(cut.as_bytes()), "s").is_err(), "a file that ends early is no file");
    }
    let late = format!("[[\"{long}\"],\n[1]]");
    assert!(read_samples(Drops(late.as_bytes()), "s").unwrap_err().to_string().contains("line 2"));
}

/// The archive that stands beside the small problems, with the name of its first file or bytes of it changed.
#[test]
fn archives_are_read_and_broken_ones_refused() {
    let zip: &[u8] = include_bytes!("../../../../tests/vectors/enamel-small/samples.zip");
    let read = |bytes: &[u8]| read_samples(bytes, "s.zip").map_err(|error| error.to_string());
    let whole = read(zip).unwrap();
    assert_eq!(whole.by_number.len(), 10);
    assert_eq!(read_samples(Drops(zip), "s.zip").unwrap(), whole);
    for cut in [4, 40, zip.len() / 2, zip.len() - 30] {
        let said = read(&zip[..cut]).unwrap_err();
        assert!(said.starts_with("s.zip"), "{said}");
    }
    let name = zip.windows(13).position(|part| part == b"Frugal_0/0.py").unwrap();
    let mut changed = zip.to_vec();
    changed[name + 20] ^= 0x55;
    let said = read(&changed).unwrap_err();
    assert!(said.contains("Frugal_0/0.py"), "{said}");
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
