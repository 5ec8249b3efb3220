//! Files and functions stay small enough to hold in the head.

use crate::assert_none;
use crate::tree::files;

/// A file rarely needs more lines than this.
const FILE_LINES_MAX: usize = 600;
/// Nothing has more lines than this, for whatever reason.
const FILE_LINES_LIMIT: usize = 1000;
/// Lines of one function, signature and closing brace included.
const FUNCTION_LINES_MAX: usize = 70;
/// Sources that people write.
const EXTENSIONS: [&str; 11] = ["rs", "css", "html", "js", "mjs", "ts", "py", "wgsl", "wit", "sh", "md"];

/// Files that may have more than `FILE_LINES_MAX` lines, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];
/// Functions, as `path: name`, that may be longer, each with its reason.
const LONG_FUNCTIONS: &[(&str, &str)] = &[
    ("app/ui/src/results_table/mod.rs: ResultsTable", "markup: one table, read from top to bottom"),
    ("app/web/src/bench_page.rs: Inputs", "markup: one form, read from top to bottom"),
];

#[test]
fn files_stay_short() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| EXTENSIONS.contains(&file.extension())) {
        let lines = file.text().unwrap_or_default().lines().count();
        let limit =
            if LONG_FILES.iter().any(|(path, _)| *path == file.path) { FILE_LINES_LIMIT } else { FILE_LINES_MAX };
        if lines > limit {
            findings.push(format!("{}: {lines} lines, at most {limit}", file.path));
        }
    }
    assert_none(&findings, "files too long to hold in the head");
}

/// Functions of formatted Rust text with their lengths: the closing brace stands as far in as the signature.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        let Some(name) = function_name(code) else { continue };
        let close = format!("{indent}}}");
        let end = lines[start..].iter().position(|line| {
            **line == close
                || (**line).trim_end().ends_with(';') && line.len() - line.trim_start().len() == indent.len()
        });
        if let Some(end) = end.filter(|end| lines[start + end].starts_with(&close)) {
            found.push((name.to_owned(), end + 1));
        }
    }
    found
}

fn function_name(code: &str) -> Option<&str> {
    let mut rest = code;
    loop {
        if let Some(after) = rest.strip_prefix("fn ") {
            let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
            return Some(&after[..end]);
        }
        let (word, after) = rest.split_once(' ')?;
        let is_qualifier = word.starts_with("pub") || ["const", "async", "unsafe", "extern", "\"C\""].contains(&word);
        rest = is_qualifier.then_some(after)?;
    }
}

#[test]
fn functions_stay_short() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| file.extension() == "rs") {
        for (name, lines) in functions(&file.text().unwrap_or_default()) {
            let place = format!("{}: {name}", file.path);
            let excused = LONG_FUNCTIONS.iter().any(|(excused, _)| *excused == place);
            if lines > FUNCTION_LINES_MAX && !excused {
                findings.push(format!("{place}: {lines} lines, at most {FUNCTION_LINES_MAX}"));
            }
        }
    }
    assert_none(&findings, "functions too long to read at once");
}

#[test]
fn functions_are_measured() {
    let text = "pub(crate) const fn a(\n    x: u8,\n) -> u8 {\n    if x > 1 {\n    }\n    x\n}\n\nimpl T {\n    fn b() {\n    }\n    fn c();\n}\n";
    assert_eq!(functions(text), [("a".to_owned(), 7), ("b".to_owned(), 2)]);
}
