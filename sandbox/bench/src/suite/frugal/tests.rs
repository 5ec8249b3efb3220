#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;

use frugal_fuel::{Guest, Language};

use super::*;
use crate::suite::CaseVerdict;

const TOML: &str = r#"title = "Twice"
themes = ["numbers"]
entry_point = "twice"
level_sizes = [1, 8]
sweep_sizes = [2, 4, 8]
statement = """
Return the double.
"""

[[solutions]]
name = "add"
complexity = "n"
exponent = 1.0
idea = "Adds."
languages = ["python", "javascript"]

[[solutions]]
name = "shift"
complexity = "1"
exponent = 0.0
idea = "Shifts."
languages = ["python"]
"#;

fn files() -> BTreeMap<String, Vec<u8>> {
    [
        ("problem.toml", TOML),
        ("problem.py", "def generate(n, random):\n    return (n,)\n\n\ndef contract(n):\n    return n > 0\n"),
        ("solutions/add.py", "def twice(n): return n + n  # ADD\n"),
        ("solutions/add.js", "function twice(n) { return n + n; }\n"),
        ("solutions/shift.py", "def twice(n): return n << 1  # SHIFT\n"),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .collect()
}

fn problem() -> Problem {
    Problem::from_files("twice", &files()).unwrap()
}

/// The error after one change of one file.
fn error(path: &str, from: &str, to: &str) -> String {
    let mut files = files();
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from));
    files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
    Problem::from_files("twice", &files).unwrap_err().to_string()
}

