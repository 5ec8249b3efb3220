//! Packages are named by their folders, share one version and lints, are not published, and keep `unsafe` where it
//! belongs.

use crate::assert_none;
use crate::metadata::graphs;
use crate::tree::{files, root};

/// Packages whose name is not `frugal-<folder>`, each with its reason.
const NAMES: &[(&str, &str, &str)] = &[
    ("sandbox/guests/build", "frugal-guest-build", "a tool of the guests; its folder alone would say too little"),
    ("tests", "frugal-tests", "one package judges everything"),
    ("tests/bench/engine", "frugal-engine-bench", "its folder says the place, its name what it times"),
    ("tests/gpu", "frugal-gpu-tests", "what it judges has the plain name"),
];

/// Folders that may hold `unsafe`, each with its reason.
const UNSAFE: &[(&str, &str)] = &[
    ("engine/gpu/", "buffers"),
    ("engine/tensor/", "SIMD"),
    ("sandbox/browser/", "glue to the browser"),
    ("sandbox/host/", "the cache of compiled modules, which carries our own keyed hash"),
    ("tests/bench/", "exports of a program that is measured inside the sandbox"),
    ("sandbox/guests/", "programs that live inside the sandbox and answer its calls by address"),
];

#[test]
fn packages_are_named_by_their_folders() {
    let mut findings = Vec::new();
    for (_, package) in graphs()[0].1.members() {
        let folder = package.folder.rsplit('/').next().unwrap_or_default();
        let excused = NAMES.iter().any(|(folder, name, _)| *folder == package.folder && *name == package.name);
        if package.name != format!("frugal-{folder}") && !excused {
            findings.push(format!("{}: the package is {}, not frugal-{folder}", package.folder, package.name));
        }
    }
    assert_none(&findings, "packages that do not carry the name of their folder");
}

/// Members that compile only for the browser.
const BROWSER_ONLY: [&str; 3] = ["app/web", "app/webworker", "app/widget"];

#[test]
fn a_plain_build_selects_every_native_member() {
    let manifest: toml::Table = std::fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let listed = |key: &str| -> Vec<&str> {
        manifest["workspace"][key].as_array().unwrap().iter().map(|entry| entry.as_str().unwrap()).collect()
    };
    let mut native = listed("members");
    native.retain(|member| !BROWSER_ONLY.contains(member));
    assert_eq!(listed("default-members"), native, "`default-members` lists what compiles natively, in the same order");
}

#[test]
fn manifests_inherit_from_the_workspace() {
    let mut findings = Vec::new();
    for (_, package) in graphs()[0].1.members() {
        let path = format!("{}/Cargo.toml", package.folder);
        let manifest: toml::Table = std::fs::read_to_string(root().join(&path)).unwrap().parse().unwrap();
        let inherits = |value: Option<&toml::Value>| {
            value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
        };
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            if !inherits(manifest["package"].get(key)) {
                findings.push(format!("{path}: `{key}.workspace = true` is missing"));
            }
        }
        if !inherits(manifest.get("lints")) {
            findings.push(format!("{path}: `[lints] workspace = true` is missing"));
        }
        if package.publishable {
            findings.push(format!("{path}: the package could be published"));
        }
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(list) = manifest.get(kind).and_then(toml::Value::as_table) else { continue };
            let own = list.iter().filter(|(_, value)| !inherits(Some(value)));
            findings.extend(own.map(|(name, _)| format!("{path}: `{name}` does not come from the workspace")));
        }
    }
    assert_none(&findings, "manifests that do not inherit");
}

/// Whether a line of Rust uses `unsafe` as code.
fn uses_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "#[unsafe("].iter().any(|form| code.contains(form))
}

#[test]
fn unsafe_code_stands_only_where_it_may() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| file.extension() == "rs" && !file.path.starts_with("tests/tidy/")) {
        if UNSAFE.iter().any(|(folder, _)| file.path.starts_with(folder)) {
            continue;
        }
        let text = file.text().unwrap_or_default();
        let lines = text.lines().enumerate().filter(|(_, line)| uses_unsafe(line));
        findings.extend(lines.map(|(number, _)| format!("{}:{}", file.path, number + 1)));
    }
    assert_none(&findings, "`unsafe` outside the crates that may use it");
}

#[test]
fn unsafe_code_is_seen() {
    assert!(uses_unsafe("    let x = unsafe { y() };"));
    assert!(uses_unsafe("#[unsafe(no_mangle)]"));
    assert!(!uses_unsafe("// unsafe { only spoken of }"));
}
