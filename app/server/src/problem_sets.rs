//! Problem sets read once, when the server starts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use frugal_bench::suite::enamel::{Problem, parse_problems};

use crate::ApiError;
use crate::route::problems::{ProblemEntry, ProblemSet};

/// The shipped problem sets. Requests name them; no path is ever made from a request.
#[derive(Debug, Default)]
pub(crate) struct ProblemSets(Vec<Shipped>);

#[derive(Debug)]
struct Shipped {
    listing: ProblemSet,
    text: String,
}

/// A shipped problem set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProblemSetError {
    /// The file cannot be read.
    #[error("cannot read problem set {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file's content is wrong.
    #[error("problem set {path} cannot be used: {message}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

impl ProblemSets {
    /// Reads every `NAME.csv` and `NAME/problems.csv` of a folder, in the order of their names.
    pub(crate) fn read(folder: Option<&Path>) -> Result<Self, ProblemSetError> {
        let Some(folder) = folder else { return Ok(Self::default()) };
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| ProblemSetError::Io { path, source }
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let path = entry.map_err(at(folder))?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let inner = path.join("problems.csv");
            if path.extension().is_some_and(|extension| extension == "csv") {
                files.push((name, path));
            } else if inner.is_file() {
                files.push((name, inner));
            }
        }
        files.sort();
        let shipped = files.into_iter().map(|(name, path)| {
            let text = fs::read_to_string(&path).map_err(at(&path))?;
            let content = |message: String| ProblemSetError::Content { path: path.clone(), message };
            let problems = entries(&text).map_err(content)?;
            Ok(Shipped { listing: ProblemSet { name, suite: "enamel", problems }, text })
        });
        Ok(Self(shipped.collect::<Result<_, _>>()?))
    }

    /// What there is.
    pub(crate) fn listings(&self) -> Vec<ProblemSet> {
        self.0.iter().map(|shipped| shipped.listing.clone()).collect()
    }

    /// The text of one set.
    pub(crate) fn text(&self, name: &str) -> Result<&str, ApiError> {
        let found = self.0.iter().find(|shipped| shipped.listing.name == name);
        found.map(|shipped| shipped.text.as_str()).ok_or_else(|| {
            ApiError::invalid("problem_set", "there is no such problem set").hint("/api/problems lists what there is")
        })
    }
}

fn entries(text: &str) -> Result<Vec<ProblemEntry>, String> {
    let problems = parse_problems(text.as_bytes(), "problems").map_err(|error| error.to_string())?;
    let entry = |problem: Problem| ProblemEntry { task_id: problem.task_id, entry_point: problem.entry_point };
    Ok(problems.into_iter().map(entry).collect())
}
