//! Programs with the outcome they must have, read from the header of each file.
//!
//! A header is the run of comment lines at the top: `key: value` after `;;` or `#`. Keys: `expect` (an
//! outcome, or several joined by ` | `), `entry`, `arguments` (JSON), `stdin`, `limits` (`fuel=1 ...`),
//! `value` (the result as text), `stdout` (a Python string literal with escapes), `message` (part of
//! the rejection or error), `fuel` (net, exact), `fuel_min` (net, at least), `repeat: equal` (run twice).
//! Unknown keys are prose.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use frugal_flow::run::{Code, Input, RunRequest};
use frugal_fuel::{Language, Limits};
use frugal_report::RunReport;

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) request: RunRequest,
    header: BTreeMap<String, String>,
}

pub(crate) fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every case of a folder under `tests`, sorted by file name.
pub(crate) fn cases(name: &str) -> Vec<Case> {
    let mut paths: Vec<_> = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "wat" || e == "py" || e == "js"))
        .map(|path| read(path))
        .collect()
}

fn read(path: &Path) -> Case {
    let text = fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mark = match path.extension().unwrap().to_str().unwrap() {
        "wat" => ";;",
        "js" => "//",
        _ => "#",
    };
    let mut header = BTreeMap::new();
    for line in text.lines().map_while(|line| line.strip_prefix(mark)) {
        if let Some((key, value)) = line.split_once(": ") {
            header.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    let code = match mark {
        ";;" => Code::Wat(text),
        "//" => Code::Source { language: Language::JavaScript, text },
        _ => Code::Source { language: Language::Python, text },
    };
    let is_wat = mark == ";;";
    let entry = header.get("entry").cloned().or_else(|| is_wat.then(|| "run".to_owned()));
    let input = match entry {
        Some(entry) => {
            Input::Call { entry, arguments: header.get("arguments").cloned().unwrap_or_else(|| "[]".to_owned()) }
        }
        None => Input::Stdin(header.get("stdin").cloned().unwrap_or_default()),
    };
    let limits = limits(header.get("limits").map_or("", String::as_str));
    Case { request: RunRequest { code, input, limits }, name, header }
}

fn limits(text: &str) -> Limits {
    let mut limits = Limits { fuel: 5_000_000_000, wall_ms: 120_000, ..Limits::default() };
    for part in text.split_whitespace() {
        let (name, value) = part.split_once('=').expect("limits are name=value");
        let value: u64 = value.parse().expect("a limit is a whole number");
        match name {
            "fuel" => limits.fuel = value,
            "setup_fuel" => limits.setup_fuel = value,
            "memory_bytes" => limits.memory_bytes = value,
            "output_bytes" => limits.output_bytes = value,
            "wall_ms" => limits.wall_ms = value,
            other => panic!("unknown limit {other}"),
        }
    }
    limits
}

impl Case {
    pub(crate) fn wants(&self, key: &str) -> Option<&str> {
        self.header.get(key).map(String::as_str)
    }

    /// Compares a report with the header; the difference as a sentence.
    pub(crate) fn judge(&self, report: &RunReport) -> Result<(), String> {
        let expect = self.wants("expect").ok_or("the header has no `expect`")?;
        let seen = describe(report);
        let fits = expect.split(" | ").any(|want| seen == want || seen.starts_with(&format!("{want} ")));
        if !fits {
            return Err(format!("wanted {expect}, saw {seen}\n{report:#?}"));
        }
        if report.fuel_is_lower_bound == (report.outcome.name() == "finished") {
            return Err("fuel is a lower bound exactly when a run did not finish".to_owned());
        }
        if let Some(want) = self.wants("message") {
            let text = format!("{:?} {:?}", report.rejection, report.error);
            if !text.contains(want) {
                return Err(format!("the message lacks `{want}`: {text}"));
            }
        }
        if let Some(want) = self.wants("fuel")
            && report.net_fuel.to_string() != want
        {
            return Err(format!("wanted {want} fuel, saw {}", report.net_fuel));
        }
        if let Some(want) = self.wants("fuel_min")
            && report.net_fuel.0 < want.parse().map_err(|error| format!("fuel_min: {error}"))?
        {
            return Err(format!("wanted at least {want} fuel, saw {}", report.net_fuel));
        }
        let finished = report.outcome.name() == "finished";
        if let (Some(want), true) = (self.wants("value"), finished) {
            let text = report.value.as_ref().map(|value| value.text.as_str());
            if text != Some(want) {
                return Err(format!("wanted value {want}, saw {text:?}"));
            }
        }
        if let (Some(want), true) = (self.wants("stdout"), finished) {
            let seen = python_literal(&report.stdout);
            if seen != want {
                return Err(format!("wanted stdout {want}, saw {seen}"));
            }
        }
        Ok(())
    }
}

/// `outcome`, and after it what tells outcomes of one kind apart.
fn describe(report: &RunReport) -> String {
    let mut text = report.outcome.name().to_owned();
    if let Some(error) = &report.error {
        text.push(' ');
        text.push_str(&error.kind);
    }
    if let Some(trap) = &report.trap {
        text.push(' ');
        text.push_str(trap);
    }
    text
}

fn python_literal(text: &str) -> String {
    let mut literal = String::from("'");
    for c in text.chars() {
        match c {
            '\n' => literal.push_str("\\n"),
            ' '..='~' => literal.push(c),
            c if (c as u32) < 256 => literal.push_str(&format!("\\x{:02x}", c as u32)),
            c => literal.push_str(&format!("\\u{:04x}", c as u32)),
        }
    }
    literal.push('\'');
    literal
}
