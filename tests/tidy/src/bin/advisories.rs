//! Holds the lockfiles, the workspace's and those of crates built apart, against a folder of published advisories: `advisories DIR`.
//!
//! `DIR` is a checkout of the RustSec advisory database: `crates/<name>/RUSTSEC-<year>-<number>.md`, each beginning with
//! a block of TOML. A vulnerability fails unless deny.toml ignores it with a reason; what is only informational
//! (unmaintained, unsound) is listed. Closes with a line that says how many were read.
#![allow(clippy::print_stdout, reason = "a command line speaks on standard output")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use semver::{Version, VersionReq};
use toml::{Table, Value};

/// One advisory that holds for a version of the lockfile.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    line: String,
    id: String,
    informational: bool,
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("error: name the folder of the advisory database\nhint: advisories DIR");
        return ExitCode::FAILURE;
    };
    match check(&folder) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn check(folder: &Path) -> Result<ExitCode, String> {
    let ignored = ignored(&read(Path::new("deny.toml"))?)?;
    let (mut read_count, mut failed) = (0_usize, false);
    let mut packages = BTreeSet::new();
    let lockfiles = lockfiles()?;
    for lockfile in &lockfiles {
        let named = |error: String| format!("{lockfile}: {error}");
        packages.extend(foreign(&read(Path::new(lockfile))?).map_err(named)?);
    }
    for (name, version) in &packages {
        let Ok(entries) = folder.join("crates").join(name).read_dir() else { continue };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            read_count += 1;
            let found = judge(name, version, &read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
            if let Some(finding) = found {
                let excused = finding.informational || ignored.contains(&finding.id);
                println!("{}: {}", if excused { "note" } else { "vulnerable" }, finding.line);
                failed |= !excused;
            }
        }
    }
    println!("{read_count} advisories on the dependencies of {} read", lockfiles.join(", "));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Every lockfile that is part of the project.
fn lockfiles() -> Result<Vec<String>, String> {
    let listed = Command::new("git").args(["ls-files", "Cargo.lock", "*/Cargo.lock"]).output();
    let listed = listed.map_err(|error| format!("git ls-files: {error}"))?;
    let names: Vec<_> = String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect();
    if names.is_empty() { Err("git lists no Cargo.lock here".into()) } else { Ok(names) }
}

/// Name and version of each package of a lockfile that comes from elsewhere.
fn foreign(lockfile: &str) -> Result<Vec<(String, Version)>, String> {
    let lock: Table = lockfile.parse().map_err(|error| format!("{error}"))?;
    let packages = lock.get("package").and_then(Value::as_array).into_iter().flatten();
    packages
        .filter(|package| package.get("source").is_some())
        .filter_map(|package| {
            let text = |key: &str| package.get(key).and_then(Value::as_str);
            text("name").zip(text("version"))
        })
        .map(|(name, version)| {
            let parsed = Version::parse(version).map_err(|error| format!("{name} {version}: {error}"))?;
            Ok((name.to_owned(), parsed))
        })
        .collect()
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Identifiers that deny.toml ignores; each entry has a reason.
fn ignored(policy: &str) -> Result<Vec<String>, String> {
    let policy: Table = policy.parse().map_err(|error| format!("deny.toml: {error}"))?;
    let list = policy.get("advisories").and_then(|table| table.get("ignore")).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .map(|entry| {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
            match (text("id"), text("reason")) {
                (Some(id), Some(_)) => Ok(id.to_owned()),
                _ => Err(format!("deny.toml: an ignored advisory needs `id` and `reason`: {entry:?}")),
            }
        })
        .collect()
}

/// What one advisory says about one version: nothing, or a finding.
fn judge(name: &str, version: &Version, advisory: &str) -> Result<Option<Finding>, String> {
    let block = advisory.split_once("```toml").and_then(|(_, rest)| rest.split_once("```"));
    let Some((block, prose)) = block else { return Err("no block of TOML at its head".into()) };
    let table: Table = block.parse().map_err(|error| format!("{error}"))?;
    let about = table.get("advisory").ok_or("no table `advisory`")?;
    if about.get("withdrawn").is_some() {
        return Ok(None);
    }
    let versions = table.get("versions").ok_or("no table `versions`")?;
    for key in ["patched", "unaffected"] {
        for requirement in versions.get(key).and_then(Value::as_array).into_iter().flatten() {
            let requirement = requirement.as_str().ok_or("a version that is no text")?;
            let requirement = VersionReq::parse(requirement).map_err(|error| format!("`{requirement}`: {error}"))?;
            if requirement.matches(version) {
                return Ok(None);
            }
        }
    }
    let id = about.get("id").and_then(Value::as_str).ok_or("no `id`")?.to_owned();
    let title = prose.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("without a title");
    let informational = about.get("informational").is_some();
    Ok(Some(Finding { line: format!("{name} {version}: {id}: {title}"), id, informational }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVISORY: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2024-0001\"\npackage = \"a\"\n\n[versions]\n\
        patched = [\">= 1.2.3\", \">= 0.9.5, < 1.0.0\"]\nunaffected = [\"< 0.5.0\"]\n```\n\n# Reads past its end\n";

    #[test]
    fn versions_are_judged() {
        for (version, vulnerable) in
            [("1.2.3", false), ("1.2.2", true), ("0.9.5", false), ("0.9.4", true), ("0.4.9", false)]
        {
            let found = judge("a", &Version::parse(version).unwrap(), ADVISORY).unwrap();
            assert_eq!(found.is_some(), vulnerable, "{version}");
        }
    }

    #[test]
    fn only_foreign_packages_of_a_lockfile_count() {
        let lock = "[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n\n\
            [[package]]\nname = \"a\"\nversion = \"1.2.3\"\nsource = \"registry\"\n";
        assert_eq!(foreign(lock).unwrap(), [("a".to_owned(), Version::new(1, 2, 3))]);
        assert!(foreign(&lock.replace("1.2.3", "one")).unwrap_err().starts_with("a one"));
    }

    #[test]
    fn what_is_withdrawn_or_informational_does_not_fail() {
        let version = Version::new(1, 0, 0);
        let withdrawn = ADVISORY.replace("package", "withdrawn = \"2024-05-01\"\npackage");
        assert_eq!(judge("a", &version, &withdrawn).unwrap(), None);
        let informational = ADVISORY.replace("package", "informational = \"unmaintained\"\npackage");
        assert!(judge("a", &version, &informational).unwrap().unwrap().informational);
        assert_eq!(
            judge("a", &version, ADVISORY).unwrap().unwrap().line,
            "a 1.0.0: RUSTSEC-2024-0001: Reads past its end"
        );
    }

    #[test]
    fn an_ignored_advisory_needs_a_reason() {
        assert_eq!(ignored("[advisories]\nignore = [{ id = \"R-1\", reason = \"not reached\" }]").unwrap(), ["R-1"]);
        assert!(ignored("[advisories]\nignore = [{ id = \"R-1\" }]").is_err());
    }
}
