//! What careless or hostile people give the `frugal` command. Numbers: the list of bad inputs that this project keeps.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use crate::command::{frugal, json};
use crate::corpus;

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Exit code 2, nothing on standard output, and every part of `says` on standard error.
#[track_caller]
fn assert_refused(arguments: &[&str], says: &[&str]) {
    let output = frugal(arguments);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?} wrote to standard output");
    for part in says {
        assert!(said.contains(part), "{arguments:?} does not say `{part}`: {said}");
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), content).unwrap();
        self.name(name)
    }
}

#[test]
fn files_that_are_no_programs() {
    let folder = Folder::new();
    let not_text = folder.write("latin1.py", b"x = '\xe9'\n");
    let empty = folder.write("empty.wasm", "");
    let here = folder.0.path().display().to_string();
    assert_refused(&["run", &folder.name("missing.py"), "--entry", "f"], &["missing.py", "No such file"]);
    assert_refused(&["run", &here, "--language", "python", "--entry", "f"], &["directory"]);
    assert_refused(&["run", &not_text, "--entry", "f"], &["latin1.py", "UTF-8", "byte 5"]);
    assert_refused(&["run", &folder.write("no.ext", "x"), "--entry", "f"], &["--language"]);
    assert_refused(&["run", &folder.write("m.wat", "(module)")], &["--entry"]);
    assert_refused(&["run", &folder.write("bad.wat", "(modul)"), "--entry", "f"], &["bad.wat", "modul"]);
    let large = format!("def f():\n    return 1\n# {}\n", "x".repeat(10 << 20));
    assert_refused(
        &["run", &folder.write("large.py", large), "--entry", "f"],
        &["large.py", "above the cap of 4194304"],
    );
    for (file, outcome, code) in [
        (empty, "rejected", 1),
        (folder.write("empty.py", ""), "guest_error", 1),
        (folder.write("nul.py", "def f():\n    return 1\0\n"), "guest_error", 1),
    ] {
        let output = frugal(&["run", &file, "--entry", "f", "--json"]);
        assert_eq!((json(&output)["outcome"].as_str(), output.status.code()), (Some(outcome), Some(code)), "{file}");
    }
}

#[test]
fn arguments_that_are_no_values() {
    let folder = Folder::new();
    let file = folder.write("f.py", "def f(*values):\n    return len(values)\n");
    let run = |arguments: &str| frugal(&["run", &file, "--entry", "f", "--args", arguments]);
    for (arguments, says) in [
        ("", "arguments"),
        ("1", "list"),
        ("[", "arguments"),
        ("[1,]x", "arguments"),
        (&"[".repeat(60_000), "200 levels"),
        (&format!("{}{}", "[".repeat(60_000), "]".repeat(60_000)), "200 levels"),
        ("[{\"a\": 1, \"a\": 2}]", "twice"),
        ("[1e999]", "1e999"),
        ("[nonsense]", "nonsense"),
    ] {
        let output = run(arguments);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:.40}: {said}");
        assert!(said.contains(says), "{arguments:.40} does not say `{says}`: {said:.400}");
    }
    assert_eq!(run(&format!("[{}]", "9".repeat(4_000))).status.code(), Some(0), "integers may have any length");
}

#[test]
fn numbers_that_are_out_of_range() {
    let folder = Folder::new();
    let file = folder.write("f.wat", "(module (func (export \"f\")))");
    for (option, value) in [
        ("--fuel", "18446744073709551616"),
        ("--fuel", "-1"),
        ("--fuel", "1e6"),
        ("--fuel", ""),
        ("--memory-bytes", "65537"),
        ("--call-depth", "1"),
        ("--output-bytes", "0"),
        ("--wall-ms", "0"),
    ] {
        assert_refused(&["run", &file, "--entry", "f", option, value], &[]);
    }
    let none = frugal(&["run", &file, "--entry", "f", "--fuel", "0", "--json"]);
    assert_eq!((json(&none)["outcome"].as_str(), none.status.code()), (Some("out_of_fuel"), Some(1)));
}

fn problems() -> String {
    corpus::folder("vectors/enamel-small/enamel.csv").display().to_string()
}

fn samples() -> String {
    corpus::folder("vectors/enamel-small/samples-list.json").display().to_string()
}

