//! Chromium for the browser specs: the system's own package.

use std::path::PathBuf;
use std::process::Command;

use crate::run::{Failure, capture, run, step};

/// What to do where this program may not install packages.
const HINT: &str = "run `sudo apt-get install -y chromium chromium-driver`, or name a Chromium in CHROMIUM_PATH";

/// Names under which systems install Chromium.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The path of Chromium, installed by the system's package manager where this user may.
pub(crate) fn ensure_chromium() -> Result<PathBuf, Failure> {
    if let Some(path) = chromium() {
        return Ok(path);
    }
    if !may_install() {
        return Err(Failure::new("Chromium is missing and this user may not install packages", HINT));
    }
    step("install Chromium and its driver", || {
        let apt = |arguments: &[&str]| {
            run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"), HINT)
        };
        apt(&["update", "-q"])?;
        apt(&["install", "-y", "-q", "--no-install-recommends", "chromium", "chromium-driver"])
    })?;
    chromium().ok_or_else(|| Failure::new("Chromium is still missing after its installation", HINT))
}

fn chromium() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM_PATH").map(PathBuf::from) {
        return path.is_file().then_some(path);
    }
    let path = std::env::var_os("PATH")?;
    NAMES.iter().find_map(|name| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|p| p.is_file()))
}

fn may_install() -> bool {
    let root = capture(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    root && capture(Command::new("apt-get").arg("--version")).is_some()
}