fn guest(language: Language) -> Guest {
    Guest { language, version: "1".into(), sha256: "0".repeat(64) }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_folder_is_read() {
    let problem = problem();
    let names = |language| {
        problem
            .solutions(language)
            .into_iter()
            .map(|(solution, source)| format!("{} {}", solution.name, source.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(Language::Python), ["add 34", "shift 37"]);
    assert_eq!(names(Language::JavaScript), ["add 36"]);
    assert!(problem.reference_source().contains("SHIFT") && !problem.has_checker());
    assert_eq!(problem.description.statement, "Return the double.\n");
}

#[test]
fn bad_descriptions_name_file_line_and_field() {
    let toml = |from, to| error("problem.toml", from, to);
    let wanted = "twice/problem.toml, line 4: `level_sizes` is [9, 8], but must be 1 or more sizes that rise";
    assert!(toml("[1, 8]", "[9, 8]").starts_with(wanted), "{}", toml("[1, 8]", "[9, 8]"));
    for (from, to, line, field) in [
        ("[2, 4, 8]", "[2, 4]", 5, "`sweep_sizes`"),
        ("[2, 4, 8]", "[0, 4, 8]", 5, "`sweep_sizes`"),
        ("\"twice\"", "\"Twice!\"", 3, "`entry_point`"),
        ("1.0", "nan", 13, "`exponent`"),
        ("1.0", "-1.0", 13, "`exponent`"),
        ("\"javascript\"", "\"rust\"", 15, "`languages`"),
        ("\"javascript\"", "\"python\"", 15, "twice"),
        ("[\"python\", ", "[", 15, "lacks `python`"),
        ("\"add\"", "\"../add\"", 11, "`name`"),
        ("title", "titel", 1, "`titel`"),
        ("1.0", "\"one\"", 13, "expected"),
        ("[1, 8]", "[1, 8", 5, ""),
    ] {
        let message = toml(from, to);
        assert!(message.starts_with(&format!("twice/problem.toml, line {line}: ")), "{message}");
        assert!(message.contains(field), "{message}");
    }
    assert!(toml("\"shift\"", "\"add\"").contains("`solutions` has the name `add` twice"));
    assert!(toml("title = \"Twice\"\n", "").contains("missing field `title`"));
}

#[test]
fn bad_folders_name_the_file() {
    let without = |path: &str| {
        let mut files = files();
        files.remove(path);
        Problem::from_files("twice", &files).unwrap_err().to_string()
    };
    for path in ["problem.toml", "problem.py", "solutions/shift.py", "solutions/add.js"] {
        assert_eq!(without(path), format!("twice/{path}: the file is missing"));
    }
    let mut more = files();
    more.insert("solutions/old.py".into(), b"x".to_vec());
    assert!(Problem::from_files("twice", &more).unwrap_err().to_string().starts_with("twice/solutions/old.py: "));
    more.insert("problem.py".into(), b"# fine\n\xff".to_vec());
    assert_eq!(
        Problem::from_files("twice", &more).unwrap_err().to_string(),
        "twice/problem.py, line 2: not UTF-8 text"
    );
    assert!(Problem::from_files("../up", &files()).is_err());
    assert!(error("problem.py", "def contract", "def contracts").contains("defines no `contract`"));
    assert_eq!(
        error("solutions/add.js", "function twice(n) { return n + n; }", ""),
        "twice/solutions/add.js: the file is empty"
    );
}

#[test]
fn the_index_holds_what_was_written() {
    let problems: BTreeMap<String, Description> = [("twice".to_owned(), problem().description)].into();
    let text = write_index(problems.clone()).unwrap();
    assert_eq!(parse_index(text.as_bytes(), "index.json").unwrap(), problems);
    let message = |text: &str| parse_index(text.as_bytes(), "index.json").unwrap_err().to_string();
    assert!(message(&text.replace("frugal-problems-1", "frugal-problems-2")).contains("`schema`"));
    assert!(message(&text.replace("\"twice\": {", "\"..\": {")).contains("id `..`"));
    let exponent = message(&text.replace("\"exponent\": 0.0", "\"exponent\": 77.0"));
    assert!(exponent.starts_with("index.json, line ") && exponent.contains("`exponent` is 77"), "{exponent}");
    assert!(message("").starts_with("index.json, line 1"));
}

#[test]
fn a_solution_never_meets_checker_reference_or_answer() {
    let problem = problem();
    let job = problem.call_job(&guest(Language::Python), "def twice(n): return 2 * n", "[1]").unwrap();
    let sent = text(&job.define) + &text(&job.prepare);
    assert!(!sent.contains("SHIFT") && !sent.contains("contract") && sent.contains("\"arguments\":[1]"), "{sent}");
    let check = problem.check_job(&guest(Language::Python), [("[1]", "2", "3")]).unwrap();
    assert!(text(&check.define).contains("contract") && !text(&check.define).contains("SHIFT"));
    assert_eq!(text(&check.prepare), "{\"arguments\":[[{\"t\":[{\"t\":[1]},2,3]}]]}");
    // trusted code runs in the Python guest alone, a solution in that of its language
    assert!(problem.check_job(&guest(Language::JavaScript), [("[1]", "2", "3")]).is_err());
    assert!(problem.call_job(&guest(Language::JavaScript), "function twice() {}", "[1]").is_ok());
}

#[test]
fn trusted_jobs_and_their_replies() {
    let problem = problem();
    let job = problem.generate_job(&guest(Language::Python), 8, &[3, 5]).unwrap();
    assert_eq!(text(&job.prepare), "{\"arguments\":[8,[3, 5]]}");
    let job = problem.contract_job(&guest(Language::Python), ["[1]", "[2]"]).unwrap();
    assert_eq!(text(&job.prepare), "{\"arguments\":[[{\"t\":[1]},{\"t\":[2]}]]}");
    let reply = br#"{"value":[{"t":[8]},{"t":[[1,2]]}],"stdout":"","stderr":""}"#;
    assert_eq!(problem.inputs(reply, 2).unwrap(), ["[8]", "[[1,2]]"]);
    assert!(problem.inputs(reply, 1).unwrap_err().to_string().contains("generator of twice"));
    let verdicts = problem.verdicts(br#"{"value":[true,false,"KeyError"],"stdout":"","stderr":""}"#, 3).unwrap();
    assert_eq!(verdicts, [CaseVerdict::Right, CaseVerdict::Wrong, CaseVerdict::Raised("KeyError".into())]);
    assert_eq!(problem.output(br#"{"value":[1],"stdout":"","stderr":""}"#).unwrap(), "[1]");
}

#[test]
fn points_are_read_and_malformed_ones_refused() {
    let text = |points: &str| format!("{{\"schema\":\"frugal-points-1\",\"rule\":\"r\",\"points\":[{points}]}}");
    let point = r#"{"problem":"twice","solution":"add","size":8,"seed":1}"#;
    let set = parse_points(text(point).as_bytes(), "p").unwrap();
    assert_eq!((set.points[0].size, set.points[0].solution.as_str()), (8, "add"));
    let error = |points: &str| parse_points(text(points).as_bytes(), "p").unwrap_err().to_string();
    assert!(error("").contains("`points` is empty"));
    assert!(error(&format!("{point},{point}")).contains("twice/add at size 8 twice"));
    assert!(error(&point.replace("8", "-8")).contains("invalid value"));
    assert!(error(&point.replace("seed", "sow")).contains("unknown field"));
    let other = text(point).replace("points-1", "points-2");
    assert!(parse_points(other.as_bytes(), "p").unwrap_err().to_string().contains("must be `frugal-points-1`"));
}
