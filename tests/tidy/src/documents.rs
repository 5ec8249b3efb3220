//! Documents stay true: every path that they name exists, and every crate stands on the map.

use std::collections::{BTreeMap, BTreeSet};

use crate::assert_none;
use crate::metadata::graphs;
use crate::tree::{files, root};

/// Documents whose paths are checked.
const DOCUMENTS: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];

/// What begins a path from the root.
const DISTRICTS: [&str; 8] = ["app/", "engine/", "public/", "sandbox/", "tests/", ".ci/", ".cargo/", ".github/"];

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// First and second column of the table below `heading`; the first holds a name in backticks.
pub(crate) fn two_columns(document: &str, heading: &str) -> BTreeMap<String, String> {
    let text = read(document);
    let section = text.split_once(heading).map_or("", |(_, rest)| rest);
    section
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter_map(|(name, rest)| Some((name.to_owned(), rest.split_once(" |")?.0.to_owned())))
        .collect()
}

/// Paths in backticks and targets of relative links.
fn named_paths(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2).filter(|word| {
        let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
        let file = ["md", "toml", "json", "lock", "html"].iter().any(|end| word.ends_with(&format!(".{end}")));
        plain && (DISTRICTS.iter().any(|district| word.starts_with(district)) || (file && !word.contains('/')))
    });
    let linked = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let linked = linked.filter(|target| !target.contains("://") && !target.starts_with('#'));
    quoted.chain(linked).map(|path| path.trim_end_matches('/').to_owned()).collect()
}

#[test]
fn every_named_path_exists() {
    let known: BTreeSet<String> = files().into_iter().map(|file| file.path).collect();
    let is_known = |path: &str| known.contains(path) || known.iter().any(|file| file.starts_with(&format!("{path}/")));
    let mut findings = Vec::new();
    for document in DOCUMENTS {
        let paths = named_paths(&read(document));
        findings.extend(paths.iter().filter(|path| !is_known(path)).map(|path| format!("{document} names {path}")));
    }
    assert_none(&findings, "paths that do not exist (or that git ignores)");
}

#[test]
fn every_crate_is_on_the_map() {
    let map = read("ARCHITECTURE.md");
    let absent = |folder: &str| !map.contains(&format!("`{folder}`"));
    let findings: Vec<String> = graphs()[0]
        .1
        .members()
        .filter(|(_, package)| absent(&package.folder))
        .map(|(_, package)| format!("ARCHITECTURE.md has no `{}`", package.folder))
        .collect();
    assert_none(&findings, "crates that the map does not show");
}

#[test]
fn paths_are_found_in_text() {
    let text = "See `sandbox/fuel` and `Cargo.toml`, not `frugal run f.py`; ![page](public/screenshot.png) [x](#y).";
    assert_eq!(named_paths(text), ["sandbox/fuel", "Cargo.toml", "public/screenshot.png"]);
}
