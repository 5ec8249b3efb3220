//! npm packages, by their lockfiles.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Failure, capture, run, step};
use crate::workspace::Workspace;

/// The oldest Node that the page's tools are tried with.
const NODE_MAJOR_MIN: u32 = 20;

/// Folders below the root in which a `package-lock.json` may stand: three levels, as deep as the tree goes.
const DEPTH_MAX: usize = 4;

/// Runs `npm ci` in each folder whose installed packages do not match its lockfile.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Failure> {
    let mut folders = Vec::new();
    find_lockfiles(&workspace.root, DEPTH_MAX, &mut folders);
    // The page's hooks run on Node even where every package is there.
    check_node()?;
    // The peers of a benchmark are large, and the benchmark installs them itself.
    folders.retain(|folder| !folder.ends_with("tests/bench/peers"));
    let stale: Vec<_> = folders.into_iter().filter(|folder| !is_fresh(folder)).collect();
    if !stale.is_empty() && capture(Command::new("npm").arg("--version")).is_none() {
        return Err(Failure::new("no `npm` here", hint()));
    }
    for folder in stale {
        let shown = folder.strip_prefix(&workspace.root).unwrap_or(&folder).display().to_string();
        step(&format!("install the npm packages of {shown}"), || {
            // The browser comes from the system, so no package may fetch one of its own.
            let mut npm = Command::new("npm");
            // Without a network, say so soon: npm would wait for minutes between its attempts.
            npm.args(["ci", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=2000"])
                .current_dir(&folder);
            npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
            run(&mut npm, "check the network, then run `npm ci` in that folder")
        })?;
    }
    Ok(())
}

/// Some systems ship npm apart from Node.
fn hint() -> String {
    format!("install Node {NODE_MAJOR_MIN} or later with npm, and see that `node` and `npm` are on the PATH")
}

fn check_node() -> Result<(), Failure> {
    let version =
        capture(Command::new("node").arg("--version")).ok_or_else(|| Failure::new("no `node` here", hint()))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => Err(Failure::new(format!("node is {}, older than {NODE_MAJOR_MIN}", version.trim()), hint())),
    }
}

/// npm writes its hidden lockfile last, so it is newer than the lockfile only after a whole installation.
fn is_fresh(folder: &Path) -> bool {
    let modified = |path: PathBuf| path.metadata().and_then(|data| data.modified()).ok();
    let installed = modified(folder.join("node_modules/.package-lock.json"));
    installed.is_some() && installed >= modified(folder.join("package-lock.json"))
}

fn find_lockfiles(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if folder.join("package-lock.json").is_file() {
        found.push(folder.to_owned());
    }
    if depth == 0 {
        return;
    }
    let Ok(entries) = folder.read_dir() else { return };
    let mut folders: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_source_folder))
        .collect();
    folders.sort();
    for path in folders {
        find_lockfiles(&path, depth - 1, found);
    }
}

/// Leaves out what builds and installations make.
pub(crate) fn is_source_folder(name: &str) -> bool {
    !name.starts_with('.') && !matches!(name, "node_modules" | "target" | "dist" | "data" | "results")
}
