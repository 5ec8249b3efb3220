//! What a tool generates is not tracked: bytecode, and whatever `.gitignore` names.

use std::process::Command;

use crate::assert_none;
use crate::tree::{files, root};

/// Extensions of files that a tool writes beside a source. Everything else generated is `.gitignore`'s.
const EXTENSIONS: [&str; 5] = ["pyc", "pyo", "class", "o", "rlib"];

/// Paths that git tracks although the project's own `.gitignore` names them; the reader's own list does not count.
fn tracked_but_ignored() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--ignored", "--exclude-per-directory=.gitignore"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "`git ls-files` failed: the tree must be a git clone");
    let names = String::from_utf8(listed.stdout).unwrap();
    names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn is_generated(path: &str) -> bool {
    EXTENSIONS.iter().any(|extension| path.ends_with(&format!(".{extension}")))
}

#[test]
fn nothing_generated_is_tracked() {
    let mut findings: Vec<String> =
        files().into_iter().map(|file| file.path).filter(|path| is_generated(path)).collect();
    findings.extend(tracked_but_ignored().into_iter().filter(|path| root().join(path).exists()));
    findings.sort();
    findings.dedup();
    assert_none(&findings, "generated files that git tracks (remove them with `git rm --cached`)");
}

#[test]
fn generated_names_are_known() {
    assert!(is_generated("a/__pycache__/b.cpython-314.pyc"));
    assert!(!is_generated("a/pyc.py"));
}