#[test]
fn evaluations_that_cannot_be() {
    let folder = Folder::new();
    let line = "{\"task_id\": \"Frugal/0\", \"solution\": \"x\"}\n";
    let with = |name: &str, second: &str| folder.write(name, format!("{line}{second}\n"));
    let (problems, samples) = (problems(), samples());
    let base = |samples: &str, more: &[&str], says: &[&str]| {
        let arguments = [&["eval", "--problems", &problems, "--samples", samples], more].concat();
        assert_refused(&arguments, says);
    };
    base(&folder.name("missing.json"), &[], &["missing.json"]);
    base(&folder.write("empty.json", ""), &[], &["empty.json", "empty"]);
    base(&folder.write("bytes.json", b"[[\"\xff\"]]"), &[], &["bytes.json", "line 1", "UTF-8"]);
    base(
        &with("list.jsonl", "{\"task_id\": \"Frugal/1\", \"solution\": [\"x\"]}"),
        &[],
        &["list.jsonl, line 2", "`solution`", "one line per sample"],
    );
    base(&with("lacks.jsonl", "{\"task_id\": \"Frugal/1\"}"), &[], &["lacks.jsonl, line 2", "`solution`"]);
    base(&with("number.jsonl", "{\"task_id\": 1, \"solution\": \"x\"}"), &[], &["number.jsonl, line 2", "`task_id`"]);
    base(
        &with("twice.jsonl", "{\"task_id\": \"Frugal/1\", \"solution\": \"x\", \"solution\": \"y\"}"),
        &[],
        &["line 2", "solution"],
    );
    base(&with("cut.jsonl", "{\"task_id\": \"Frugal/1\", \"sol"), &[], &["cut.jsonl, line 2", "not a JSON object"]);
    base(&with("array.jsonl", "[\"Frugal/1\", \"x\"]"), &[], &["array.jsonl, line 2", "not a JSON object"]);
    base(&with("null.jsonl", "{\"task_id\": null, \"solution\": \"x\"}"), &[], &["null.jsonl, line 2", "`task_id`"]);
    base(&with("nan.jsonl", "{\"task_id\": \"Frugal/1\", \"solution\": NaN}"), &[], &["nan.jsonl, line 2"]);
    base(&with("infinite.jsonl", "{\"task_id\": 1e999, \"solution\": \"x\"}"), &[], &["infinite.jsonl, line 2"]);
    base(&with("deep.jsonl", &"[".repeat(100_000)), &[], &["deep.jsonl, line 2", "not a JSON object"]);
    base(
        &with("other.jsonl", "{\"task_id\": \"Mbpp/1\", \"solution\": \"x\"}"),
        &[],
        &["other.jsonl, line 2", "Mbpp/1"],
    );
    base(&folder.write("numbers.json", "[[1]]"), &[], &["numbers.json, line 1"]);
    base(&folder.write("keys.json", "{\"0\": [\"x\"], \"0\": [\"y\"]}"), &[], &["keys.json", "twice"]);
    base(&folder.write("blank.jsonl", "\n \n"), &[], &["blank.jsonl", "empty"]);
    base(&folder.write("empty-folder.txt", "x"), &[], &["empty-folder.txt"]);
    base(folder.0.path().to_str().unwrap(), &[], &["HumanEval_0/0.py"]);
    base(&samples, &["--k", "0"], &["k"]);
    base(&samples, &["--k", ""], &[]);
    base(&samples, &["--jobs", "0"], &["jobs"]);
    base(&samples, &["--limit", "0"], &["limit"]);
    base(&samples, &["--problem", "HumanEval/999"], &["HumanEval/999"]);
    base(&samples, &["--alpha", "1"], &["alpha"]);
    base(&samples, &["--alpha", "NaN"], &["alpha"]);
    base(&samples, &["--alpha", "inf"], &["alpha"]);
    base(&samples, &["--hardness", "NaN,1,1,1"], &["hardness"]);
    base(&samples, &["--hardness", "inf,1,1,1"], &["hardness"]);
    base(&samples, &["--hardness", "0,0,0,0"], &["hardness"]);
    base(&samples, &["--hardness", "1,2"], &["hardness"]);
    base(&samples, &["--tests-per-level", "0,4,4,4"], &["tests per level"]);
    base(&samples, &["--resume"], &["--out"]);
    base(&samples, &["--out", &folder.0.path().display().to_string()], &["folder"]);
    base(&samples, &["--out", &folder.name("no/such/folder/r.json")], &["no/such/folder"]);
    base(&samples, &["--guests", &folder.name("")], &["manifest.json"]);
}

#[test]
fn problems_that_cannot_be_read() {
    let folder = Folder::new();
    let samples = samples();
    let whole = fs::read_to_string(problems()).unwrap();
    let header = whole.lines().next().unwrap();
    for (name, content, says) in [
        ("empty.csv", String::new(), "empty.csv"),
        ("header.csv", format!("{header}\n"), "header.csv"),
        ("columns.csv", format!("{header}\na,b\n"), "line 2"),
        ("other.csv", whole.replacen("task_id", "task", 1), "task_id"),
        ("same.csv", whole.replacen("Frugal/1", "Frugal/0", 1), "stands twice"),
        ("cut.csv", whole[..whole.len() / 2].to_owned(), "cut.csv, line"),
    ] {
        let file = folder.write(name, content);
        assert_refused(&["eval", "--problems", &file, "--samples", &samples], &[name, says]);
    }
}

#[test]
fn a_k_above_the_samples_is_dropped_and_said() {
    let output =
        frugal(&["eval", "--problems", &problems(), "--samples", &samples(), "--limit", "1", "--k", "1,50", "--json"]);
    let report = json(&output);
    assert_eq!(output.status.code(), Some(0));
    assert!(report["metrics"]["pass@1"].is_number() && report["metrics"]["pass@50"].is_null(), "{report}");
    assert!(report["notices"].to_string().contains("50"), "{}", report["notices"]);
}

