//! The files of the project.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// One file, by its path from the root.
pub(crate) struct File {
    /// Path with forward slashes.
    pub(crate) path: String,
    /// Size in bytes.
    pub(crate) bytes: u64,
}

impl File {
    /// The text, or `None` where the file is not text.
    pub(crate) fn text(&self) -> Option<String> {
        String::from_utf8(std::fs::read(root().join(&self.path)).ok()?).ok()
    }

    /// What stands behind the last dot of the name; empty without one.
    pub(crate) fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// Every file that git tracks or would track.
pub(crate) fn files() -> Vec<File> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "`git ls-files` failed: the tree must be a git clone");
    let names = String::from_utf8(listed.stdout).unwrap();
    let mut paths: Vec<&str> = names.split('\0').filter(|name| !name.is_empty()).collect();
    paths.sort_unstable();
    paths.dedup();
    // A file that is deleted but not yet committed is still listed; it has no metadata.
    paths
        .into_iter()
        .filter_map(|path| {
            let data = root().join(path).symlink_metadata().ok()?;
            data.is_file().then(|| File { path: path.to_owned(), bytes: data.len() })
        })
        .collect()
}
