//! Words that stand in no tracked file: places of one machine, hosts of registries, promises of later work.

use crate::assert_none;
use crate::tree::files;

/// Folders of one machine. The last one is legitimate as an example of a path that a guest must not reach.
const MACHINE_PATHS: [&str; 5] = ["/work/", "/root/", "/home/", "/Users/", "/tmp/"];

/// Hosts of registries, and parts of names that their mirrors carry.
const REGISTRIES: [&str; 12] = [
    "registry.npmjs",
    "registry.yarnpkg",
    "npmmirror",
    "pypi.org",
    "pythonhosted",
    "crates.io-index",
    "index.crates.io",
    "static.crates.io",
    "artifactory",
    "nexus3",
    "pkg.dev",
    "proxy.golang",
];

/// Work that someone promised instead of doing.
const PROMISES: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];

/// Where a word may stand after all: begin or end of a path, part of a word (empty for all words), reason.
const EXCUSED: &[(&str, &str, &str)] = &[
    ("tests/tidy/src/", "", "the lists of words themselves"),
    ("tests/adversary/", "/", "programs that try to reach the paths of a machine"),
    ("app/server/src/tests/pages.rs", "/root/", "an address that a client asks for"),
    ("Cargo.lock", "crates.io-index", "the standard source field"),
];

/// Findings in one text.
fn findings(path: &str, text: &str) -> Vec<String> {
    let excused = |word: &str| {
        EXCUSED.iter().any(|(start, part, _)| (path.starts_with(start) || path.ends_with(start)) && word.contains(part))
    };
    let mut findings = Vec::new();
    let mut report = |line: usize, word: &str| {
        if !excused(word) {
            findings.push(format!("{path}:{}: {word}", line + 1));
        }
    };
    for (number, line) in text.lines().enumerate() {
        for word in MACHINE_PATHS.iter().filter(|word| starts_path(line, word)) {
            report(number, word);
        }
        for word in REGISTRIES.iter().filter(|word| line.contains(**word)) {
            report(number, word);
        }
        for word in PROMISES.iter().filter(|word| stands_alone(line, word)) {
            report(number, word);
        }
    }
    findings
}

/// Whether `word` begins a path in `line`: what stands before it is no part of a longer relative path.
fn starts_path(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || "._-}*)>/~$".contains(before)))
}

fn stands_alone(line: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part_of_word) && !line[at + word.len()..].starts_with(part_of_word))
}

#[test]
fn no_file_holds_a_forbidden_word() {
    let all: Vec<String> =
        files().iter().filter_map(|file| Some(findings(&file.path, &file.text()?))).flatten().collect();
    assert_none(&all, "words that no tracked file holds");
}

#[test]
fn planted_words_are_found() {
    assert_eq!(findings("a.md", "in /home/me/x").len(), 1);
    assert_eq!(findings("a.md", "at https://registry.npmjs.org/x").len(), 1);
    assert_eq!(findings("a.rs", "// TODO: later").len(), 1);
    assert_eq!(findings("a.rs", "net/work/x, src/root/x, XXXL, todo").len(), 0);
    assert_eq!(findings("Cargo.lock", "source = \"registry+https://github.com/rust-lang/crates.io-index\"").len(), 0);
    assert_eq!(findings("Cargo.lock", "source = \"https://artifactory.example/x\"").len(), 1);
}