#[test]
fn samples_of_problems_that_are_not_there_are_said() {
    let folder = Folder::new();
    let line = |id: u32| format!("{{\"task_id\": \"Frugal/{id}\", \"solution\": \"x\"}}\n");
    let problems = problems();
    let known = folder.write("known.jsonl", line(1) + &line(77) + &line(78));
    let output = frugal(&["eval", "--problems", &problems, "--samples", &known, "--k", "1", "--json"]);
    let notices = json(&output)["notices"].to_string();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(notices.contains("2 problem(s) that are not in the file, from number 77"), "{notices}");
    let unknown = folder.write("unknown.jsonl", line(77));
    assert_refused(&["eval", "--problems", &problems, "--samples", &unknown], &["no problem", "77"]);
}

/// The samples made of it are held, the text is not: 400 MB of memory are enough.
#[test]
fn a_file_of_two_hundred_megabytes() {
    use std::io::Write as _;
    let folder = Folder::new();
    let file = folder.path("large.jsonl");
    let mut out = std::io::BufWriter::new(fs::File::create(&file).unwrap());
    let filler = "x".repeat(1 << 20);
    for sample in 0..200 {
        let source = format!("def longest_run(text):\n    return {sample}\n# {filler}\n");
        let line = serde_json::json!({ "task_id": format!("Frugal/{}", sample % 5), "solution": source });
        writeln!(out, "{line}").unwrap();
    }
    write!(out, "{{\"task_id\": \"Frugal/0\"}}").unwrap();
    out.flush().unwrap();
    drop(out);
    let name = file.display().to_string();
    let problems = problems();
    let begun = std::time::Instant::now();
    let script = "ulimit -d 400000; exec \"$0\" \"$@\"";
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(crate::runner::command())
        .args(["eval", "--problems", &problems, "--samples", &name])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("large.jsonl, line 201"), "{}", text(&output));
    println!("{} bytes in {:?}", fs::metadata(&file).unwrap().len(), begun.elapsed());
}

#[test]
fn stored_results_that_were_changed() {
    let folder = Folder::new();
    let out = folder.name("result.json");
    let evaluated = frugal(&[
        "eval",
        "--problems",
        &problems(),
        "--samples",
        &samples(),
        "--limit",
        "1",
        "--k",
        "1",
        "--out",
        &out,
    ]);
    assert_eq!(evaluated.status.code(), Some(0), "{}", text(&evaluated));
    let stored = fs::read_to_string(&out).unwrap();
    assert_refused(&["score", &folder.write("cut.json", &stored[..stored.len() / 2])], &["cut.json"]);
    assert_refused(
        &["score", &folder.write("twice.json", stored.replacen("{", "{\"suite\": \"enamel\",", 1))],
        &["suite"],
    );
    assert_refused(
        &["score", &folder.write("later.json", stored.replace("evaluation/1", "evaluation/9"))],
        &["schema"],
    );
    assert_refused(&["score", &folder.write("field.json", stored.replacen("{", "{\"new\": 1,", 1))], &["new"]);
    assert_refused(&["score", &out, "--k", "0"], &["--k"]);
    for (name, from, to, says) in [
        ("nan.json", "\"alpha\": 2.0", "\"alpha\": NaN", "nan.json"),
        ("infinite.json", "\"alpha\": 2.0", "\"alpha\": 1e999", "infinite.json"),
        ("one.json", "\"alpha\": 2.0", "\"alpha\": 1.0", "alpha"),
        ("negative.json", "\"net_fuel\": \"", "\"net_fuel\": \"-", "digits only"),
        ("number.json", "\"net_fuel\": \"", "\"net_fuel\": 1, \"x\": \"", "decimal string"),
    ] {
        let changed = stored.replacen(from, to, 1);
        assert_ne!(changed, stored, "{name}");
        assert_refused(&["score", &folder.write(name, changed)], &[name, says]);
    }
    let mut changed: serde_json::Value = serde_json::from_str(&stored).unwrap();
    changed["metrics"]["pass@1"] = 0.125.into();
    let changed = changed.to_string();
    let output = frugal(&["score", &folder.write("changed.json", changed), "--json"]);
    assert!(text(&output).contains("pass@1"), "a changed metric is noticed: {}", text(&output));
}

#[test]
fn nobody_needs_to_listen() {
    let folder = Folder::new();
    let file = folder.write("f.py", "def f():\n    return 1\n");
    let command = crate::runner::command();
    let shell = format!("{} run {file} --entry f 2>&1 | true; exit ${{PIPESTATUS[0]}}", command.display());
    let status = std::process::Command::new("bash").args(["-c", &shell]).status().unwrap();
    assert_eq!(status.code(), Some(0), "a closed pipe is the reader's choice");
}
