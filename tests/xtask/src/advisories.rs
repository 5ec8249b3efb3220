//! The database of published advisories, fetched where the network allows it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::tools::cache;

const DATABASE: &str = "https://github.com/rustsec/advisory-db";

/// A network that answers needs seconds; one that swallows packets must not hold the checks up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder of an up-to-date database, or `None` where it cannot be reached.
pub(crate) fn fetch() -> Option<PathBuf> {
    let folder = cache().join("advisory-db");
    if folder.join(".git").is_dir() {
        let at = |arguments: &[&str]| ends_well(git().arg("-C").arg(&folder).args(arguments));
        let updated = at(&["fetch", "--quiet", "--depth", "1", "origin", "HEAD"])
            && at(&["reset", "--quiet", "--hard", "FETCH_HEAD"]);
        return updated.then_some(folder);
    }
    std::fs::create_dir_all(cache()).ok()?;
    // Cloned beside and moved, so that an interrupted clone is not taken for a database.
    let partial = folder.with_extension("partial");
    remove(&partial);
    let cloned = ends_well(git().args(["clone", "--quiet", "--depth", "1", DATABASE]).arg(&partial));
    if cloned && std::fs::rename(&partial, &folder).is_ok() {
        return Some(folder);
    }
    remove(&partial);
    None
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    git
}

/// Whether the command ends well in time.
fn ends_well(command: &mut Command) -> bool {
    let Ok(mut process) = command.spawn() else { return false };
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        match process.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Err(_) => break,
        }
    }
    drop(process.kill());
    drop(process.wait());
    false
}

/// Whatever is left of an earlier attempt; nothing to do where there is none.
fn remove(folder: &Path) {
    if folder.exists() {
        drop(std::fs::remove_dir_all(folder));
    }
}
