//! Reading what a comparison needs, by suite.

mod coffe;
mod evalperf;
mod frugal;

use std::path::{Path, PathBuf};

use frugal_flow::compare::{Problem, Samples};
use frugal_guests::ContentKey;

pub(crate) use coffe::{coffe, coffe_functions};
pub(crate) use evalperf::evalperf;
pub(crate) use frugal::{files_of, frugal};

use crate::failure::{Failure, read};

/// Problems as they come, so that a file of any size need not be held.
pub(crate) type Problems = Box<dyn Iterator<Item = Result<Box<dyn Problem>, Failure>> + Send>;

/// What a comparison is made of.
pub(crate) struct Input {
    /// Every task of the benchmark.
    pub(crate) task_ids: Vec<String>,
    /// Names the problems' content.
    pub(crate) problems_sha256: String,
    /// Samples by task.
    pub(crate) samples: Samples,
    /// The problems themselves.
    pub(crate) problems: Problems,
}

/// A model's name: that of its file without the ending.
fn model_name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The same for several files, which must differ.
fn model_names(paths: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = paths.iter().map(|path| model_name(path)).collect();
    match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        Some((_, name)) => {
            Err(Failure::usage(format!("two files of samples are called `{name}`, but files name models"))
                .hint("rename one of them"))
        }
        None => Ok(names),
    }
}

/// Files of a folder that may be missing from it.
struct Folder<'a> {
    path: &'a Path,
    digest: ContentKey,
}

impl<'a> Folder<'a> {
    fn new(path: &'a Path) -> Self {
        Self { path, digest: ContentKey::new("folder") }
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, Failure> {
        let bytes = read(&self.path.join(name))?;
        self.digest = self.digest.clone().part(name.as_bytes()).part(&bytes);
        Ok(bytes)
    }

    fn read_if_there(&mut self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        if self.path.join(name).is_file() { self.read(name).map(Some) } else { Ok(None) }
    }
}
