//! The page: built by trunk, weighed file by file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::npm::is_source_folder;
use crate::run::{Failure, run, step};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// What the first load may weigh, compressed, without guests and editor, in bytes.
const FIRST_LOAD_BYTES_MAX: u64 = 300_000;

/// What the page is made of.
const SOURCES: [&str; 7] = ["app", "engine", "sandbox", "public", "Cargo.lock", "Cargo.toml", "Trunk.toml"];

/// Builds `dist` unless it is newer than all that it is made of.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Failure> {
    let built = modified(&workspace.root.join("dist/index.html"));
    let changed = SOURCES.iter().filter_map(|source| newest(&workspace.root.join(source))).max();
    if built.is_some() && built >= changed {
        println!("==> the page in dist is newer than its sources");
        return Ok(());
    }
    build(workspace)
}

/// Builds `dist`.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    step("build the page", || {
        // Trunk reads NO_COLOR as a flag and refuses any value but `true` and `false`.
        let mut trunk = Command::new("trunk");
        trunk.args(["build", "--release"]).current_dir(&workspace.root).env_remove("NO_COLOR");
        run(&mut trunk, "the lines above name the file; `cargo xtask setup` installs missing tools")
    })
}

/// Weighs the built page and checks the first load against its budget.
pub(crate) fn weigh(workspace: &Workspace) -> Result<Tally, Failure> {
    let dist = workspace.root.join("dist");
    let hint = "build it with `cargo xtask build`";
    let index = fs::read_to_string(dist.join("index.html"))
        .map_err(|error| Failure::new(format!("dist/index.html: {error}"), hint))?;
    let mut files = Vec::new();
    walk(&dist, &mut |path| files.push(path.to_owned()));
    files.sort();
    let mut first_load_bytes = 0;
    println!("    compressed    raw bytes");
    for path in files {
        let name = path.strip_prefix(&dist).unwrap_or(&path).to_string_lossy().into_owned();
        if name.starts_with("guests/") || name.starts_with("api/") {
            continue;
        }
        let raw_bytes = path.metadata().map(|data| data.len()).unwrap_or(0);
        let bytes = compressed_bytes(&path)?;
        let first = name == "index.html" || is_named(&index, &name);
        let mark = if first { "first load" } else { "" };
        println!("    {bytes:>10} {raw_bytes:>12}  {name}  {mark}");
        first_load_bytes += if first { bytes } else { 0 };
    }
    println!("    first load: {first_load_bytes} bytes compressed (gzip -9), at most {FIRST_LOAD_BYTES_MAX}");
    let fits = first_load_bytes <= FIRST_LOAD_BYTES_MAX;
    Ok(Tally { passed: u64::from(fits), failed: u64::from(!fits), skips: Vec::new() })
}

/// Whether `index` names the file, so that a browser fetches it with the page. What loads late it does not name.
fn is_named(index: &str, name: &str) -> bool {
    index.contains(name)
}

fn compressed_bytes(path: &Path) -> Result<u64, Failure> {
    let compressed = Command::new("gzip").arg("-9nc").arg(path).output();
    match compressed {
        Ok(output) if output.status.success() => Ok(output.stdout.len() as u64),
        _ => Err(Failure::new(format!("`gzip` could not read {}", path.display()), "install gzip")),
    }
}

/// When the newest file below `path` changed.
pub(crate) fn newest(path: &Path) -> Option<SystemTime> {
    if path.is_file() {
        return modified(path);
    }
    let mut latest = None;
    walk(path, &mut |file| latest = latest.max(modified(file)));
    latest
}

pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}

fn walk(folder: &Path, see: &mut dyn FnMut(&PathBuf)) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path.is_file() {
            see(&path);
        } else if entry.file_name().to_str().is_some_and(is_source_folder) {
            walk(&path, see);
        }
    }
}
