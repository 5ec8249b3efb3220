//! Crates that compute touch nothing of the system: no clock, file, thread, process or network.

use crate::assert_none;
use crate::tree::{File, files};

/// Folders whose code, tests aside, is handed everything it needs.
const PURE: [&str; 11] = [
    "engine/model/src/",
    "engine/train/src/",
    "sandbox/fuel/src/",
    "sandbox/instrument/src/",
    "sandbox/guests/src/",
    "sandbox/bench/src/",
    "sandbox/score/src/",
    "app/report/src/",
    "app/wire/src/",
    "app/flow/src/",
    "app/ui/src/",
];

/// Modules of the standard library that reach outside. One `use` a module, so that they are seen.
const OUTSIDE: [&str; 8] = ["env", "fs", "io", "net", "os", "process", "thread", "time"];

/// Findings in one text: tests may do what they like, and stand in `tests.rs` or at the end of a file.
fn findings(path: &str, text: &str) -> Vec<String> {
    let code = text.lines().take_while(|line| line.trim() != "#[cfg(test)]").enumerate();
    let names = |line: &str, module: &str| {
        let line = line.split("//").next().unwrap_or_default();
        let is_whole = |at: usize| !line[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let path = format!("std::{module}");
        line.contains("std::{") || line.match_indices(&path).any(|(at, _)| is_whole(at + path.len()))
    };
    code.flat_map(|(number, line)| OUTSIDE.iter().filter(move |module| names(line, module)).map(move |m| (number, m)))
        // A duration is a number with a unit; only clocks reach outside.
        .filter(|(number, module)| **module != "time" || !is_only_duration(text, *number))
        // Whoever is handed a reader is handed bytes; only the standard streams reach outside.
        .filter(|(number, module)| **module != "io" || !is_only_reading(text, *number))
        .map(|(number, module)| format!("{path}:{}: std::{module}", number + 1))
        .collect()
}

fn is_only_duration(text: &str, number: usize) -> bool {
    text.lines()
        .nth(number)
        .is_some_and(|line| line.matches("std::time").count() == line.matches("std::time::Duration").count())
}

fn is_only_reading(text: &str, number: usize) -> bool {
    let Some((_, names)) = text.lines().nth(number).and_then(|line| line.split_once("use std::io::")) else {
        return false;
    };
    let mut names = names.trim_matches(['{', '}', ';']).split(',').map(str::trim);
    names.all(|name| ["BufRead", "BufReader", "Cursor", "Read"].contains(&name))
}

fn is_code(file: &File) -> bool {
    let is_test = file.path.ends_with("/tests.rs") || file.path.contains("/tests/");
    file.extension() == "rs" && !is_test && PURE.iter().any(|folder| file.path.starts_with(folder))
}

#[test]
fn pure_crates_touch_nothing_of_the_system() {
    let all: Vec<String> = files()
        .iter()
        .filter(|file| is_code(file))
        .flat_map(|file| findings(&file.path, &file.text().unwrap_or_default()))
        .collect();
    assert_none(&all, "what belongs to the edges stands in a crate that computes");
}

#[test]
fn a_clock_and_a_file_are_found() {
    let text = "use std::time::Instant;\nlet x = std::fs::read(p);\nuse std::iter;\n// std::fs\nuse std::time::Duration;\n\
        use std::io::{BufRead, Read};\nuse std::io::{Read, stdin};\nstd::io::stdin();\n\
        #[cfg(test)]\nmod tests { use std::fs; }\n";
    let found = ["a.rs:1: std::time", "a.rs:2: std::fs", "a.rs:7: std::io", "a.rs:8: std::io"];
    assert_eq!(findings("a.rs", text), found);
}
