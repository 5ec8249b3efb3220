//! The folder of Frugal's own problems.

use std::path::{Path, PathBuf};

use frugal_bench::suite::frugal::Problem;

use crate::command::eval::entries;
use crate::failure::Failure;
use crate::suite::files_of;

/// Every problem of a folder, by id.
pub(crate) fn problems(folder: &Path) -> Result<Vec<Problem>, Failure> {
    let mut folders: Vec<PathBuf> = entries(folder)?.into_iter().filter(|path| path.is_dir()).collect();
    folders.sort();
    if folders.is_empty() {
        let failure = Failure::usage(format!("{}: it holds no problems", folder.display()));
        return Err(failure.hint("name a folder of problems, such as public/problems/frugal"));
    }
    let read = |folder: &PathBuf| {
        let id = folder.file_name().unwrap_or_default().to_string_lossy();
        Problem::from_files(&id, &files_of(folder)?).map_err(Failure::usage)
    };
    folders.iter().map(read).collect()
}
