//! The random modules that the meter's own test writes and the browser specs replay.

use std::fs;
use std::path::PathBuf;

use crate::page::{modified, newest};
use crate::run::Failure;
use crate::workspace::Workspace;

/// Names the folder to the test that writes it and to the specs that read it.
pub(crate) const FOLDER_VARIABLE: &str = "FRUGAL_RANDOM_DUMP";

/// What decides the modules and their counts.
const SOURCES: [&str; 3] = ["sandbox/fuel", "sandbox/instrument", "Cargo.lock"];

/// Where they stand.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.binaries.with_file_name("random")
}

/// The same folder with nothing in it, so that no module of an earlier meter is left.
pub(crate) fn empty_folder(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = folder(workspace);
    let emptied = if folder.exists() { fs::remove_dir_all(&folder) } else { Ok(()) };
    emptied.and_then(|()| fs::create_dir_all(&folder)).map_err(|error| {
        Failure::new(format!("{}: {error}", folder.display()), "see that this user may write there")
    })?;
    Ok(folder)
}

/// Whether they are newer than all that decides them; the list of cases is written last.
pub(crate) fn is_fresh(workspace: &Workspace) -> bool {
    let written = modified(&folder(workspace).join("cases.json"));
    written.is_some() && written >= SOURCES.iter().filter_map(|source| newest(&workspace.root.join(source))).max()
}
